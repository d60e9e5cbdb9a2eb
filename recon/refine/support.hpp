// Whether a model belongs to a tilt series at all.
#pragma once

#include "recon/refine/profile_fit.hpp"

namespace aet::recon {

/// What the atoms explain of the images, against what the same atoms explain when each is moved by 1.2
/// angstrom in a direction of its own: density and outline stay, the places are chance.
struct Support {
  double explained = 0.0; ///< twice the log likelihood ratio against backgrounds alone
  double chance = 0.0;    ///< mean of the moved models
  double spread = 0.0;    ///< standard deviation of the moved models

  /// Beyond four standard deviations of chance.
  [[nodiscard]] bool above_chance() const { return explained > chance + 4.0 * spread; }
};

/// Profiles are fitted to each as at the start of a refinement, in at most 12 of the tilts. Eight moved
/// models; the same for any number of threads.
/// \param scene positions, species and tilts are used.
[[nodiscard]] Support support_of(const Scene& scene, const SeriesLikelihood& likelihood, int species,
                                 const ProfileFitOptions& options, core::Threads threads);

} // namespace aet::recon
