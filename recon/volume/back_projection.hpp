// Weighted back-projection: the naive baseline.
#pragma once

#include "recon/volume/projections.hpp"
#include "recon/volume/volume_result.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"

namespace aet::recon {

struct BackProjectionOptions {
  /// Frequency [of Nyquist] where the ramp is cut to zero, by a raised cosine over its last fifth, in (0, 1].
  double cutoff = 1.0;
  ProjectionOptions prepare; ///< background and smoothing of the images
};

/// Sum of the ramp-filtered images smeared back along their beams.
///
/// The filter is |f| across the axis about which the orientations turn, found from the orientations (the
/// direction that they move least), and 1 along it; each image counts with the range of angles it stands for.
/// So a single-axis series gets its textbook filtered back-projection, and other series an approximation. The
/// result has the scale of the images where angles cover 180 degrees. In the result r1_k is the mean over
/// images of sum|calc - obs| / sum|obs|; there are no iterations.
/// \throws ConfigError, DataError as reconstruct() in genfire.hpp. Deterministic for any number of threads.
///   Source: Natterer, The Mathematics of Computerized Tomography (1986), V.1.
[[nodiscard]] VolumeResult reconstruct_back_projection(const core::TiltSeries& series,
                                                       const BackProjectionOptions& options,
                                                       core::Threads threads,
                                                       const core::ProgressSink& progress = {});

/// Predicted cost for `tilts` images of n x n pixels.
[[nodiscard]] Cost predicted_cost(int n, int tilts, const BackProjectionOptions& options);

} // namespace aet::recon
