// Whether a model predicts images that it was not fitted to.
#pragma once

#include "recon/refine/profile_fit.hpp"
#include "recon/scene/restraint.hpp"

#include <cstddef>
#include <vector>

namespace aet::recon {

/// Which images are withheld together: every 8th from the 4th on, then every 8th from another, until there
/// are at least 6 in all; none of fewer than 8 images.
[[nodiscard]] std::vector<std::vector<std::size_t>> withheld_folds(std::size_t tilts);

/// Half deviance of each withheld image, fold after fold, after the scene was fitted to the images outside
/// its fold: positions, profiles, gains and backgrounds there, gains and backgrounds alone in the withheld
/// ones. Models of one series can be compared by it whatever their number of atoms, as by a free R factor.
/// Source of the idea: Brunger, Nature 355, 472 (1992), doi:10.1038/355472a0.
/// \param restraint of the positions while they are fitted.
/// \param likelihood the same for all models that are compared. Of at least 8 tilts.
[[nodiscard]] std::vector<double> withheld_losses(const Scene& scene, const SeriesLikelihood& likelihood,
                                                  const FreeParameters& free,
                                                  const ProfileFitOptions& profile, core::Threads threads,
                                                  const Restraint& restraint = {});

/// Sum of withheld_losses().
[[nodiscard]] double withheld_loss(const Scene& scene, const SeriesLikelihood& likelihood,
                                   const FreeParameters& free, const ProfileFitOptions& profile,
                                   core::Threads threads, const Restraint& restraint = {});

/// What one model predicts better than another, summed over the withheld images, in standard errors of that
/// sum as the images themselves scatter. Of two images or more.
[[nodiscard]] double gain_in_standard_errors(const std::vector<double>& before,
                                             const std::vector<double>& after);

} // namespace aet::recon
