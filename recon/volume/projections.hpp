// From a tilt series as read to square, even, background-free images that the reconstructions take.
#pragma once

#include "recon/images/border_level.hpp"
#include "sim/core/tilt_series.hpp"

#include <string>
#include <vector>

namespace aet::recon {

/// What is taken off the images before reconstruction.
enum class Background {
  automatic, ///< the levels that the series knows; else `border` for a series in counts, `none` otherwise
  none,
  border,    ///< one constant for the whole series, from the image borders
  per_image, ///< a constant for each image, from its own border
};

struct ProjectionOptions {
  Background background = Background::automatic;
  double smoothing = 0.0; ///< sd of a Gaussian that images are convolved with [angstrom], in [0, 10]; 0: none
  /// Edge of the volume, as a multiple of the images' longer edge, in [1, 3]. Above 1 the specimen goes on
  /// beyond the images: what lies outside them is unknown there, not zero.
  double extent = 1.0;
  bool centre = true; ///< move the images by the series' shifts, so that the rotation centre is on pixel n/2
};

/// How a set of images was made ready, in sentences for the report.
struct Projections {
  /// 1 where an image was measured, 0 elsewhere; empty: everywhere, or what was not is known to be zero.
  std::vector<core::Image> known{};
  std::vector<core::Image> images; ///< n x n, n even, background removed; rotation centre on pixel n/2
  std::vector<double> backgrounds; ///< taken off each image
  std::vector<core::Mat3> orientations;
  double pixel_size = 1.0; ///< [angstrom]
  int n = 0;
  std::vector<std::string> notes;
};

/// Convolve with a Gaussian of sd `sigma` pixels (> 0), cut off at 4 sd; outside the image is zero.
[[nodiscard]] core::Image smoothed(const core::Image& image, double sigma);

/// Check a series and make it ready.
///
/// Images that are odd or not square are padded with zeros, after background removal, so that the rotation
/// centre stays where it was; a note says so. Masked pixels are unknown where they are more than a few
/// (`known`): those of a padded frame are, hot pixels were replaced.
/// \throws ConfigError for a smoothing out of range; DataError for fewer than 3 images, images below 8 x 8
/// pixels, NaN, an image that is zero everywhere, or an orientation given twice.
[[nodiscard]] Projections make_projections(const core::TiltSeries& series, const ProjectionOptions& options);

} // namespace aet::recon
