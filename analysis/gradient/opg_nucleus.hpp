// Where a measured nucleus stands on its way over the barrier: the OPG model beside classical nucleation
// theory.
#pragma once

#include "analysis/gradient/opg_energy.hpp"
#include "analysis/gradient/opg_fit.hpp"

#include <optional>

namespace aet::analysis {

struct NucleusBarrier {
  Barrier opg; ///< of a nucleus that keeps alpha0 and beta while its lambda grows; radius = critical lambda
  Barrier classical;               ///< of a sharp interface with the same alpha0
  std::optional<double> energy_sd; ///< of opg.energy, from the covariance of the fit; none if alpha0 or beta
                                   ///< is on a bound
  double size_over_critical = 0.0; ///< lambda over the critical one: above 1 growth pays
  double free_energy = 0.0;        ///< at the present size
};

/// From the fitted profile without its background (the matrix has no order of its own in the model).
/// \throws ConfigError for energies that are not positive.
[[nodiscard]] NucleusBarrier nucleus_barrier(const ProfileFit& fit, const NucleationEnergies& energies);

/// The profiles of any fitted law while its length parameter grows and the others stay.
/// \param length index of that parameter in the law; parameters named "background" are set to 0.
/// \param extent the profile is cut at extent x length, > 0 (a law that ends at its length: 1).
[[nodiscard]] ProfileFamily family_of(const ProfileModel& model, std::vector<double> parameters,
                                      std::size_t length, double extent);

} // namespace aet::analysis
