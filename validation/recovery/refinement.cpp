#include "validation/recovery/refinement.hpp"

#include "recon/refine/field.hpp"
#include "sim/core/elements.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

namespace aet::validation {

using nlohmann::ordered_json;

namespace {

constexpr double pm_per_a = 100.0;

std::vector<int> elements_of(const core::Atoms& atoms) {
  const std::set<int> set(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end());
  return {set.begin(), set.end()};
}

std::vector<int> species_of(const core::Atoms& atoms, const std::vector<int>& elements) {
  std::vector<int> species;
  for (const int z : atoms.atomic_numbers)
    species.push_back(
        static_cast<int>(std::lower_bound(elements.begin(), elements.end(), z) - elements.begin()));
  return species;
}

/// Chance to take an atom for another species, from the distance of their profiles in units of the noise.
double mistake(const recon::AtomEvidence& e) {
  double sum = 0.0;
  for (const double d2 : e.distance2) {
    if (d2 > 0.0) sum += 0.5 * std::erfc(0.5 * std::sqrt(d2) / std::sqrt(2.0));
  }
  return std::min(1.0, sum);
}

ordered_json profiles_json(const recon::Scene& scene, const std::vector<int>& elements) {
  ordered_json list = ordered_json::array();
  for (std::size_t s = 0; s < elements.size(); ++s) {
    ordered_json terms = ordered_json::array();
    for (const recon::GaussianTerm& term : scene.profiles[s].terms)
      terms.push_back({{"weight", term.weight}, {"sigma_a", term.sigma}});
    list.push_back({{"element", core::element_symbol(elements[s])}, {"gaussians", terms}});
  }
  return list;
}

ordered_json noise_json(const recon::NoiseModel& noise, const std::string& source) {
  return {{"gain", noise.gain},
          {"offset", noise.offset},
          {"readout_variance", noise.readout_variance},
          {"source", source}};
}

ordered_json scatter_json(const recon::Scatter& scatter, const std::vector<int>& elements) {
  ordered_json list = ordered_json::array();
  for (std::size_t s = 0; s < scatter.displacement2.size(); ++s) {
    list.push_back({{"element", core::element_symbol(elements[s])},
                    {"displacement_pm", pm_per_a * std::sqrt(scatter.displacement2[s])},
                    {"strength", std::sqrt(scatter.strength2[s])}});
  }
  return list;
}

ordered_json limit_numbers(const recon::Limit& limit) {
  return {
      {"rmsd_pm", pm_per_a * limit.rms_a},
      {"axis_pm",
       {pm_per_a * limit.axis_rms_a.x(), pm_per_a * limit.axis_rms_a.y(), pm_per_a * limit.axis_rms_a.z()}},
      {"method", limit.dense ? "dense inverse" : "stochastic inverse"},
      {"rmsd_error_pm", pm_per_a * limit.rms_error_a}};
}

/// What a refinement estimates beside the positions.
recon::Unknowns unknowns_of(const recon::RefineOptions& options) {
  return {true, options.free.gain, options.free.background, options.free.shift, options.free.angles};
}

/// Before and after: chi-square a pixel and R1 of every tilt by sums of atoms and by the full model.
ordered_json defect_json(const recon::DefectRefinement& d) {
  ordered_json rounds = ordered_json::array();
  for (const recon::DefectRound& r : d.rounds) {
    rounds.push_back({{"source_sd_a", r.source_sd_a},
                      {"chi2_per_pixel", r.chi2_per_pixel},
                      {"moved_pm", pm_per_a * r.moved_a},
                      {"atoms", r.atoms},
                      {"r1", r.r1},
                      {"chi2_of_tilts", r.chi2_of_tilts}});
  }
  return {{"model", "multislice"},
          {"helped", d.helped},
          {"linear_chi2_per_pixel", d.linear_chi2_per_pixel},
          {"linear_r1", d.linear.misfit.r1},
          {"rounds", rounds}};
}

} // namespace

RefinedModel refine_model(const core::TiltSeries& series, const core::Atoms& start,
                          const RefineSettings& settings, core::Threads threads,
                          const core::ProgressSink& progress,
                          const std::function<void(const RefinedModel&)>& refined) {
  RefinedModel model;
  model.elements = elements_of(start);
  const std::vector<int> species = species_of(start, model.elements);
  if (settings.physics) {
    const recon::ForwardModel full = multislice_model(series, model.elements, *settings.physics, threads);
    model.defect = recon::refine_with_correction(series, start.positions, species, settings.refine,
                                                 settings.physics->defect, full, threads, progress);
    model.result = model.defect->result;
  } else {
    model.result = recon::refine(series, start.positions, species, settings.refine, threads, progress);
  }
  const recon::RefineResult& r = model.result;
  const core::TiltSeries& fitted = model.defect ? model.defect->corrected : series;
  const bool posed = settings.refine.free.shift || settings.refine.free.angles;
  model.series = posed ? recon::with_poses(series, r.scene) : series;
  model.atoms.cell = start.cell;
  model.atoms.positions = r.scene.positions;
  std::vector<double>& evidence = model.atoms.columns["evidence"];
  std::vector<double>& occupancy = model.atoms.columns["occupancy"];
  for (std::size_t a = 0; a < r.scene.size(); ++a) {
    const auto s = static_cast<std::size_t>(r.scene.species[a]);
    model.atoms.atomic_numbers.push_back(model.elements[s]);
    evidence.push_back(r.evidence[a].presence);
    occupancy.push_back(r.evidence[a].occupancy);
    if (model.elements.size() > 1)
      model.atoms.columns["probability"].push_back(
          recon::species_probabilities(r.evidence[a], r.dispersion)[s]);
  }
  if (!r.stopped) {
    model.presence = recon::presence_of(r, fitted, settings.refine, threads);
    model.atoms.columns["presence"] = model.presence->probability;
  }
  const std::vector<double> seen = recon::seen_parts(r.scene, model.series);
  constexpr double nearly_all = 0.999;
  constexpr double half = 0.5;
  if (std::any_of(seen.begin(), seen.end(), [](double part) { return part < nearly_all; })) {
    model.atoms.columns["seen"] = seen;
    const auto rarely = std::count_if(seen.begin(), seen.end(), [](double part) { return part < half; });
    if (rarely > 0)
      model.result.notes.push_back(fmt::format(
          "{} of {} atoms lie outside the field of more than half of the images (column seen): their places "
          "are known less well.",
          rarely, seen.size()));
  }
  if (settings.errors && !r.stopped) {
    if (refined) refined(model);
    recon::LimitOptions limit = settings.limit;
    limit.unknowns = unknowns_of(settings.refine);
    model.limit = recon::position_limit(r.scene, r.likelihood(fitted, threads), limit, threads, progress);
    constexpr std::size_t most_checked = 5000; // the check is a refinement once more
    if (r.scene.size() <= most_checked && !r.effective && !r.failed) {
      const recon::Limit by_noise =
          r.scatter.displacement2.empty()
              ? *model.limit
              : recon::position_limit(r.scene,
                                      recon::without(recon::likelihood_of(fitted, r.noise), r.foreign), limit,
                                      threads);
      model.error_check = recon::check_errors(r, fitted, settings.refine, by_noise, threads, progress);
    }
    // Misfit beyond noise and scatter makes the errors larger by its root.
    const double scale = pm_per_a * std::sqrt(r.dispersion);
    const auto factor = [&](std::size_t a) {
      return model.error_check ? model.error_check->factor[static_cast<std::size_t>(r.scene.species[a])]
                               : 1.0;
    };
    constexpr std::array<const char*, 3> names{"sd_x_pm", "sd_y_pm", "sd_z_pm"};
    for (int axis = 0; axis < 3; ++axis) {
      std::vector<double>& column = model.atoms.columns[names[static_cast<std::size_t>(axis)]];
      for (std::size_t a = 0; a < r.scene.size(); ++a) {
        const double variance = model.limit->covariance[a](axis, axis);
        column.push_back(scale * factor(a) * std::sqrt(std::max(0.0, variance)));
      }
    }
  }
  return model;
}

TruthLimit truth_limit(const core::TiltSeries& series, const core::Atoms& truth,
                       const RefineSettings& settings, core::Threads threads,
                       const core::ProgressSink& progress) {
  recon::check(settings.limit); // before the fit, which takes a while
  TruthLimit out;
  out.elements = elements_of(truth);
  recon::RefineOptions fixed = settings.refine;
  fixed.free.positions = false;
  fixed.add = fixed.drop = fixed.flip = false;
  fixed.scatter = false; // the limit is that of the noise
  const recon::RefineResult fit =
      recon::refine(series, truth.positions, species_of(truth, out.elements), fixed, threads, progress);
  out.scene = fit.scene;
  out.noise = fit.noise;
  out.noise_source = fit.noise_source;
  out.chi2_per_pixel = fit.chi2_per_pixel();
  out.contrast_r1 = fit.contrast_r1;
  out.notes = fit.notes;
  out.limit =
      recon::position_limit(fit.scene, fit.likelihood(series, threads), settings.limit, threads, progress);
  if (out.limit.dense) {
    recon::LimitOptions unknown = settings.limit;
    unknown.unknowns = unknowns_of(settings.refine);
    out.unknown =
        recon::position_limit(fit.scene, fit.likelihood(series, threads), unknown, threads, progress);
  }
  for (const recon::AtomEvidence& e : fit.evidence)
    out.expected_misclassified += mistake(e) / static_cast<double>(fit.evidence.size());
  return out;
}

ordered_json refinement_json(const RefinedModel& model) {
  const recon::RefineResult& r = model.result;
  ordered_json history = ordered_json::array();
  for (const recon::RefineStep& s : r.history) {
    history.push_back({{"atoms", s.atoms},
                       {"loss", s.loss},
                       {"moved_pm", pm_per_a * s.rms_a},
                       {"added", s.added},
                       {"dropped", s.dropped},
                       {"flipped", s.flipped}});
  }
  ordered_json tilts = ordered_json::array();
  for (std::size_t t = 0; t < r.scene.tilts.size(); ++t) {
    const recon::TiltState& tilt = r.scene.tilts[t];
    const core::Mat3& turn = tilt.pose.orientation;
    ordered_json rotation = ordered_json::array();
    for (int i = 0; i < 3; ++i)
      rotation.push_back({turn(i, 0), turn(i, 1), turn(i, 2)});
    tilts.push_back({{"r1", r.misfit.r1[t]},
                     {"gain", tilt.gain},
                     {"background", tilt.background},
                     {"shift_a", {tilt.pose.shift.x(), tilt.pose.shift.y()}},
                     {"defocus_a", tilt.defocus},
                     {"rotation", rotation}});
  }
  const double tilts_count = static_cast<double>(r.misfit.r1.size());
  ordered_json j{{"converged", r.converged},
                 {"stopped", r.stopped},
                 {"failed", r.failed},
                 {"atoms", r.scene.size()},
                 {"added", r.added},
                 {"dropped", r.dropped},
                 {"merged", r.merged},
                 {"flipped", r.flipped},
                 {"evidence_threshold", r.threshold},
                 {"dispersion", r.dispersion},
                 {"chi2_per_pixel", r.chi2_per_pixel()},
                 {"r1", std::accumulate(r.misfit.r1.begin(), r.misfit.r1.end(), 0.0) / tilts_count},
                 {"r1_contrast", r.contrast_r1},
                 {"noise", noise_json(r.noise, r.noise_source)},
                 {"correlation_area_pixels", r.correlation_area},
                 {"held_sd_a", r.held_sd_a ? ordered_json(*r.held_sd_a) : ordered_json()},
                 {"profiles", profiles_json(r.scene, model.elements)},
                 {"depth",
                  {{"spread", r.scene.depth.spread},
                   {"focus_a", r.scene.depth.focus},
                   {"fade_per_a", r.scene.depth.fade}}},
                 {"response", {{"saturation", r.scene.response.saturation}}},
                 {"scatter", scatter_json(r.scatter, model.elements)}};
  if (model.presence) {
    j["expected_spurious"] = model.presence->expected_spurious;
    j["expected_missing"] = model.presence->expected_missing;
  }
  if (model.limit) j["limit_at_model"] = limit_numbers(*model.limit);
  if (model.error_check) j["errors_over_curvature"] = model.error_check->factor;
  if (model.defect) j["physics"] = defect_json(*model.defect);
  if (model.elements.size() > 1) {
    double wrong = 0.0;
    for (const recon::AtomEvidence& e : r.evidence)
      wrong += mistake(e) / static_cast<double>(r.evidence.size());
    j["expected_misclassified"] = wrong;
  }
  j["notes"] = r.notes;
  j["history"] = history;
  j["tilts"] = tilts;
  return j;
}

ordered_json limit_json(const TruthLimit& l) {
  ordered_json j = limit_numbers(l.limit);
  if (l.unknown) j["rmsd_pm_all_else_unknown"] = pm_per_a * l.unknown->rms_a;
  j["atoms"] = l.scene.size();
  if (l.elements.size() > 1) j["expected_misclassified"] = l.expected_misclassified;
  j["noise"] = noise_json(l.noise, l.noise_source);
  j["chi2_per_pixel"] = l.chi2_per_pixel;
  j["r1_contrast"] = l.contrast_r1;
  j["notes"] = l.notes;
  j["profiles"] = profiles_json(l.scene, l.elements);
  ordered_json species = ordered_json::array();
  for (std::size_t s = 0; s < l.elements.size(); ++s) {
    double sum = 0.0;
    double count = 0.0;
    for (std::size_t a = 0; a < l.scene.size(); ++a) {
      if (l.scene.species[a] != static_cast<int>(s)) continue;
      sum += l.limit.covariance[a].trace();
      count += 1.0;
    }
    species.push_back({{"element", core::element_symbol(l.elements[s])},
                       {"rmsd_pm", pm_per_a * std::sqrt(std::max(0.0, sum / count))}});
  }
  j["by_species"] = species;
  return j;
}

} // namespace aet::validation
