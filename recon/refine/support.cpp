#include "recon/refine/support.hpp"

#include "sim/core/random.hpp"

#include <cmath>
#include <cstdint>

namespace aet::recon {

Support support_of(const Scene& scene, const SeriesLikelihood& likelihood, int species,
                   const ProfileFitOptions& options, core::Threads threads) {
  constexpr std::size_t most_tilts = 12;
  constexpr std::uint32_t models = 8;
  constexpr double moved_a = 1.2;
  const std::vector<std::size_t> images = evenly_chosen(scene.tilts.size(), most_tilts);
  const Scene part = with_tilts(scene, images);
  const core::TiltSeries series = core::part_of(likelihood.series(), images);
  const SeriesLikelihood pixels = likelihood.part_of(series, images);
  Support support;
  support.explained = explained_by_profiles(part, pixels, species, options, threads);
  double square = 0.0;
  for (std::uint32_t m = 0; m < models; ++m) {
    core::RandomStream stream(1, "support", {m});
    Scene moved = part;
    for (core::Vec3& p : moved.positions) {
      const core::Vec3 direction(stream.normal(), stream.normal(), stream.normal());
      p += moved_a * direction.normalized();
    }
    const double value = explained_by_profiles(moved, pixels, species, options, threads);
    support.chance += value / models;
    square += value * value / models;
  }
  support.spread = std::sqrt(std::max(0.0, square - support.chance * support.chance));
  return support;
}

} // namespace aet::recon
