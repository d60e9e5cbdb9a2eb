// Student's t and Fisher's F, declared in profile_model.hpp.
#include "analysis/gradient/profile_model.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <cmath>

namespace aet::analysis {
namespace {

/// Regularised incomplete beta function by Lentz's continued fraction (Numerical Recipes, 3rd ed., 6.4).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  if (x > (a + 1.0) / (a + b + 2.0)) return 1.0 - incomplete_beta(b, a, 1.0 - x);
  constexpr double tiny = 1e-300;
  const auto safe = [](double v) { return std::abs(v) < tiny ? tiny : v; };
  double c = 1.0;
  double d = 1.0 / safe(1.0 - (a + b) * x / (a + 1.0));
  double fraction = d;
  for (int m = 1; m < 500; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m));
    d = 1.0 / safe(1.0 + even * d);
    c = safe(1.0 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0));
    d = 1.0 / safe(1.0 + odd * d);
    c = safe(1.0 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1.0) < 1e-15) break;
  }
  const double front =
      std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
  return std::exp(front) * fraction / a;
}

} // namespace

double f_tail(double f, double d1, double d2) {
  if (!(f >= 0.0) || !(d1 > 0.0) || !(d2 > 0.0))
    throw core::ConfigError(fmt::format(
        "F distribution at {} with {} and {} degrees of freedom: they must be positive", f, d1, d2));
  return incomplete_beta(0.5 * d2, 0.5 * d1, d2 / (d2 + d1 * f));
}

double student_t_quantile(double p, int dof) {
  if (!(p > 0.5) || p >= 1.0 || dof < 1)
    throw core::ConfigError(
        fmt::format("Student quantile of p = {} with {} degrees of freedom; p must lie between "
                    "0.5 and 1 and there must be at least 1 degree",
                    p, dof));
  if (dof == 1) return std::tan(core::pi * (p - 0.5));
  if (dof == 2) return (2.0 * p - 1.0) / std::sqrt(2.0 * p * (1.0 - p));
  // Normal quantile by bisection of erfc: a few dozen steps, no table.
  double low = 0.0;
  double high = 40.0;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    (0.5 * std::erfc(middle / std::sqrt(2.0)) > 1.0 - p ? low : high) = middle;
  }
  const double x = 0.5 * (low + high);
  const double x2 = x * x;
  const double v = dof;
  const double g1 = x * (x2 + 1.0) / 4.0;
  const double g2 = x * ((5.0 * x2 + 16.0) * x2 + 3.0) / 96.0;
  const double g3 = x * (((3.0 * x2 + 19.0) * x2 + 17.0) * x2 - 15.0) / 384.0;
  const double g4 = x * ((((79.0 * x2 + 776.0) * x2 + 1482.0) * x2 - 1920.0) * x2 - 945.0) / 92160.0;
  return x + g1 / v + g2 / (v * v) + g3 / (v * v * v) + g4 / (v * v * v * v);
}

} // namespace aet::analysis
