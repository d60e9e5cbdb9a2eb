// Whether a model predicts images that it was not fitted to.
#pragma once

#include "recon/refine/profile_fit.hpp"
#include "recon/scene/restraint.hpp"

#include <cstddef>
#include <vector>

namespace aet::recon {

/// Every 8th image, from the 4th on; none of fewer than 8.
[[nodiscard]] std::vector<std::size_t> withheld_tilts(std::size_t tilts);

/// Half deviance of the withheld images after the scene was fitted to the others: positions, profiles, gains
/// and backgrounds there, gains and backgrounds alone in the withheld ones. Models of one series can be
/// compared by it whatever their number of atoms, as by a free R factor. Source of the idea: Brunger, Nature
/// 355, 472 (1992), doi:10.1038/355472a0.
/// \param restraint of the positions while they are fitted.
/// \param likelihood the same for all models that are compared. Of at least 8 tilts.
[[nodiscard]] double withheld_loss(const Scene& scene, const SeriesLikelihood& likelihood,
                                   const FreeParameters& free, const ProfileFitOptions& profile,
                                   core::Threads threads, const Restraint& restraint = {});

} // namespace aet::recon
