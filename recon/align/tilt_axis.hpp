// Alignment of a tilt series by what its projections have in common along and across the tilt axis.
#pragma once

#include "recon/volume/projections.hpp"
#include "sim/core/parallel.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

struct TiltAxisOptions {
  bool background = true; ///< find each image's constant background, too
  double blur_a = 1.0; ///< sd of a Gaussian on the curves and images that shifts are found in [angstrom], in
                       ///< [0, 20]
  double mask_level = 0.2; ///< pixels count for the centre of mass above this fraction of the image's blurred
                           ///< maximum, in (0, 1)
  int rounds = 5;          ///< of curves against their mean, >= 1
};

struct TiltAxisResult {
  std::vector<std::array<double, 2>> shifts; ///< of the specimen off the rotation centre [pixel], one a tilt
  std::vector<double> backgrounds;           ///< found in each image [its unit]; zero if not asked for
  std::vector<double> correlations;          ///< of each curve with the mean of all, after alignment
  std::vector<std::string> notes;
};

/// The direction in the images of the specimen's y, which a single tilt axis leaves where it is: the mean
/// over the images, a unit vector; (0, 1) where there is none.
[[nodiscard]] Eigen::Vector2d common_axis(const std::vector<core::Mat3>& orientations);

/// The first image in which the specimen's y lies more than 10 degrees off common_axis(); none where all are
/// tilts about one axis in the image plane.
[[nodiscard]] std::optional<std::size_t> image_off_axis(const std::vector<core::Mat3>& orientations);

/// Shifts of the images of a series with one tilt axis in the image plane, to a fraction of a pixel.
///
/// Along the axis: projected onto the tilt axis, all images of an isolated specimen give one curve, whatever
/// the tilt. Each curve is shifted to the highest correlation with the mean of all, and its background is the
/// constant that raises the correlation most (in closed form: the intercept of a regression on the mean;
/// a slope along the axis, from neighbours or the film, is allowed for); only the background common to all
/// images stays open and is set by their borders. Across the axis: the centre of mass of the largest
/// connected bright region (other particles in view do not count) is put on the axis. The mean of the shifts
/// along the axis is such that the mean curve's centre of mass is in the middle.
/// \param series prepared (square, even). Errors of a few degrees of the axis move results by second order.
/// An axis more than 2 degrees off y is taken where the orientations have it, and what is projected is the
/// disc that fits into the images.
/// \throws ConfigError for options out of range; DataError if the orientations are no tilts about one axis
/// within 10 degrees (image_off_axis()). Source: Yang et al. 2017 (Nature 542, 75), Methods, "GENFIRE
/// reconstruction".
[[nodiscard]] TiltAxisResult align_on_tilt_axis(const Projections& series, const TiltAxisOptions& options,
                                                core::Threads threads);

} // namespace aet::recon
