// Exposures of one tilt: their shifts against each other, drift while they were scanned, and their average.
#pragma once

#include "recon/images/resample.hpp"

#include <cstdint>
#include <vector>

namespace aet::recon {

struct RegisterOptions {
  double max_shift = 0.25; ///< largest shift between two exposures, as part of the image's edge, in (0, 0.5]
  double edge = 0.1;       ///< part of the edge over which images are faded out before correlation, 0..0.5
  bool drift = true;       ///< correct linear drift within the exposures
  /// part of the time from the start of one exposure to the start of the next in which pixels are taken, in
  /// (0, 1]
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
/// the window that fades the images out biases large shifts.
/// \throws DataError if shapes differ, are below 8 x 8, or an image is constant; ConfigError for options out
///   of range. Source: Guizar-Sicairos et al., Opt. Lett. 33, 156 (2008), doi:10.1364/OL.33.000156.
[[nodiscard]] ShiftEstimate find_shift(const core::Image& fixed, const core::Image& moving,
                                       const RegisterOptions& options);

/// Where the exposures of one tilt lie.
struct ExposureShifts {
  /// of each exposure [pixel of the nominal scan], sum zero: features of exposure f lie at their place +
  /// shifts[f]
  std::vector<Vec2> shifts;
  double misfit = 0.0; ///< sum over pairs of |shift of the pair - difference of the two|^2 [pixel^2]
  double lowest_correlation = 1.0; ///< of all pairs
};

/// Find the shifts of all pairs and bring them together by weighted least squares (weight: correlation to the
/// fourth power, pairs that do not fit lose weight).
/// \throws as find_shift(); DataError for no exposures.
[[nodiscard]] ExposureShifts find_exposure_shifts(const std::vector<core::Image>& exposures,
                                                  const RegisterOptions& options);

/// How a specimen drifts, and how well shifts are known: what all tilts of a series have in common.
struct DriftModel {
  double pair_variance = 0.0;  ///< of the shift between two exposures, an axis [pixel^2]
  double speed_variance = 0.0; ///< of the speeds in a tilt about their mean, an axis [(pixel an exposure)^2]
};

/// From how well pairs agree, and from how unequal the steps between exposures are. Two exposures a tilt do
/// not tell: then a fiftieth of a pixel, and constant speed.
[[nodiscard]] DriftModel drift_model(const std::vector<ExposureShifts>& tilts);

struct RegisteredExposures {
  core::Image average;
  /// speed of the specimen while each exposure was scanned [pixel an exposure]; zero where it cannot be told
  /// from the errors of the shifts, and then not taken out
  std::vector<Vec2> drift;
  bool drift_corrected = false;
  /// Pixels of the average (iy nx + ix, rising) that one exposure or more does not show: beyond its edge, or
  /// within a pixel of one that was masked there.
  std::vector<std::uint32_t> masked;
};

/// Average the exposures of one tilt, in the order in which they were taken, each put back by its shift.
///
/// A specimen that drifts moves while an exposure is scanned, too, row by row, which shears the image. Its
/// path is taken for a chain of straight pieces, one an exposure, each of which starts where the last one
/// ended: the speeds follow from the shifts, by Wiener's estimate for speeds that scatter about their mean as
/// the model says. Each exposure is put right for its own speed, where speeds exceed twice their standard
/// error. Images are interpolated by trigonometric polynomials (shifts) or close to it (resample.hpp), which
/// keep white noise white: the average has the variance of one exposure over their number. One exposure is
/// returned as it is, but for the scan matrix.
/// \param masked pixels of each exposure that hold no measurement, as in core::TiltSeries; empty: none. Their
///   values are stand-ins that enter the average but are masked in it.
/// \throws DataError for no exposures, or another number of shifts.
[[nodiscard]] RegisteredExposures
average_exposures(const std::vector<core::Image>& exposures, const ExposureShifts& shifts,
                  const DriftModel& model, const RegisterOptions& options,
                  const std::vector<std::vector<std::uint32_t>>& masked = {});

} // namespace aet::recon
