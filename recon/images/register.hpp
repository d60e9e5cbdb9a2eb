// Frames of one tilt: their shifts against each other, drift while they were scanned, and their average.
#pragma once

#include "recon/images/resample.hpp"

#include <vector>

namespace aet::recon {

struct RegisterOptions {
  double max_shift = 0.25; ///< largest shift between two frames, as part of the image's edge, in (0, 0.5]
  double edge = 0.1;       ///< part of the edge over which images are faded out before correlation, 0..0.5
  bool drift = true;       ///< correct linear drift within the frames
  /// part of the time from the start of one frame to the start of the next in which pixels are taken, in (0,
  /// 1]
  double duty = 1.0;
  /// True place of the probe = matrix x nominal place, from a calibration of the scan; the average is drawn
  /// on true places.
  Mat2 scan_matrix = Mat2::Identity();
};

/// How far two images of one scene lie apart.
struct ShiftEstimate {
  Vec2 shift = Vec2::Zero(); ///< of `moving` against `fixed` [pixel]
  double correlation = 0.0;  ///< normalised cross-correlation at that shift, -1..1
};

/// By normalised cross-correlation of the faded-out images; the peak is refined on an upsampled Fourier
/// transform around it (1/20 pixel) and by a parabola through that. Repeated with `moving` put back, since
/// the window that fades the images out biases large shifts. \throws DataError if shapes differ, are below 8
/// x 8, or an image is constant; ConfigError for options out of range. Source: Guizar-Sicairos et al., Opt.
/// Lett. 33, 156 (2008), doi:10.1364/OL.33.000156.
[[nodiscard]] ShiftEstimate find_shift(const core::Image& fixed, const core::Image& moving,
                                       const RegisterOptions& options);

struct RegisteredFrames {
  core::Image average;
  /// shift of each frame [pixel of the nominal scan], sum zero: features of frame f lie at their place +
  /// shifts[f]
  std::vector<Vec2> shifts;
  Vec2 drift = Vec2::Zero();     ///< linear part of the shifts [pixel a frame]
  bool drift_corrected = false;  ///< whether it was large enough to be told from the scatter, and taken out
  double scatter = 0.0;          ///< rms of the shifts about a straight line, per axis [pixel]
  double inconsistency = 0.0;    ///< rms of pairwise shifts against the joint estimate, per axis [pixel]
  double lowest_correlation = 1; ///< of all pairs
};

/// Register frames of one tilt, in the order in which they were taken, and average them.
///
/// The shifts of all pairs are found and brought together by weighted least squares (weight: correlation to
/// the fourth power, pairs that do not fit lose weight). A drift that is linear in time moves the specimen
/// while a frame is scanned as it does from frame to frame, row by row; each frame is put right for that
/// where the drift exceeds twice its standard error. One frame is returned as it is, but for the scan matrix.
/// \throws as find_shift(); DataError for no frames.
[[nodiscard]] RegisteredFrames register_frames(const std::vector<core::Image>& frames,
                                               const RegisterOptions& options);

} // namespace aet::recon
