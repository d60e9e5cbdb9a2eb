// The incident wave in Fourier space.
#pragma once

#include "sim/stem/options.hpp"

#include <complex>

namespace aet::stem {

/// What the lens does to one plane-wave component.
class ProbeWave {
public:
  /// \param dq spacing of the Fourier grid the wave will be sampled on [1/angstrom]: the edge of the aperture
  /// is linear over one pixel of it.
  ProbeWave(const ProbeOptions& options, double dq);

  /// Amplitude of component (qx, qy) [1/angstrom] at distance `depth` [angstrom] behind the focus, without
  /// normalisation: aperture x exp(-i chi - i pi lambda depth q^2).
  [[nodiscard]] std::complex<double> operator()(double qx, double qy, double depth) const;

  /// Largest frequency with any amplitude [1/angstrom].
  [[nodiscard]] double q_max() const { return q_aperture_ + dq_; }

private:
  double wavelength_;
  double q_aperture_;
  double dq_;
  AberrationPhase chi_;
};

/// Largest distance from the axis of the rays through the aperture, by geometrical optics, at `depth` behind
/// the focus [angstrom].
[[nodiscard]] double ray_radius(const ProbeOptions& options, double depth);

} // namespace aet::stem
