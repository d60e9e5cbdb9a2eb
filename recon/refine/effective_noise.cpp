#include "recon/refine/effective_noise.hpp"

#include "recon/images/gaussian.hpp"
#include "sim/core/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

constexpr int reach = 12; // of the autocorrelation [pixel]

/// Sums of products by the rounded distance of the two pixels.
struct RingSums {
  std::array<double, reach + 1> product{};
  std::array<double, reach + 1> offsets{}; ///< number of vectors of that length
};

/// Products of a buffer with itself moved by half of all vectors; the other half gives the same.
RingSums ring_sums(const PixelBuffer& buffer) {
  RingSums sums;
  for (int dy = 0; dy <= reach; ++dy) {
    for (int dx = dy == 0 ? 0 : -reach; dx <= reach; ++dx) {
      const int ring = static_cast<int>(std::lround(std::hypot(dx, dy)));
      if (ring > reach || dy >= buffer.ny || std::abs(dx) >= buffer.nx) continue;
      double product = 0.0;
      for (int y = 0; y + dy < buffer.ny; ++y) {
        const double* here = buffer.row(y);
        const double* there = buffer.row(y + dy) + dx;
        for (int x = std::max(0, -dx); x < std::min(buffer.nx, buffer.nx - dx); ++x)
          product += here[x] * there[x];
      }
      const auto r = static_cast<std::size_t>(ring);
      const double twice = dx == 0 && dy == 0 ? 1.0 : 2.0;
      // Fewer pairs lie in the buffer than pixels.
      const double share =
          (1.0 - static_cast<double>(dy) / buffer.ny) * (1.0 - static_cast<double>(std::abs(dx)) / buffer.nx);
      sums.product[r] += twice * product / share;
      sums.offsets[r] += twice;
    }
  }
  return sums;
}

struct Deviations {
  std::vector<PixelBuffer> buffers; ///< 0 for what is no measurement
  double pixels = 0.0;              ///< that are measurements
};

Deviations deviations(const Scene& scene, const SeriesLikelihood& likelihood, core::Threads threads) {
  Deviations out{model_images(scene, likelihood.series(), threads), 0.0};
  for (std::size_t t = 0; t < out.buffers.size(); ++t) {
    const TiltLikelihood tilt = likelihood.tilt(t);
    std::vector<double>& data = out.buffers[t].data;
    for (std::size_t i = 0; i < data.size(); ++i) {
      const bool measured = tilt.trusted(i);
      data[i] = measured ? tilt.observed(i) - data[i] : 0.0;
      out.pixels += measured ? 1.0 : 0.0;
    }
  }
  return out;
}

} // namespace

EffectiveNoise effective_noise(const std::vector<PixelBuffer>& deviations, double pixels,
                               core::Threads threads) {
  std::vector<RingSums> tilts(deviations.size());
  core::parallel_for(deviations.size(), threads,
                     [&](std::size_t t, int) { tilts[t] = ring_sums(deviations[t]); });
  RingSums all;
  for (const RingSums& one : tilts) {
    for (std::size_t r = 0; r < all.product.size(); ++r) {
      all.product[r] += one.product[r];
      all.offsets[r] = std::max(all.offsets[r], one.offsets[r]);
    }
  }
  const double square = all.product[0];
  if (!(square > 0.0) || !(pixels > 0.0))
    throw core::DataError("the model and the images agree to the last digit; there is no noise to weigh them "
                          "by (give the gain of the detector)");
  EffectiveNoise noise{square / pixels, 1.0};
  constexpr double least_correlation = 0.05;
  for (std::size_t r = 1; r < all.product.size() && all.offsets[r] > 0.0; ++r) {
    const double ring = all.product[r] / square;
    if (ring < least_correlation * all.offsets[r]) break;
    noise.area += ring;
  }
  return noise;
}

EffectiveNoise effective_noise(const Scene& scene, const SeriesLikelihood& likelihood,
                               core::Threads threads) {
  const Deviations found = deviations(scene, likelihood, threads);
  return effective_noise(found.buffers, found.pixels, threads);
}

std::vector<PixelBuffer> smooth_deviations(const Scene& scene, const SeriesLikelihood& likelihood,
                                           double width_a, core::Threads threads) {
  std::vector<PixelBuffer> buffers = deviations(scene, likelihood, threads).buffers;
  const double width = width_a / likelihood.series().pixel_size;
  core::parallel_for(buffers.size(), threads, [&](std::size_t t, int) {
    core::Image image(buffers[t].nx, buffers[t].ny);
    for (std::size_t i = 0; i < image.data.size(); ++i)
      image.data[i] = static_cast<float>(buffers[t].data[i]);
    image = gaussian_smoothed(image, width);
    for (std::size_t i = 0; i < image.data.size(); ++i)
      buffers[t].data[i] = static_cast<double>(image.data[i]);
  });
  return buffers;
}

EffectiveNoise effective_noise(const core::TiltSeries& series, core::Threads threads) {
  std::vector<PixelBuffer> buffers;
  double pixels = 0.0;
  for (const core::Image& image : series.images) {
    PixelBuffer& buffer = buffers.emplace_back(image.nx, image.ny);
    double mean = 0.0;
    for (const float v : image.data)
      mean += static_cast<double>(v) / static_cast<double>(image.data.size());
    for (std::size_t i = 0; i < buffer.data.size(); ++i)
      buffer.data[i] = static_cast<double>(image.data[i]) - mean;
    pixels += static_cast<double>(buffer.data.size());
  }
  return effective_noise(buffers, pixels, threads);
}

} // namespace aet::recon
