// Non-negative least squares: the volume whose exact projections are nearest to the images.
#pragma once

#include "recon/volume/descent.hpp"
#include "recon/volume/projections.hpp"
#include "recon/volume/quadratic.hpp"
#include "recon/volume/support.hpp"
#include "recon/volume/volume_result.hpp"
#include "sim/core/progress.hpp"

namespace aet::recon {

struct LeastSquaresOptions {
  int iterations = 200; ///< at most, >= 1
  bool positivity = true;
  SupportOptions support; ///< default: the cube of the images
  /// Withhold every so many-th image from a first run and stop the final run, on all images, after as many
  /// iterations as predicted the withheld ones best; 0: do all iterations. In {0} or [3, number of tilts].
  int withheld_every = 8;
  /// Standard deviation of the Gaussians of which the volume is a sum, one at each voxel (blob_basis.hpp)
  /// [angstrom], in [0, 2]; 0: voxels by themselves. Positivity is that of their amplitudes.
  double blob_sd_a = 0.0;
  ProjectionOptions prepare; ///< background and smoothing of the images
};

/// Minimise sum over images and pixels (project(u) - image)^2 over u = support * u >= 0.
///
/// Accelerated projected gradient (FISTA) on the exact normal equations; any orientations. Images are taken
/// to be zero outside their edges (the specimen is wholly in view). In the result r_k and r_free are
/// ||project(u) - image|| / ||image|| over the fitted and over the withheld images (r_free: of the first
/// run); progress counts each of the two runs from 1; counts stay zero; r1_k is the mean over images of
/// sum|calc - obs| / sum|obs|. With blobs the images are weighted (FrequencyWeight), r_k and r_free are those
/// of weighted images, and the final run goes on from where the first stopped (`iterations` counts both).
/// `control` is that of the final run (the first is repeated).
/// \throws as reconstruct() in genfire.hpp. Deterministic for any number of threads.
[[nodiscard]] VolumeResult reconstruct_least_squares(const core::TiltSeries& series,
                                                     const LeastSquaresOptions& options,
                                                     core::Threads threads,
                                                     const core::ProgressSink& progress = {},
                                                     DescentControl control = {});

/// sum over images and pixels (project(u) - image)^2, exact up to rounding, as a misfit for descend().
/// \param images n x n, n even, zero at their borders.
/// \param embed at least 2n, a good FFT size.
/// \param support of the volumes it will be used on, see back_project().
[[nodiscard]] Misfit projection_misfit(const std::vector<core::Image>& images,
                                       const std::vector<core::Mat3>& orientations, int embed,
                                       core::Threads threads, const core::AlignedVector<float>& support = {});

/// Predicted cost for `tilts` images of n x n pixels, if all iterations are done in both runs.
[[nodiscard]] Cost predicted_cost(int n, int tilts, const LeastSquaresOptions& options);

} // namespace aet::recon
