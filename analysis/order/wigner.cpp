#include "analysis/order/wigner.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdlib>

namespace aet::analysis {
namespace {

double factorial(int n) {
  return std::tgamma(n + 1.0);
}

} // namespace

double wigner_3j_equal(int l, int m1, int m2) {
  const int m3 = -m1 - m2;
  if (std::abs(m3) > l) return 0.0;
  // All three momenta are l, so every difference in Racah's formula is l.
  const double triangle = std::pow(factorial(l), 3) / factorial(3 * l + 1);
  double product = triangle;
  for (const int m : {m1, m2, m3})
    product *= factorial(l - m) * factorial(l + m);
  double sum = 0.0;
  const int first = std::max({0, -m1, m2});
  const int last = std::min({l, l - m1, l + m2});
  for (int t = first; t <= last; ++t) {
    const double below = factorial(t) * factorial(t + m1) * factorial(t - m2) * factorial(l - t) *
                         factorial(l - t - m1) * factorial(l - t + m2);
    sum += (t % 2 == 0 ? 1.0 : -1.0) / below;
  }
  return (m3 % 2 == 0 ? 1.0 : -1.0) * std::sqrt(product) * sum;
}

ThirdOrder::ThirdOrder(int degree) : degree_(degree) {
  if (degree % 2 != 0) return; // the symbol changes sign with every swap of two m: the sum vanishes
  for (int m1 = degree; m1 >= 0; --m1)
    for (int m2 = m1; m2 >= -degree; --m2) {
      const int m3 = -m1 - m2;
      if (m3 > m2 || m3 < -degree) continue;
      const double same = m1 == m2 && m2 == m3 ? 1.0 : m1 == m2 || m2 == m3 ? 3.0 : 6.0;
      terms_.push_back({m1, m2, same * wigner_3j_equal(degree, m1, m2)});
    }
}

double ThirdOrder::operator()(std::span<const double> q) const {
  // Complex coefficient of m > 0 from the real pair; the one of -m is (-1)^m times its conjugate.
  const auto at = [&](int m) -> std::complex<double> {
    if (m == 0) return {q[0], 0.0};
    const auto k = static_cast<std::size_t>(2 * std::abs(m) - 1);
    const std::complex<double> pair = std::complex<double>(q[k], q[k + 1]) * std::sqrt(0.5);
    if (m < 0) return std::conj(pair);
    return m % 2 == 0 ? pair : -pair;
  };
  double norm = 0.0;
  for (const double c : q)
    norm += c * c;
  double sum = 0.0;
  for (const Term& t : terms_)
    sum += t.weight * (at(t.m1) * at(t.m2) * at(-t.m1 - t.m2)).real();
  return sum / std::pow(norm, 1.5);
}

} // namespace aet::analysis
