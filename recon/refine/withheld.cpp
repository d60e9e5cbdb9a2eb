#include "recon/refine/withheld.hpp"

#include "recon/scene/newton.hpp"

#include <algorithm>

namespace aet::recon {

namespace {

constexpr std::size_t every = 8;
constexpr std::size_t first = 3;

} // namespace

std::vector<std::size_t> withheld_tilts(std::size_t tilts) {
  std::vector<std::size_t> out;
  if (tilts < every) return out;
  for (std::size_t t = first; t < tilts; t += every)
    out.push_back(t);
  return out;
}

double withheld_loss(const Scene& scene, const SeriesLikelihood& likelihood, const FreeParameters& free,
                     const ProfileFitOptions& profile, core::Threads threads, const Restraint& restraint) {
  const std::vector<std::size_t> withheld = withheld_tilts(scene.tilts.size());
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
  return misfit(fit, withheld_pixels, threads).loss;
}

} // namespace aet::recon
