// Electrons that one atom throws beyond the outer edge of the detector.
#pragma once

#include <complex>
#include <vector>

namespace aet::stem {

/// A function of the transverse momentum, f(k, phi) = u(k) exp(i m phi).
struct EscapeMode {
  int m = 0;                           ///< angular order
  double strength = 0.0;               ///< escaped fraction of a wave whose overlap with the mode is one
  std::vector<std::complex<double>> u; ///< at k = (j + 1/2) escape_mode_step [angstrom]

  /// u(k), cubic between the samples; 0 beyond the last.
  [[nodiscard]] std::complex<double> operator()(double k) const;
};

inline constexpr double escape_mode_step = 0.25; ///< [1/angstrom]

/// A radial function on quadrature nodes for integrals over the plane: integral = sum weight x value.
struct RadialFunction {
  std::vector<double> r;      ///< [angstrom]
  std::vector<double> weight; ///< 2 pi r dr [angstrom^2]
  std::vector<std::complex<double>> value;
};

/// Modes of the operator that gives, for any smooth wave at the atom, the intensity beyond |k| = `edge` after
/// the atom: escape = sum over modes of strength |<mode, wave>|^2. Radial symmetry makes it diagonal in the
/// angular order, and because scattering that far happens at the nucleus, few modes matter; those below
/// `cutoff` of the strongest are dropped.
/// \param scattered exp(i sigma V) - 1.
/// \param edge [1/angstrom].
[[nodiscard]] std::vector<EscapeMode> escape_modes(const RadialFunction& scattered, double edge,
                                                   double cutoff);

} // namespace aet::stem
