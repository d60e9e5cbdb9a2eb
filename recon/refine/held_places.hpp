// How firmly atoms are held to the places where they were traced, where the images' noise is unknown.
#pragma once

#include "recon/refine/profile_fit.hpp"
#include "recon/scene/restraint.hpp"

#include <optional>

namespace aet::recon {

/// Each atom held to the nearest of the places, or to where it is if none is within 0.8 angstrom.
/// \param sd standard deviation along each axis, > 0 [angstrom].
[[nodiscard]] Restraint held_to(const std::vector<core::Vec3>& places,
                                const std::vector<core::Vec3>& positions, double sd);

/// The standard deviation, of 0.4, 0.2, 0.1, 0.05 and 0.025 angstrom, with which withheld images are
/// predicted best (withheld_loss()); none if they are predicted better by atoms that are free, or if there
/// are none.
///
/// Deviations that are no counting noise (of denoised images, of a model that is not the specimen) are
/// alike over several pixels. Least squares that take pixels one by one then follow them, while a volume,
/// which was stopped early, did not. The volume has seen the withheld images too, which speaks for its
/// places a little more than they deserve: this errs to the side of what was traced.
/// \param scene with its atoms at the places.
[[nodiscard]] std::optional<double> best_hold(const Scene& scene, const SeriesLikelihood& likelihood,
                                              const FreeParameters& free, const ProfileFitOptions& profile,
                                              core::Threads threads);

} // namespace aet::recon
