#include "recon/volume/support.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
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
  const double most = options.shape == SupportShape::sphere ? 1.75 : 1.0;
  if (!(options.size > 0.0 && options.size <= most)) {
    throw core::ConfigError(
        fmt::format("the support size must lie in (0, {}] of the image; it is {}.", most, options.size));
  }
  if (!(options.edge >= 0.0 && options.edge <= 0.25 * n)) {
    throw core::ConfigError(
        fmt::format("the support edge must lie in [0, {}] voxels; it is {}.", 0.25 * n, options.edge));
  }
  if (!(options.margin_a >= 0.0 && options.margin_a <= 20.0)) {
    throw core::ConfigError(
        fmt::format("the support margin must lie in [0, 20] A; it is {} A.", options.margin_a));
  }
  if (!(options.threshold > 0.0 && options.threshold < 1.0)) {
    throw core::ConfigError(
        fmt::format("the support threshold must lie in (0, 1); it is {}.", options.threshold));
  }
}

core::AlignedVector<float> checked_mask(int n, const core::Volume& mask) {
  if (mask.nx != n || mask.ny != n || mask.nz != n) {
    throw core::DataError(fmt::format("the support is {} x {} x {} voxels; the images need {} x {} x {}.",
                                      mask.nx, mask.ny, mask.nz, n, n, n));
  }
  const auto [low, high] = std::minmax_element(mask.data.begin(), mask.data.end());
  if (!(*low >= 0.0F && *high <= 1.0F)) {
    throw core::DataError(fmt::format(
        "the support's voxels must lie in [0, 1] (0: outside, 1: inside); they reach from {} to {}.", *low,
        *high));
  }
  if (*high == 0.0F) throw core::DataError("the support is zero everywhere; nothing could be reconstructed.");
  return mask.data;
}

/// Squared distances along one line: lower envelope of the parabolas f(q) + (p - q)^2.
void transform_line(const std::vector<double>& f, std::vector<double>& out) {
  constexpr double far = 1e18; // stands for infinity: differences of two stay finite
  const int n = static_cast<int>(f.size());
  const auto at = [&](int q) { return f[static_cast<std::size_t>(q)]; };
  std::vector<int> vertex(f.size());
  std::vector<double> border(f.size() + 1);
  int last = 0;
  border[0] = -far;
  border[1] = far;
  for (int q = 1; q < n; ++q) {
    const auto meet = [&](int v) {
      return ((at(q) + static_cast<double>(q) * q) - (at(v) + static_cast<double>(v) * v)) / (2.0 * (q - v));
    };
    double s = meet(vertex[static_cast<std::size_t>(last)]);
    while (last > 0 && s <= border[static_cast<std::size_t>(last)]) {
      --last;
      s = meet(vertex[static_cast<std::size_t>(last)]);
    }
    if (s > border[static_cast<std::size_t>(last)]) ++last;
    vertex[static_cast<std::size_t>(last)] = q;
    border[static_cast<std::size_t>(last)] = last == 0 ? -far : s;
    border[static_cast<std::size_t>(last) + 1] = far;
  }
  int k = 0;
  for (int p = 0; p < n; ++p) {
    while (border[static_cast<std::size_t>(k) + 1] < p)
      ++k;
    const int v = vertex[static_cast<std::size_t>(k)];
    out[static_cast<std::size_t>(p)] = at(v) + static_cast<double>(p - v) * (p - v);
  }
}

} // namespace

core::AlignedVector<float> distance_to(const core::AlignedVector<float>& mask, int n) {
  constexpr double far = 1e12;
  const auto edge = static_cast<std::size_t>(n);
  std::vector<double> square(mask.size());
  for (std::size_t i = 0; i < mask.size(); ++i)
    square[i] = mask[i] != 0.0F ? 0.0 : far;
  std::vector<double> line(edge);
  std::vector<double> result(edge);
  for (const std::size_t stride : {std::size_t{1}, edge, edge * edge}) {
    for (std::size_t i = 0; i < square.size(); ++i) {
      if (i / stride % edge != 0) continue; // not the first of its line
      for (std::size_t k = 0; k < edge; ++k)
        line[k] = square[i + k * stride];
      transform_line(line, result);
      for (std::size_t k = 0; k < edge; ++k)
        square[i + k * stride] = result[k];
    }
  }
  core::AlignedVector<float> out(mask.size());
  for (std::size_t i = 0; i < square.size(); ++i) {
    out[i] = square[i] < 0.5 * far ? static_cast<float>(std::sqrt(square[i]))
                                   : std::numeric_limits<float>::infinity();
  }
  return out;
}

core::AlignedVector<float> make_support(int n, const SupportOptions& options) {
  check(n, options);
  if (options.shape == SupportShape::given) return checked_mask(n, options.mask);
  if (options.shape == SupportShape::automatic) {
    throw core::ConfigError("an automatic support is found from images; none are at hand.");
  }
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
