#include "recon/refine/error_check.hpp"

#include "sim/core/random.hpp"

#include <algorithm>
#include <cmath>

namespace aet::recon {

namespace {

/// Images of the model with noise.
core::TiltSeries drawn(const Scene& scene, const core::TiltSeries& like, const NoiseModel& exposure,
                       core::Threads threads) {
  core::TiltSeries out = like;
  const std::vector<PixelBuffer> means = model_images(scene, like, threads);
  core::parallel_for(like.size(), threads, [&](std::size_t t, int) {
    const NoiseModel noise = exposure.of_mean(exposures_of(like, t));
    core::RandomStream random(1, "error check", {static_cast<std::uint32_t>(t)});
    const double readout = std::sqrt(noise.readout_variance);
    for (std::size_t i = 0; i < means[t].data.size(); ++i) {
      double value = means[t].data[i];
      if (noise.gain > 0.0) {
        const double electrons = std::max(0.0, (value - noise.offset) / noise.gain);
        value = noise.offset + noise.gain * static_cast<double>(random.poisson(electrons));
      }
      out.images[t].data[i] = static_cast<float>(value + readout * random.normal());
    }
  });
  return out;
}

} // namespace

ErrorCheck check_errors(const RefineResult& result, const core::TiltSeries& series,
                        const RefineOptions& options, const Limit& promised, core::Threads threads,
                        const core::ProgressSink& progress) {
  constexpr std::size_t enough = 30;
  RefineOptions plain = options;
  plain.add = plain.drop = plain.flip = plain.scatter = false;
  plain.noise = result.noise;
  const core::TiltSeries images = drawn(
      result.scene, with_masked(with_poses(series, result.scene), result.foreign), result.noise, threads);
  const RefineResult again =
      refine(images, result.scene.positions, result.scene.species, plain, threads, progress);
  const std::size_t kinds = result.scene.profiles.size();
  std::vector<double> squares(kinds + 1, 0.0); // the last of all species
  std::vector<std::size_t> counts(kinds + 1, 0);
  for (std::size_t a = 0; a < result.scene.size(); ++a) {
    const core::Vec3 way = again.scene.positions[a] - result.scene.positions[a];
    const core::Vec3 variance = promised.covariance[a].diagonal();
    const double z2 = way.cwiseAbs2().cwiseQuotient(variance).sum();
    for (const std::size_t s : {static_cast<std::size_t>(result.scene.species[a]), kinds}) {
      squares[s] += z2;
      counts[s] += 3;
    }
  }
  ErrorCheck out;
  for (std::size_t s = 0; s < kinds; ++s) {
    const std::size_t of = counts[s] < 3 * enough ? kinds : s;
    out.factor.push_back(std::max(1.0, std::sqrt(squares[of] / static_cast<double>(counts[of]))));
  }
  return out;
}

} // namespace aet::recon
