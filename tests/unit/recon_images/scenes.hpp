// Synthetic images of atom columns, with and without noise.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/random.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace aet::test {

/// Intensity at a place [pixel] of a round particle of columns on a slightly sheared lattice: a smooth,
/// band-limited scene without any symmetry. Columns are Gaussians of sd 1.6 pixels, 5 pixels apart.
inline double columns_at(double x, double y, double middle, double radius) {
  constexpr double spacing = 5.0;
  constexpr double sd = 1.6;
  const double u = x - middle;
  const double v = y - middle;
  double sum = 0.0;
  const int ci = static_cast<int>(std::lround((u - 0.15 * v) / spacing));
  const int cj = static_cast<int>(std::lround(v / spacing));
  for (int j = cj - 3; j <= cj + 3; ++j) {
    for (int i = ci - 4; i <= ci + 4; ++i) {
      const double px = spacing * (i + 0.15 * j);
      const double py = spacing * j;
      if (std::hypot(px + 0.2 * radius * py / radius, py) > radius) continue;
      const double height = 1.0 + 0.4 * std::sin(1.3 * i + 0.7 * j) + 0.3 * std::cos(0.9 * j);
      sum += height * std::exp(-0.5 * (std::pow(u - px, 2) + std::pow(v - py, 2)) / (sd * sd));
    }
  }
  return sum;
}

inline core::Image columns(int n, double scale, double background, double shift_x = 0.0,
                           double shift_y = 0.0) {
  core::Image image(n, n);
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      image.at(x, y) =
          static_cast<float>(background + scale * columns_at(x - shift_x, y - shift_y, n / 2, 0.33 * n));
    }
  }
  return image;
}

/// gain x Poisson(image) + normal(offset, sd), image in electrons.
inline core::Image with_noise(const core::Image& electrons, double gain, double offset, double sd,
                              std::uint32_t key) {
  core::RandomStream random(5, "test noise", {key});
  core::Image out(electrons.nx, electrons.ny);
  for (std::size_t i = 0; i < out.data.size(); ++i) {
    const auto detected = static_cast<double>(random.poisson(static_cast<double>(electrons.data[i])));
    out.data[i] = static_cast<float>(gain * detected + offset + sd * random.normal());
  }
  return out;
}

inline double rms_difference(const core::Image& a, const core::Image& b) {
  double square = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    square += std::pow(static_cast<double>(a.data[i]) - static_cast<double>(b.data[i]), 2);
  return std::sqrt(square / static_cast<double>(a.data.size()));
}

} // namespace aet::test
