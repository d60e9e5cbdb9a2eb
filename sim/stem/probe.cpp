#include "sim/stem/probe.hpp"

#include "sim/core/units.hpp"

#include <algorithm>
#include <cmath>

namespace aet::stem {

ProbeWave::ProbeWave(const ProbeOptions& options, double dq)
    : wavelength_(core::electron_wavelength(options.energy_kv)),
      q_aperture_(options.convergence_mrad * 1e-3 / wavelength_), dq_(dq),
      chi_(aberrations_of(options), wavelength_) {}

std::complex<double> ProbeWave::operator()(double qx, double qy, double depth) const {
  const double q = std::hypot(qx, qy);
  const double aperture = std::clamp((q_aperture_ - q) / dq_ + 0.5, 0.0, 1.0);
  if (aperture == 0.0) return 0.0;
  return std::polar(aperture, -chi_(qx, qy) - core::pi * wavelength_ * depth * q * q);
}

double ray_radius(const ProbeOptions& options, double depth) {
  constexpr int angles = 32;
  double radius = 0.0;
  for (int i = 1; i <= angles; ++i) {
    const double a = options.convergence_mrad * 1e-3 * i / angles;
    const double a2 = a * a;
    const double round = options.c1_a + depth + a2 * angstrom_per_mm * (options.c3_mm + a2 * options.c5_mm);
    radius = std::max(radius, a * (std::abs(round) + options.astigmatism_a));
  }
  return radius;
}

} // namespace aet::stem
