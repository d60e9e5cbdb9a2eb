#include "recon/volume/support.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace aet::recon {

namespace {

/// 1 deeper than `edge` below the surface, 0 above it.
double profile(double depth, double edge) {
  if (depth <= 0.0) return 0.0;
  if (depth >= edge) return 1.0;
  return 0.5 - 0.5 * std::cos(core::pi * depth / edge);
}

void check(int n, const SupportOptions& options) {
  const double most = options.shape == SupportShape::cube ? 1.0 : 1.75;
  if (!(options.size > 0.0 && options.size <= most)) {
    throw core::ConfigError(
        fmt::format("the support size must lie in (0, {}] of the image; it is {}.", most, options.size));
  }
  if (!(options.edge >= 0.0 && options.edge <= 0.25 * n)) {
    throw core::ConfigError(
        fmt::format("the support edge must lie in [0, {}] voxels; it is {}.", 0.25 * n, options.edge));
  }
}

} // namespace

core::AlignedVector<float> make_support(int n, const SupportOptions& options) {
  check(n, options);
  const auto count = static_cast<std::size_t>(n);
  core::AlignedVector<float> out(count * count * count);
  const double radius = 0.5 * options.size * n;
  // Voxels -n/2 ... n/2-1 fill a cube whose middle is half a voxel off the rotation centre.
  const double middle = options.shape == SupportShape::cube ? -0.5 : 0.0;
  std::vector<double> line(count);
  std::vector<double> square(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double x = static_cast<double>(i) - 0.5 * n - middle;
    line[i] = profile(radius - std::abs(x), options.edge);
    square[i] = x * x;
  }
  std::size_t i = 0;
  for (std::size_t z = 0; z < count; ++z) {
    for (std::size_t y = 0; y < count; ++y) {
      for (std::size_t x = 0; x < count; ++x, ++i) {
        const double value =
            options.shape == SupportShape::cube
                ? line[x] * line[y] * line[z]
                : profile(radius - std::sqrt(square[x] + square[y] + square[z]), options.edge);
        out[i] = static_cast<float>(value);
      }
    }
  }
  return out;
}

} // namespace aet::recon
