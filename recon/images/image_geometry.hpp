// The pixels of a series cut out, added up and put into a larger square, with all that is known of them.
//
// Each of these takes a series by value and works through its images one after the other, so that a series
// that is moved in is never held twice. Pixels stay raw counts. The rotation centre stays where it was on the
// specimen: where it then no longer falls on pixel (nx/2, ny/2), the shifts of the series say so.
#pragma once

#include "sim/core/tilt_series.hpp"

#include <Eigen/Core>

#include <optional>

namespace aet::recon {

/// A window of an image [pixel]; its corner is the first column and row of it, else it is centred:
/// pixel (nx/2, ny/2) becomes pixel (width/2, height/2).
struct CropWindow {
  std::optional<Eigen::Vector2i> corner;
  int width = 0;
  int height = 0;
};

/// \throws ConfigError for a window that reaches beyond the images or has no pixels; DataError if all pixels
/// of a window are masked.
[[nodiscard]] core::TiltSeries cropped(core::TiltSeries series, const CropWindow& window);

/// Sums of n x n pixels, n >= 1; rows and columns left over are cut off evenly, the odd one at the end.
///
/// Counts are added, so that electrons stay electrons: offset and background level grow by n^2, the readout's
/// standard deviation by n, the pixel size by n, and the gain stays. Fractions of the beam
/// (core::Intensity::fraction) are averaged instead. Masked pixels are left out: the sum of the others is
/// scaled up to n^2 pixels, and a sum that lacks more than half of its pixels is masked itself. The variance
/// of a sum that lacks some is up to twice what the noise model says; they are few.
/// \throws ConfigError for n < 1, or one that leaves less than 8 x 8 pixels.
[[nodiscard]] core::TiltSeries binned(core::TiltSeries series, int n);

/// Each image in the middle of a square of edge x edge pixels: pixel (nx/2, ny/2) becomes (edge/2, edge/2).
///
/// What is added is masked, so that no likelihood knows of it; its values are the level of the image's border
/// (border_level()), which volumes subtract and which is nothing to them.
/// \throws ConfigError for an edge below that of the images, or above 32768.
[[nodiscard]] core::TiltSeries padded(core::TiltSeries series, int edge);

} // namespace aet::recon
