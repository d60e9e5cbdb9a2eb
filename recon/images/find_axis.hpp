// The tilt axis from the images: its angle by the curve that all projections share, its place by the path of
// the specimen.
#pragma once

#include "sim/core/parallel.hpp"
#include "sim/core/tilt_series.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

struct FoundAxis {
  double angle_deg = 0.0;    ///< from y, counterclockwise, in [-90, 90]
  double angle_sd_deg = 0.0; ///< by the jackknife over quarters of the images; 0 where the angle was given
  core::Vec2 position_a =
      core::Vec2::Zero();   ///< of the axis, where it is nearest to pixel (nx/2, ny/2), off that
  double across_sd_a = 0.0; ///< of the axis' distance from there
  double scatter_a = 0.0;   ///< of the images about the path of a specimen that turns about one axis, rms
  std::vector<std::string> notes;
};

/// Find the tilt axis of images of an isolated specimen, whose tilts about it are known.
///
/// Angle: projected onto the axis, all images give one curve (Yang et al. 2017, Nature 542, 75, Methods:
/// common line); the angle is where the curves are most alike, each shifted along the axis as it fits best.
/// It is looked for all around in steps of a degree on images thinned out to 256 pixels, then closely on 512.
/// The tilts are known but for their sign, so that the other direction
/// of the axis is the mirror image of the specimen: the direction is that with a part along +y.
///
/// Place: the centre of mass of the specimen, at x0 and z0 from the axis, lies at d + x0 cos t + z0 sin t
/// across the axis in the image with the tilt t; d is found by least squares. Along the axis every place will
/// do, and the one nearest to the middle of the images is taken. Shifts that the series has do not count.
/// \param series one image a tilt, orientations as tilts about y.
/// \param angle_deg of the axis, where it is known.
/// \throws DataError for fewer than 8 images, tilts over less than 30 degrees, orientations that are no tilts
/// about y, images that have shifts of their own, and where the angle is uncertain by more than 2 degrees.
/// Deterministic for any number of threads.
[[nodiscard]] FoundAxis find_axis(const core::TiltSeries& series, std::optional<double> angle_deg,
                                  core::Threads threads);

} // namespace aet::recon
