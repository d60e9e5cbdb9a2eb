#include "recon/refine/withheld.hpp"

#include "recon/scene/newton.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace aet::recon {

namespace {

constexpr std::size_t every = 8;

std::vector<double> losses_of_fold(const Scene& scene, const SeriesLikelihood& likelihood,
                                   const std::vector<std::size_t>& withheld, const FreeParameters& free,
                                   const ProfileFitOptions& profile, core::Threads threads,
                                   const Restraint& restraint) {
  std::vector<std::size_t> fitted;
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    if (std::find(withheld.begin(), withheld.end(), t) == withheld.end()) fitted.push_back(t);
  }
  const core::TiltSeries fitted_series = core::part_of(likelihood.series(), fitted);
  const core::TiltSeries withheld_series = core::part_of(likelihood.series(), withheld);
  const SeriesLikelihood fitted_pixels = likelihood.part_of(fitted_series, fitted);
  const SeriesLikelihood withheld_pixels = likelihood.part_of(withheld_series, withheld);
  // Far enough to forget what the withheld images once told the atoms: steps of up to 0.2 angstrom.
  constexpr int steps = 6;
  NewtonOptions newton;
  newton.restraint = restraint;
  Scene fit = with_tilts(scene, fitted);
  double damping = 1e-3;
  for (int i = 0; i < steps; ++i) {
    if (i % 3 == 0) static_cast<void>(improve_profiles(fit, fitted_pixels, profile, threads));
    if (!newton_step(fit, fitted_pixels, free, newton, damping, threads).accepted) break;
  }
  fit.tilts = with_tilts(scene, withheld).tilts;
  FreeParameters scales;
  scales.positions = false;
  damping = 0.0;
  for (int i = 0; i < steps; ++i) {
    if (!newton_step(fit, withheld_pixels, scales, {}, damping, threads).accepted) break;
  }
  return misfit(fit, withheld_pixels, threads).tilt_loss;
}

} // namespace

std::vector<std::vector<std::size_t>> withheld_folds(std::size_t tilts) {
  constexpr std::size_t enough = 6; // whose scatter tells a gain from luck
  constexpr std::array<std::size_t, every> starts{3, 7, 1, 5, 2, 6, 0, 4};
  std::vector<std::vector<std::size_t>> folds;
  if (tilts < every) return folds;
  std::size_t images = 0;
  for (const std::size_t start : starts) {
    if (images >= enough) break;
    std::vector<std::size_t>& fold = folds.emplace_back();
    for (std::size_t t = start; t < tilts; t += every)
      fold.push_back(t);
    images += fold.size();
  }
  return folds;
}

std::vector<double> withheld_losses(const Scene& scene, const SeriesLikelihood& likelihood,
                                    const FreeParameters& free, const ProfileFitOptions& profile,
                                    core::Threads threads, const Restraint& restraint) {
  std::vector<double> losses;
  for (const std::vector<std::size_t>& fold : withheld_folds(scene.tilts.size())) {
    const std::vector<double> some =
        losses_of_fold(scene, likelihood, fold, free, profile, threads, restraint);
    losses.insert(losses.end(), some.begin(), some.end());
  }
  return losses;
}

double withheld_loss(const Scene& scene, const SeriesLikelihood& likelihood, const FreeParameters& free,
                     const ProfileFitOptions& profile, core::Threads threads, const Restraint& restraint) {
  const std::vector<double> losses = withheld_losses(scene, likelihood, free, profile, threads, restraint);
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

double gain_in_standard_errors(const std::vector<double>& before, const std::vector<double>& after) {
  const auto n = static_cast<double>(before.size());
  double sum = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double gain = before[i] - after[i];
    sum += gain;
    squares += gain * gain;
  }
  const double variance = (squares - sum * sum / n) / (n - 1.0);
  if (variance > 0.0) return sum / std::sqrt(n * variance);
  return sum == 0.0 ? 0.0 : std::copysign(std::numeric_limits<double>::infinity(), sum);
}

} // namespace aet::recon
