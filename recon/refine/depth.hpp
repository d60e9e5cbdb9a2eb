// Whether atoms look different by their height along the beam.
#pragma once

#include "recon/refine/profile_fit.hpp"

namespace aet::recon {

/// The same with the depth model free.
[[nodiscard]] ProfileFitOptions with_depth(ProfileFitOptions options);

/// Fit the change of profiles with height (DepthModel) besides the profiles, in at most 12 of the tilts, with
/// the atoms where they are, and keep it if that is more likely than profiles alone: a probe of 30 mrad blurs
/// atoms 40 angstrom above its focus to twice their width, which shows in particles of a few thousand atoms
/// as false light atoms, too wide profiles and a saturation that is none.
///
/// Asked is for a fall of the half deviance by 10 at least (three parameters gain 8 by chance in one of 1,000
/// cases) and by 1e-5 of it, below which profiles of Gaussians are no description anyway.
/// That takes a noise that is known; effective_noise() is none.
/// \param scene with profiles; takes the fitted ones and the depth model where that is kept, else unchanged.
/// \return whether the depth model is kept.
[[nodiscard]] bool change_with_height(Scene& scene, const SeriesLikelihood& likelihood,
                                      const ProfileFitOptions& options, core::Threads threads);

} // namespace aet::recon
