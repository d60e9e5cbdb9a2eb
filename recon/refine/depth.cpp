#include "recon/refine/depth.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

namespace aet::recon {

namespace {

/// Profiles at rest, or nearly.
Scene fitted(Scene scene, const SeriesLikelihood& likelihood, const ProfileFitOptions& options,
             core::Threads threads) {
  constexpr int most_steps = 6;
  constexpr double still = 1.0; // fall of the half deviance
  for (int i = 0; i < most_steps && improve_profiles(scene, likelihood, options, threads) >= still; ++i) {
  }
  return scene;
}

/// A change that is neither nothing, where its derivatives vanish, nor far from any that could show: atoms as
/// high as the specimen reaches, in the root mean square, are a seventh wider.
double first_spread(const Scene& scene) {
  double height2 = 0.0;
  for (const core::Vec3& p : scene.positions)
    height2 += p.squaredNorm() / 3.0 / static_cast<double>(scene.size());
  double narrowest = std::numeric_limits<double>::infinity();
  for (const AtomProfile& profile : scene.profiles) {
    for (const GaussianTerm& term : profile.terms)
      narrowest = std::min(narrowest, term.sigma);
  }
  constexpr double part = 0.3;
  return part * narrowest * narrowest / std::max(1.0, height2);
}

} // namespace

ProfileFitOptions with_depth(ProfileFitOptions options) {
  options.depth_spread = options.depth_fade = true;
  return options;
}

bool change_with_height(Scene& scene, const SeriesLikelihood& likelihood, const ProfileFitOptions& options,
                        core::Threads threads) {
  constexpr std::size_t most_tilts = 12;
  const std::vector<std::size_t> some = evenly_chosen(scene.tilts.size(), most_tilts);
  const core::TiltSeries series = core::part_of(likelihood.series(), some);
  const SeriesLikelihood pixels = likelihood.part_of(series, some);
  const Scene without = fitted(with_tilts(scene, some), pixels, options, threads);
  Scene with = without;
  with.depth.spread = first_spread(without);
  with = fitted(std::move(with), pixels, with_depth(options), threads);
  const double before = misfit(without, pixels, threads).loss;
  const double gain = before - misfit(with, pixels, threads).loss;
  constexpr double least = 10.0;
  constexpr double least_part = 1e-5;
  if (gain < std::max(least, least_part * before)) return false;
  scene.profiles = std::move(with.profiles);
  scene.depth = with.depth;
  scene.response = with.response;
  return true;
}

} // namespace aet::recon
