// The tight support, from a first reconstruction at low resolution.
#include "recon/volume/descent.hpp"
#include "recon/volume/least_squares.hpp"
#include "recon/volume/support.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace aet::recon {

namespace {

/// Every `factor`-th pixel, so that pixel n/2 stays the middle; zero beyond the edge.
core::Image thinned(const core::Image& image, int factor, int n) {
  core::Image out(n, n);
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      const int from_x = image.nx / 2 + factor * (x - n / 2);
      const int from_y = image.ny / 2 + factor * (y - n / 2);
      if (from_x >= 0 && from_x < image.nx && from_y >= 0 && from_y < image.ny) {
        out.at(x, y) = image.at(from_x, from_y);
      }
    }
  }
  return out;
}

/// Non-negative least squares of the thinned-out images.
core::Volume coarse_volume(const Projections& series, double blur, int factor, core::Threads threads) {
  constexpr int iterations = 30; // the outline of a blurred particle is there long before
  int n = series.n / factor + 1;
  n += n % 2;
  std::vector<core::Image> images(series.images.size());
  core::parallel_for(images.size(), threads, [&](std::size_t j, int /*worker*/) {
    images[j] = thinned(smoothed(series.images[j], blur), factor, n);
  });
  Problem problem;
  problem.box = n;
  problem.embed = core::good_fft_size(2 * n);
  problem.fitted = projection_misfit(images, series.orientations, problem.embed, threads);
  DescentOptions options;
  options.iterations = iterations;
  options.momentum = true;
  options.step = 1.0 / largest(problem.fitted.transfer);
  core::Volume out(n, n, n, series.pixel_size * factor);
  const core::AlignedVector<float> everywhere(out.data.size(), 1.0F);
  out.data = descend(problem, everywhere, options, threads, {}).volume;
  return out;
}

double inside_level(const core::Volume& volume) {
  const float top = *std::max_element(volume.data.begin(), volume.data.end());
  std::vector<float> high;
  std::copy_if(volume.data.begin(), volume.data.end(), std::back_inserter(high),
               [top](float v) { return v > 0.5F * top; });
  if (high.empty()) {
    throw core::DataError("no specimen was found for an automatic support: the images sum to nothing; check "
                          "the background or choose the support by hand.");
  }
  const auto middle = high.begin() + static_cast<std::ptrdiff_t>(high.size() / 2);
  std::nth_element(high.begin(), middle, high.end());
  return static_cast<double>(*middle);
}

/// 1 where the coarse volume, interpolated linearly, exceeds a level.
core::AlignedVector<float> outline(const core::Volume& coarse, int factor, int n, double level) {
  const auto edge = static_cast<std::size_t>(n);
  core::AlignedVector<float> out(edge * edge * edge);
  std::size_t i = 0;
  const auto place = [&](int fine) { return static_cast<double>(fine - n / 2) / factor + coarse.nx / 2; };
  for (int z = 0; z < n; ++z) {
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x, ++i) {
        const std::array<double, 3> p{place(x), place(y), place(z)};
        std::array<int, 3> low{};
        std::array<double, 3> part{};
        for (std::size_t a = 0; a < 3; ++a) {
          low[a] = std::clamp(static_cast<int>(std::floor(p[a])), 0, coarse.nx - 2);
          part[a] = std::clamp(p[a] - low[a], 0.0, 1.0);
        }
        double value = 0.0;
        for (int corner = 0; corner < 8; ++corner) {
          const std::array<int, 3> d{corner & 1, (corner >> 1) & 1, corner >> 2};
          double weight = 1.0;
          for (std::size_t a = 0; a < 3; ++a)
            weight *= d[a] == 1 ? part[a] : 1.0 - part[a];
          value += weight * static_cast<double>(coarse.at(low[0] + d[0], low[1] + d[1], low[2] + d[2]));
        }
        out[i] = value > level ? 1.0F : 0.0F;
      }
    }
  }
  return out;
}

} // namespace

core::AlignedVector<float> support_of(Projections& series, const SupportOptions& options,
                                      core::Threads threads) {
  if (options.shape != SupportShape::automatic) return make_support(series.n, options);
  SupportOptions as_cube = options;
  as_cube.shape = SupportShape::cube;
  (void)make_support(8, as_cube); // the same ranges
  constexpr double wanted_blur_a = 2.0;
  const double blur = std::max(1.5, wanted_blur_a / series.pixel_size);
  // A Gaussian of 1.5 pixels sd is sampled well enough for an outline.
  const int factor = std::max(1, static_cast<int>(blur / 1.5));
  const core::Volume coarse = coarse_volume(series, blur, factor, threads);
  core::AlignedVector<float> out =
      distance_to(outline(coarse, factor, series.n, options.threshold * inside_level(coarse)), series.n);
  const double margin = options.margin_a / series.pixel_size;
  double volume = 0.0;
  for (float& v : out) {
    const double depth = margin - static_cast<double>(v);
    if (depth < 0.0) {
      v = 0.0F;
      continue;
    }
    v = depth >= options.edge
            ? 1.0F
            : static_cast<float>(0.5 - 0.5 * std::cos(core::pi * (depth + 1e-6) / options.edge));
    volume += 1.0;
  }
  series.notes.push_back(fmt::format("Support: {:.1f} % of the cube, within {:.3g} A of the outline of a "
                                     "first reconstruction at low resolution.",
                                     100.0 * volume / static_cast<double>(out.size()), options.margin_a));
  return out;
}

} // namespace aet::recon
