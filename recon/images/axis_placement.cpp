#include "recon/images/axis_placement.hpp"

#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::recon {

core::TiltSeries with_axis_angle(core::TiltSeries series, double angle_deg) {
  constexpr double half_turn = 180.0;
  if (!(std::abs(angle_deg) <= half_turn)) {
    throw core::ConfigError(
        fmt::format("tilt_axis_deg is {}; allowed is -180 to 180 degrees, counterclockwise "
                    "from y (up) to the tilt axis.",
                    angle_deg));
  }
  if (angle_deg == 0.0) return series;
  const core::Mat3 turn = core::rotation_from_euler({angle_deg * core::radian_per_degree, 0.0, 0.0});
  for (core::Mat3& r : series.orientations)
    r = turn * r;
  return series;
}

core::TiltSeries with_axis_position(core::TiltSeries series, const core::Vec2& position_px) {
  const core::Image& first = series.images.front();
  const core::Vec2 off = position_px - core::Vec2(first.nx / 2, first.ny / 2);
  constexpr double furthest = 10.0; // edges of the image; a typing error beyond
  if (!(off.cwiseAbs().maxCoeff() <= furthest * std::max(first.nx, first.ny))) {
    throw core::ConfigError(fmt::format("tilt_axis_px is {}, {}; a place on the tilt axis in pixels of the "
                                        "images as they were taken, {} x {}, is expected.",
                                        position_px.x(), position_px.y(), first.nx, first.ny));
  }
  series.shifts.assign(series.size(), off * series.pixel_size);
  return series;
}

} // namespace aet::recon
