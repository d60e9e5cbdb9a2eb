// Physical constants and electron-optical relations. Internal units: angstrom, eV, ps, K, radian.
#pragma once

#include <cmath>
#include <numbers>

namespace aet::core {

inline constexpr double pi = std::numbers::pi;
inline constexpr double radian_per_degree = pi / 180.0;
inline constexpr double pm_per_a = 100.0; ///< picometres

// CODATA 2018 (https://physics.nist.gov/cuu/Constants), in eV, angstrom.
inline constexpr double electron_rest_energy_ev = 510998.95;
inline constexpr double planck_times_c_ev_angstrom = 12398.419843;
inline constexpr double bohr_radius_angstrom = 0.529177210903;
/// e^2 / (4 pi eps0) [eV angstrom]; as a potential prefactor, [V angstrom].
inline constexpr double coulomb_ev_angstrom = 14.399645478;
inline constexpr double boltzmann_ev_per_k = 8.617333262e-5;

/// Relativistic electron wavelength [angstrom] at a beam energy [keV]; 200 kV gives 0.0250793.
[[nodiscard]] inline double electron_wavelength(double energy_kv) {
  const double e = energy_kv * 1e3;
  return planck_times_c_ev_angstrom / std::sqrt(e * (2.0 * electron_rest_energy_ev + e));
}

/// Interaction constant sigma [rad / (V angstrom)] at a beam energy [keV]; 200 kV gives 7.2884e-4.
/// Source: Kirkland, Advanced Computing in Electron Microscopy, eq. 5.6.
[[nodiscard]] inline double interaction_constant(double energy_kv) {
  const double e = energy_kv * 1e3;
  return 2.0 * pi / (electron_wavelength(energy_kv) * e) * (electron_rest_energy_ev + e) /
         (2.0 * electron_rest_energy_ev + e);
}

} // namespace aet::core
