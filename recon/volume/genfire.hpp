// GENFIRE: generalised Fourier iterative reconstruction of a volume from a tilt series.
#pragma once

#include "recon/volume/descent.hpp"
#include "recon/volume/gridding.hpp"
#include "recon/volume/projections.hpp"
#include "recon/volume/support.hpp"
#include "recon/volume/volume_result.hpp"
#include "sim/core/progress.hpp"
#include "sim/core/tilt_series.hpp"

#include <cstdint>

namespace aet::recon {

/// Which measured points are enforced when.
enum class ResolutionSchedule {
  off,                   ///< all, always
  extension,             ///< low resolution first, then higher and higher
  extension_suppression, ///< out to full resolution over the first half, and back in over the second
};

struct GenfireOptions {
  double oversampling = 3.0; ///< padded grid / image size, in [1, 8]; rounded up to a good FFT size
  double threshold = 0.5;    ///< D_th [voxel of the padded grid], in (0, 4]
  GriddingMethod gridding = GriddingMethod::dft; ///< dft is the accurate one
  int iterations = 100;                          ///< >= 1
  bool positivity = true;
  SupportOptions support; ///< default: the cube of the images
  ResolutionSchedule schedule = ResolutionSchedule::off;
  int schedule_steps = 10; ///< resolutions in a schedule, in [2, 100]
  /// Of the measured points, for R_free, in [0, 0.5]. Blocks of them are information that the volume lacks:
  /// 5 % cost 0.0014 of the correlation with the truth of RESIRE's series, 1 % 0.0004.
  double withheld_fraction = 0.01;
  std::uint64_t seed = 1;    ///< chooses the withheld points
  bool momentum = false;     ///< accelerated update: the same limit in fewer iterations
  double stop_change = 0.0;  ///< stop when R_k changes less than this fraction in 10 iterations; 0: never
  int stop_patience = 0;     ///< stop when R_free has not fallen for so many iterations; 0: never
  ProjectionOptions prepare; ///< background and smoothing of the images
  double memory_limit_bytes = 0.0; ///< refuse to start if more is needed; 0: no limit
};

/// Reconstruct the volume whose projections match a tilt series, by GENFIRE.
///
/// Images give the Fourier grid's points near their planes (see gridding.hpp); then, in turn, the volume is
/// made positive and zero outside the support, and its transform takes the measured values again. The update
/// is computed through an equal convolution on a grid of twice the image (see quadratic.hpp).
/// \param series >= 3 images; odd or non-square images are padded; counts have their background removed.
/// \param progress called once an iteration, on the calling thread.
/// \param control where to begin, and who keeps states on the way: begun from a state kept before, with the
///   same series and options, the result is the same to the bit.
/// \throws ConfigError for options out of range, DataError for a series that cannot be used (see
///   projections.hpp). Deterministic for any number of threads. Cost: see predicted_cost(). Source: Pryor et
///   al., Sci. Rep. 7, 10409 (2017), doi:10.1038/s41598-017-09847-1; Yang et al., Nature 542, 75 (2017),
///   doi:10.1038/nature21042.
[[nodiscard]] VolumeResult reconstruct(const core::TiltSeries& series, const GenfireOptions& options,
                                       core::Threads threads, const core::ProgressSink& progress = {},
                                       DescentControl control = {});

/// Predicted cost for `tilts` images of n x n pixels.
/// \throws ConfigError for options out of range.
[[nodiscard]] Cost predicted_cost(int n, int tilts, const GenfireOptions& options);

/// Edge of the padded Fourier grid: the smallest good FFT size >= oversampling x n.
[[nodiscard]] int padded_size(int n, double oversampling);

} // namespace aet::recon
