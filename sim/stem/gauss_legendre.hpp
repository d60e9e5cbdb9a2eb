// Gauss-Legendre quadrature of any order.
#pragma once

#include <vector>

namespace aet::stem {

struct Quadrature {
  std::vector<double> node;
  std::vector<double> weight;
};

/// Exact for polynomials up to degree 2 n - 1 over [from, to]; n >= 1.
[[nodiscard]] Quadrature gauss_legendre(int n, double from, double to);

} // namespace aet::stem
