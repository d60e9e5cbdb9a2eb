#include "sim/stem/aberrations.hpp"

#include "sim/core/units.hpp"

#include <algorithm>
#include <cmath>

namespace aet::stem {

namespace {

constexpr std::size_t powers = 8; ///< of w: m + p is 6 at most

/// 1, w, w^2, ...
std::array<std::complex<double>, powers> powers_of(std::complex<double> w) {
  std::array<std::complex<double>, powers> out;
  out[0] = 1.0;
  for (std::size_t i = 1; i < powers; ++i)
    out[i] = out[i - 1] * w;
  return out;
}

} // namespace

Aberrations sum_of(Aberrations a, const Aberrations& b) {
  for (std::size_t k = 0; k < a.size(); ++k)
    a[k] += b[k];
  return a;
}

Aberrations round_part(Aberrations a) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (aberration_kinds[k].multiplicity > 0) a[k] = 0.0;
  }
  return a;
}

AberrationPhase::AberrationPhase(const Aberrations& aberrations, double wavelength)
    : wavelength_(wavelength) {
  for (std::size_t k = 0; k < aberrations.size(); ++k) {
    const auto& kind = aberration_kinds[k];
    if (aberrations[k] == 0.0) continue;
    terms_.push_back({kind.multiplicity, (kind.order + 1 - kind.multiplicity) / 2,
                      std::conj(aberrations[k]) / (kind.order + 1.0)});
  }
}

double AberrationPhase::operator()(double qx, double qy) const {
  if (terms_.empty()) return 0.0;
  const auto w = powers_of(wavelength_ * std::complex<double>(qx, qy));
  const double r2 = std::norm(w[1]);
  double path = 0.0;
  for (const Term& term : terms_) {
    double value = (term.conjugate * w[static_cast<std::size_t>(term.m)]).real();
    for (int i = 0; i < term.p; ++i)
      value *= r2;
    path += value;
  }
  return 2.0 * core::pi / wavelength_ * path;
}

std::complex<double> AberrationPhase::displacement(double qx, double qy) const {
  // Of F = Re(c w^(m+p) conj(w)^p) the gradient dF/dx + i dF/dy is 2 dF/d(conj w) = p c w^(m+p) conj(w)^(p-1)
  // + (m+p) conj(c) conj(w)^(m+p-1) w^p.
  const auto w = powers_of(wavelength_ * std::complex<double>(qx, qy));
  std::complex<double> sum = 0.0;
  for (const Term& term : terms_) {
    const auto p = static_cast<std::size_t>(term.p);
    const auto mp = static_cast<std::size_t>(term.m) + p;
    if (p > 0) sum += static_cast<double>(p) * term.conjugate * w[mp] * std::conj(w[p - 1]);
    sum += static_cast<double>(mp) * std::conj(term.conjugate * w[mp - 1]) * w[p];
  }
  return sum;
}

double AberrationPhase::largest_displacement(double q_aperture) const {
  constexpr int radii = 12;
  constexpr int azimuths = 24;
  double largest = 0.0;
  for (int r = 1; r <= radii && !terms_.empty(); ++r) {
    for (int a = 0; a < azimuths; ++a) {
      const auto q = std::polar(q_aperture * r / radii, 2.0 * core::pi * a / azimuths);
      largest = std::max(largest, std::abs(displacement(q.real(), q.imag())));
    }
  }
  return largest;
}

} // namespace aet::stem
