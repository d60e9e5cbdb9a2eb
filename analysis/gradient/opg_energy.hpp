// Free energy of a nucleus in the order-parameter-gradient model: critical radius and barrier.
#pragma once

#include <functional>

namespace aet::analysis {

/// Interfaces of Zhou et al. 2019, Extended Data Fig. 9b: alpha(r') for r' <= r, 0 beyond.
enum class Interface {
  sharp,          ///< alpha0 (eq. 2): classical nucleation theory
  linear,         ///< alpha0 (1 - r'/r) (eq. 17)
  parabola_above, ///< alpha0 (1 - (r'/r)^2) (eq. 19)
  parabola_below  ///< alpha0 (1 - r'/r)^2 (eq. 21)
};

/// What drives and what holds back.
struct NucleationEnergies {
  double gamma = 1.0;   ///< interfacial tension of a sharp interface, > 0 [eV / A^2, or any unit]
  double delta_g = 1.0; ///< free energy gained per volume, > 0 [eV / A^3, or the unit that goes with gamma]
};

struct Barrier {
  double critical_radius = 0.0; ///< [angstrom, or gamma / delta_g]
  double energy = 0.0;          ///< [eV, or gamma^3 / delta_g^2]
};

/// Closed forms (Zhou et al. 2019, eq. 15, 16, 18, 20, 22, as exact rationals; eq. 16 prints r^3 where
/// gamma^3 is meant): r* = {2, 8/3, 5/2, 10/3} gamma / delta_g, barrier = {16/3, 256/81, 25/6, 200/81} pi
/// alpha0 gamma^3 / delta_g^2.
/// \throws ConfigError if alpha0, gamma or delta_g is not positive.
[[nodiscard]] Barrier closed_form_barrier(Interface interface, double alpha0,
                                          const NucleationEnergies& energies);

/// Nucleus that keeps alpha0 and beta of alpha0 exp(-(r/lambda)^beta) and changes its size lambda; closed
/// form with gamma functions. The critical radius is the critical lambda.
[[nodiscard]] Barrier generalised_gaussian_barrier(double alpha0, double beta,
                                                   const NucleationEnergies& energies);

/// A family of profiles of growing size.
struct ProfileFamily {
  std::function<double(double r, double at)>
      alpha; ///< order parameter at distance `at` in a nucleus of size r
  std::function<double(double r, double at)> slope; ///< its derivative with respect to `at`
  double extent = 1.0; ///< the profile ends (is 0) beyond extent x r, > 0; a step there counts as interface
};

/// Delta G(r) = -4 pi delta_g int alpha r'^2 dr' + 4 pi gamma int |d alpha / dr'| r'^2 dr' (Zhou et al. 2019,
/// eq. 12).
[[nodiscard]] double nucleus_free_energy(const ProfileFamily& family, double r,
                                         const NucleationEnergies& energies);

/// The size where dG/dr = 0 (Zhou et al. 2019, eq. 14) in [r_low, r_high] and the energy there, for any
/// family.
/// \throws ConfigError for bad bounds; NumericsError if G has no maximum between them.
[[nodiscard]] Barrier solve_barrier(const ProfileFamily& family, const NucleationEnergies& energies,
                                    double r_low, double r_high);

} // namespace aet::analysis
