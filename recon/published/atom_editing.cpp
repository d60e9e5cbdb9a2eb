#include "recon/published/atom_editing.hpp"

#include "sim/core/error.hpp"
#include "sim/core/random.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace aet::recon::published {

namespace {

using Images = std::vector<std::vector<double>>;

Images render_all(const Model& model, const std::vector<RadialProfile>& profiles,
                  const core::TiltSeries& series, core::Threads threads) {
  Images images(series.size());
  core::parallel_for(series.size(), threads,
                     [&](std::size_t j, int) { images[j] = render(model, profiles, series, j); });
  return images;
}

/// Change of the sum of squares if atom `n` were of species `to`.
double flip_gain(const core::TiltSeries& series, const Model& model,
                 const std::vector<RadialProfile>& profiles, const Images& calculated, std::size_t n,
                 std::size_t to) {
  const auto from = static_cast<std::size_t>(model.species[n]);
  const double reach = std::max(profiles[from].reach(), profiles[to].reach());
  double change = 0.0;
  for (std::size_t j = 0; j < series.size(); ++j) {
    visit_pixels(series, j, model.positions[n], reach, [&](std::size_t i, const Eigen::Vector2d&, double u) {
      const double difference =
          model.parameters[to].h * profiles[to](u).value - model.parameters[from].h * profiles[from](u).value;
      const double rest = calculated[j][i] - static_cast<double>(series.images[j].data[i]);
      change += difference * (2.0 * rest + difference);
    });
  }
  return change;
}

void apply_flip(const core::TiltSeries& series, Model& model, const std::vector<RadialProfile>& profiles,
                Images& calculated, std::size_t n, std::size_t to) {
  const auto from = static_cast<std::size_t>(model.species[n]);
  const double reach = std::max(profiles[from].reach(), profiles[to].reach());
  for (std::size_t j = 0; j < series.size(); ++j) {
    visit_pixels(series, j, model.positions[n], reach, [&](std::size_t i, const Eigen::Vector2d&, double u) {
      calculated[j][i] +=
          model.parameters[to].h * profiles[to](u).value - model.parameters[from].h * profiles[from](u).value;
    });
  }
  model.species[n] = static_cast<int>(to);
}

} // namespace

FlipResult flip_atoms(const core::TiltSeries& series, const Model& start, const FlipOptions& options,
                      core::Threads threads) {
  if (options.max_sweeps < 1 || options.max_sweeps > 1000) {
    throw core::ConfigError(
        fmt::format("atom flipping: max_sweeps is {}; allowed is 1 to 1000", options.max_sweeps));
  }
  check_series(series, start);
  std::vector<std::size_t> atoms = options.atoms;
  if (atoms.empty()) {
    atoms.resize(start.positions.size());
    std::iota(atoms.begin(), atoms.end(), std::size_t{0});
  }
  for (const std::size_t n : atoms) {
    if (n >= start.positions.size()) {
      throw core::ConfigError(
          fmt::format("atom flipping: atom {} of a model of {}", n, start.positions.size()));
    }
  }
  FlipResult result;
  result.model = start;
  while (result.sweeps < options.max_sweeps && !result.settled) {
    fit_scale(result.model, series, threads);
    const auto profiles = profiles_of(result.model);
    Images calculated = render_all(result.model, profiles, series, threads);
    core::RandomStream random(options.seed, "published.flip", {static_cast<std::uint32_t>(result.sweeps)});
    for (std::size_t i = atoms.size(); i > 1; --i)
      std::swap(atoms[i - 1], atoms[static_cast<std::size_t>(random.uniform() * static_cast<double>(i))]);
    std::size_t flips = 0;
    for (const std::size_t n : atoms) {
      double least = 0.0;
      auto best = static_cast<std::size_t>(result.model.species[n]);
      for (std::size_t to = 0; to < profiles.size(); ++to) {
        if (to == static_cast<std::size_t>(result.model.species[n])) continue;
        const double change = flip_gain(series, result.model, profiles, calculated, n, to);
        if (change < least) {
          least = change;
          best = to;
        }
      }
      if (best == static_cast<std::size_t>(result.model.species[n])) continue;
      apply_flip(series, result.model, profiles, calculated, n, best);
      ++flips;
    }
    ++result.sweeps;
    result.flips += flips;
    result.settled = flips == 0;
  }
  for (std::size_t n = 0; n < start.species.size(); ++n) {
    if (start.species[n] != result.model.species[n]) result.changed.push_back(n);
  }
  return result;
}

AddResult add_atoms(const core::TiltSeries& series, const Model& sure,
                    const std::vector<Candidate>& candidates, int shape_steps, core::Threads threads) {
  if (shape_steps < 0 || shape_steps > 100) {
    throw core::ConfigError(fmt::format("adding atoms: shape_steps is {}; allowed is 0 to 100", shape_steps));
  }
  check_series(series, sure);
  AddResult result;
  result.order.resize(candidates.size());
  std::iota(result.order.begin(), result.order.end(), std::size_t{0});
  std::stable_sort(result.order.begin(), result.order.end(), [&](std::size_t a, std::size_t b) {
    return candidates[a].intensity > candidates[b].intensity;
  });
  const GradientOptions shape;
  Model model = sure;
  fit_scale(model, series, threads);
  result.error.push_back(fit_shapes(model, series, shape, std::max(shape_steps, 5), threads));
  result.model = model;
  for (std::size_t i = 0; i < result.order.size(); ++i) {
    model.positions.push_back(candidates[result.order[i]].position);
    model.species.push_back(0);
    const double error = fit_shapes(model, series, shape, shape_steps, threads);
    if (error < *std::min_element(result.error.begin(), result.error.end())) {
      result.taken = i + 1;
      result.model = model;
    }
    result.error.push_back(error);
  }
  return result;
}

} // namespace aet::recon::published
