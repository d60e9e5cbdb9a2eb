// Cubic interpolation in tables with equal steps.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace aet::stem {

/// Four neighbours of a position and their Lagrange weights; at the ends of the table the stencil stays
/// inside.
struct CubicStencil {
  std::size_t first = 0;
  std::array<double, 4> weight{};

  /// \param x position in units of the step, 0..count - 1.
  /// \param count of the table, >= 4.
  CubicStencil(double x, int count) {
    const int start = std::clamp(static_cast<int>(x) - 1, 0, count - 4);
    first = static_cast<std::size_t>(start);
    const double t = x - start;
    weight = {-(t - 1.0) * (t - 2.0) * (t - 3.0) / 6.0, t * (t - 2.0) * (t - 3.0) / 2.0,
              -t * (t - 1.0) * (t - 3.0) / 2.0, t * (t - 1.0) * (t - 2.0) / 6.0};
  }
};

/// Value of an even function at x >= 0 (in steps) from its samples at 0, 1, 2, ...
template <class Value> Value interpolate_even(const std::vector<Value>& samples, double x) {
  const auto i = static_cast<std::ptrdiff_t>(x);
  const double t = x - static_cast<double>(i);
  const auto at = [&samples](std::ptrdiff_t j) { return samples[static_cast<std::size_t>(std::abs(j))]; };
  return at(i - 1) * (-t * (t - 1.0) * (t - 2.0) / 6.0) + at(i) * ((t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0) +
         at(i + 1) * (-(t + 1.0) * t * (t - 2.0) / 2.0) + at(i + 2) * ((t + 1.0) * t * (t - 1.0) / 6.0);
}

} // namespace aet::stem
