// Displacements of atoms from image to image that a static model cannot have, and what they cost.
#pragma once

#include "recon/refine/limit.hpp"

namespace aet::recon {

/// Displacement of each atom in each image, of its own, along x' and y'.
struct Motion {
  double rms_a = 0.0;   ///< standard deviation along one axis [angstrom]; 0 if the images show none
  double error_a = 0.0; ///< standard error of rms_a^2, over 2 rms_a [angstrom]; 0 where rms_a is
  /// RMSD that the static estimate has with both noise and this motion [angstrom].
  double expected_rmsd_a = 0.0;
};

/// With independent displacements of variance u^2 the gradient of the likelihood of image t has the variance
/// tr F_t + u^2 |F_t|^2 (F_t: information of the atoms' places in that image, |.| the Frobenius norm), so
/// that u follows from the gradients' squares; F_t enters by random vectors alone. An image taken with one
/// frozen phonon configuration shows such motion; so does any error of the profiles that differs from image
/// to image. The estimate averages it over the tilts: its covariance is H^-1 (H + u^2 sum F_t^2) H^-1.
/// \param scene at the maximum of the likelihood.
/// \param limit at this scene.
/// \param probes random vectors.
/// Deterministic for any number of threads.
[[nodiscard]] Motion unexplained_motion(const Scene& scene, const SeriesLikelihood& likelihood,
                                        const Limit& limit, int probes, std::uint64_t seed,
                                        core::Threads threads);

} // namespace aet::recon
