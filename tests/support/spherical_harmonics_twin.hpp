// Bond order the slow, plain way: angles, std::sph_legendre and complex numbers.
#pragma once

#include "sim/core/atoms.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace aet::test {

/// q_lm, m = -l .. l, of one atom: mean of Y_lm over its bonds.
inline std::vector<std::complex<double>> bond_mean_twin(int l, const std::vector<core::Vec3>& bonds) {
  std::vector<std::complex<double>> q(static_cast<std::size_t>(2 * l + 1));
  for (const core::Vec3& b : bonds) {
    const double theta = std::acos(std::clamp(b.z() / b.norm(), -1.0, 1.0));
    const double phi = std::atan2(b.y(), b.x());
    for (int m = -l; m <= l; ++m) {
      const double p = std::sph_legendre(static_cast<unsigned>(l), static_cast<unsigned>(std::abs(m)), theta);
      const double sign = m < 0 && m % 2 != 0 ? -1.0 : 1.0;
      q[static_cast<std::size_t>(m + l)] +=
          sign * p * std::polar(1.0, m * phi) / static_cast<double>(bonds.size());
    }
  }
  return q;
}

inline double invariant_twin(int l, const std::vector<std::complex<double>>& q) {
  double sum = 0.0;
  for (const auto& c : q)
    sum += std::norm(c);
  return std::sqrt(4.0 * std::numbers::pi / (2.0 * l + 1.0) * sum);
}

} // namespace aet::test
