// Electrons that one vibrating atom throws beyond the detector, or spreads inside its hole, on average.
#pragma once

#include <Eigen/Core>

#include <complex>
#include <vector>

namespace aet::stem {

/// A function of the transverse momentum, f(k, phi) = u(k) exp(i m phi).
struct AtomMode {
  int m = 0;                           ///< angular order
  double strength = 0.0;               ///< fraction of a wave whose overlap with the mode is one
  std::vector<std::complex<double>> u; ///< at k = (j + 1/2) atom_mode_step [angstrom]

  /// u(k), cubic between the samples; 0 beyond the last.
  [[nodiscard]] std::complex<double> operator()(double k) const;
};

inline constexpr double atom_mode_step = 0.25; ///< [1/angstrom]

/// A radial function on quadrature nodes for integrals over the plane: integral = sum weight x value.
struct RadialFunction {
  std::vector<double> r;      ///< [angstrom]
  std::vector<double> weight; ///< 2 pi r dr [angstrom^2]
  std::vector<std::complex<double>> value;
};

/// A function of the atom, moved at random by a normal distribution: its mean over the displacements.
/// \param u_rms along one axis [angstrom], 0..0.5.
[[nodiscard]] RadialFunction blurred(const RadialFunction& f, double u_rms);

/// Modes of two operators, each of which gives an intensity for any smooth wave at the atom: the sum over its
/// modes of strength |<mode, wave>|^2.
struct AtomModes {
  /// Intensity beyond |k| = outer after the atom, mean over its displacements. Scattering that far happens at
  /// the nucleus.
  std::vector<AtomMode> beyond;
  /// Intensity inside |k| = inner that the mean wave after the atom does not hold: thermal diffuse scattering
  /// into the hole of the detector. None without displacements.
  std::vector<AtomMode> diffuse;
};

/// What scattering by one atom at rest makes of any two waves, for each angular order: radial symmetry makes
/// both operators diagonal in it.
struct AtomOperators {
  RadialFunction scattered; ///< exp(i sigma V) - 1
  double inner = 0.0;       ///< edge of the hole [1/angstrom]
  /// Intensity beyond the outer edge, and inside the inner one, between any two incident momenta.
  std::vector<Eigen::MatrixXcd> beyond, hole;
};

/// \param inner, outer edges of the detector [1/angstrom].
[[nodiscard]] AtomOperators atom_operators(const RadialFunction& scattered, double inner, double outer);

struct AtomModeOptions {
  double u_rms = 0.0; ///< displacement along one axis [angstrom], 0..0.5
  /// Modes weaker than these, relative to the strongest of their kind, are left out.
  double beyond_cutoff = 0.01, diffuse_cutoff = 0.03;
};

/// A displacement d multiplies the matrix element between incident momenta k and k' by
/// exp(2 pi i (k - k') d), so the mean multiplies it by exp(-2 pi^2 u^2 |k - k'|^2), which mixes angular
/// orders by modified Bessel functions; the mean wave is that of the blurred scattering function. Source of
/// the idea: Allen, Findlay, Oxley & Rossouw, Ultramicroscopy 96, 47 (2003),
/// doi:10.1016/S0304-3991(02)00380-7.
[[nodiscard]] AtomModes atom_modes(const AtomOperators& at_rest, const AtomModeOptions& options);

} // namespace aet::stem
