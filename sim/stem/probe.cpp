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
  Aberrations aberrations = aberrations_of(options);
  aberrations[aberration_number("C1")] += depth;
  const double wavelength = core::electron_wavelength(options.energy_kv);
  return AberrationPhase(aberrations, wavelength)
      .largest_displacement(options.convergence_mrad * 1e-3 / wavelength);
}

} // namespace aet::stem
