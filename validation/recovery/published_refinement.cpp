#include "validation/recovery/published_refinement.hpp"

#include "recon/volume/projections.hpp"
#include "sim/core/elements.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace aet::validation {

using nlohmann::json;
namespace published = recon::published;

namespace {

core::TiltSeries without_background(const core::TiltSeries& series) {
  // Whatever the unit: a constant left in the images would be fitted by atoms without bound in B.
  recon::ProjectionOptions options;
  options.background = recon::Background::border;
  recon::Projections prepared = recon::make_projections(series, options);
  core::TiltSeries clean = series;
  clean.images = std::move(prepared.images);
  clean.orientations = std::move(prepared.orientations);
  clean.shifts.clear(); // the images were moved
  clean.masked.clear();
  return clean;
}

/// Atoms whose species is looked at: the doubtful ones, or all where nothing says how sure they are.
std::vector<std::size_t> atoms_to_flip(const core::Atoms& atoms, const PublishedOptions& options) {
  std::vector<std::size_t> list;
  const auto column = atoms.columns.find("probability");
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (column == atoms.columns.end() || column->second[i] < options.borderline_probability)
      list.push_back(i);
  }
  return list;
}

void take_candidates(const core::TiltSeries& series, const core::Atoms& candidates, core::Threads threads,
                     core::Atoms& atoms, published::Model& model, published::AddResult& added) {
  std::vector<published::Candidate> list;
  const auto column = candidates.columns.find("intensity");
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const double intensity =
        column != candidates.columns.end() ? column->second[i] : -static_cast<double>(i); // as listed
    list.push_back({candidates.positions[i], intensity});
  }
  added = published::add_atoms(series, model, list, 1, threads);
  model = added.model;
  for (std::size_t i = 0; i < added.taken; ++i) {
    atoms.positions.push_back(candidates.positions[added.order[i]]);
    atoms.atomic_numbers.push_back(model.parameters.front().element);
    for (auto& [name, values] : atoms.columns) {
      const auto same = candidates.columns.find(name);
      values.push_back(same != candidates.columns.end() ? same->second[added.order[i]] : 0.0);
    }
  }
}

} // namespace

PublishedRefinement refine_published(const core::TiltSeries& series, const core::Atoms& start,
                                     const core::Atoms& candidates, const PublishedOptions& options,
                                     core::Threads threads, const core::ProgressSink& progress) {
  PublishedRefinement result;
  result.atoms = start;
  result.candidates = candidates.size();
  published::Model model = published::model_of(start);
  published::check_series(series, model);
  const core::TiltSeries clean = without_background(series);
  published::fit_scale(model, clean, threads);
  (void)published::fit_shapes(model, clean, options.gradient, options.gradient.shape_steps, threads);
  if (candidates.size() > 0) take_candidates(clean, candidates, threads, result.atoms, model, result.added);

  published::FlipOptions flips;
  flips.atoms = atoms_to_flip(result.atoms, options);
  flips.seed = options.seed;
  const bool flip = options.flip && model.parameters.size() > 1 && !flips.atoms.empty();
  if (flip) {
    result.first_flips = published::flip_atoms(clean, model, flips, threads);
    model = result.first_flips.model;
  }
  result.gradient = published::refine_gradient(clean, model, options.gradient, threads, progress);
  if (flip) {
    result.last_flips = published::flip_atoms(clean, result.gradient.model, flips, threads);
    result.gradient.model = result.last_flips.model;
    result.gradient.r = published::r_factors(result.gradient.model, clean, threads);
  }
  result.atoms.positions = result.gradient.model.positions;
  for (std::size_t i = 0; i < result.atoms.size(); ++i) {
    const auto s = static_cast<std::size_t>(result.gradient.model.species[i]);
    result.atoms.atomic_numbers[i] = result.gradient.model.parameters[s].element;
  }
  for (const auto& p : result.gradient.model.parameters) {
    if (p.b_a2 > options.gradient.least_b_a2 && p.b_a2 < options.gradient.most_b_a2) continue;
    const bool sharp = p.b_a2 <= options.gradient.least_b_a2;
    result.notes.push_back(
        fmt::format("B of {} ended at its bound of {} A^2: {}", core::element_symbol(p.element), p.b_a2,
                    sharp ? "the images are sharper than this model of an atom allows"
                          : "the images are smoother than atoms; was the background removed?"));
  }
  return result;
}

json published_json(const PublishedRefinement& r) {
  json j;
  j["method"] = "published";
  j["atoms"] = r.atoms.size();
  j["moved_rms_pm"] = 100.0 * r.gradient.moved_rms_a;
  j["r1"] = r.gradient.r.r1;
  j["r1_of_image"] = r.gradient.r.r1_of_image;
  j["r_fourier"] = r.gradient.r.r_fourier;
  j["error_before"] = r.gradient.error_before;
  j["error_of_round"] = r.gradient.error;
  j["species"] = json::array();
  for (const auto& p : r.gradient.model.parameters)
    j["species"].push_back({{"element", core::element_symbol(p.element)},
                            {"h", p.h},
                            {"b_a2", p.b_a2},
                            {"b_iso_a2", 4.0 * p.b_a2}});
  const auto flips = [](const published::FlipResult& f) {
    return json{
        {"sweeps", f.sweeps}, {"flips", f.flips}, {"changed", f.changed.size()}, {"settled", f.settled}};
  };
  j["flips_before"] = flips(r.first_flips);
  j["flips_after"] = flips(r.last_flips);
  j["candidates"] = r.candidates;
  j["candidates_taken"] = r.added.taken;
  j["notes"] = r.notes;
  j["error_of_candidates"] = r.added.error;
  return j;
}

} // namespace aet::validation
