#include "sim/stem/gauss_legendre.hpp"

#include "sim/core/units.hpp"

#include <cmath>

namespace aet::stem {

Quadrature gauss_legendre(int n, double from, double to) {
  Quadrature out;
  const double middle = 0.5 * (from + to);
  const double half = 0.5 * (to - from);
  for (int i = 0; i < n; ++i) {
    // Newton's method on the Legendre polynomial; the start is within a few per cent of the root's spacing.
    double x = -std::cos(core::pi * (i + 0.75) / (n + 0.5));
    double slope = 1.0;
    constexpr int newton_steps = 8; // quadratic convergence: 4 are enough from this start
    for (int step = 0; step < newton_steps; ++step) {
      double before = 0.0;
      double p = 1.0;
      for (int k = 1; k <= n; ++k) {
        const double next = ((2.0 * k - 1.0) * x * p - (k - 1.0) * before) / k;
        before = p;
        p = next;
      }
      slope = n * (x * p - before) / (x * x - 1.0);
      x -= p / slope;
    }
    out.node.push_back(middle + half * x);
    out.weight.push_back(half * 2.0 / ((1.0 - x * x) * slope * slope));
  }
  return out;
}

} // namespace aet::stem
