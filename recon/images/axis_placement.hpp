// Where the tilt axis lies in the images: its angle goes into the orientations, its place into the shifts,
// and no pixel is resampled.
#pragma once

#include "sim/core/tilt_series.hpp"

#include <optional>

namespace aet::recon {

/// The tilt axis of a series, as far as it is given; the rest is as the series says (for bare tilt angles:
/// along y, through pixel (nx/2, ny/2)).
struct AxisPlacement {
  /// From y to the axis, counterclockwise as images are drawn with x to the right and y upwards, -180 to 180
  /// [degree]: 90 is an axis along x that points to -x. Angles 180 apart are one line with the tilts
  /// reversed, which gives the mirror image of the specimen.
  std::optional<double> angle_deg;
  /// A place on the axis in the images as they were taken [pixel, (0, 0) the middle of the first].
  std::optional<core::Vec2> position_px;
  bool find = false; ///< find what is not given from the images (find_axis.hpp)
};

/// The series with the specimen turned about the beam, by `angle_deg` against what its orientations say:
/// R' = Rz(angle) R. The specimen's y stays the axis of the tilts.
/// \throws ConfigError for an angle that is not within -180 to 180.
[[nodiscard]] core::TiltSeries with_axis_angle(core::TiltSeries series, double angle_deg);

/// The series with the rotation centre at this place in all images; shifts that it had are replaced.
/// \throws ConfigError for a place that is not within 10 times the images' edges of their middle.
[[nodiscard]] core::TiltSeries with_axis_position(core::TiltSeries series, const core::Vec2& position_px);

} // namespace aet::recon
