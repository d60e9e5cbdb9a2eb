// The shape of the atoms in the images, found from the images.
#pragma once

#include "recon/scene/linear_model.hpp"

namespace aet::recon {

struct ProfileFitOptions {
  int terms = 3;             ///< most Gaussians a species, 1..4
  double narrowest_a = 0.15; ///< least width tried [angstrom], > 0
  double widest_a = 1.4;     ///< largest width tried [angstrom], > narrowest_a
  bool depth_spread = false; ///< fit the change of width with height
  bool depth_fade = false;   ///< fit the change of strength with height
  bool response = true;      ///< fit the saturation of the signal
};

/// \throws ConfigError naming the option out of range.
void check(const ProfileFitOptions& options);

/// Start without any knowledge of the shape: the weights of a dictionary of widths (steps of a quarter) and
/// the backgrounds of all tilts by non-negative least squares, then neighbours merged until at most
/// options.terms are left. Positions, gains and rotations of the scene are kept, profiles and backgrounds
/// replaced.
/// \param species number of species.
/// \throws DataError if the images hold nothing that the atoms explain; the scene's profiles are then
/// undefined. Source of the method: Lawson & Hanson, Solving Least Squares Problems (1974), ch. 23.
void start_profiles(Scene& scene, const SeriesLikelihood& likelihood, int species,
                    const ProfileFitOptions& options, core::Threads threads);

/// What start_profiles() can explain of the images with the atoms where they are: twice the log likelihood
/// ratio against backgrounds alone.
[[nodiscard]] double explained_by_profiles(const Scene& scene, const SeriesLikelihood& likelihood,
                                           int species, const ProfileFitOptions& options,
                                           core::Threads threads);

/// One damped Gauss-Newton step over weights and widths of all profiles, depth model and response where asked
/// for, and backgrounds; positions are kept. Gaussians wider than 0.9 angstrom weigh a third of a profile at
/// most, here and at the start, unless the profile is wide as a whole.
/// \return fall of the loss, 0 if no step helps.
double improve_profiles(Scene& scene, const SeriesLikelihood& likelihood, const ProfileFitOptions& options,
                        core::Threads threads);

} // namespace aet::recon
