// The smallest box with edges along the axes that holds some points.
#pragma once

#include "sim/core/atoms.hpp"

#include <span>

namespace aet::core {

struct BoundingBox {
  Vec3 low = Vec3::Zero();
  Vec3 high = Vec3::Zero();

  [[nodiscard]] Vec3 size() const { return high - low; }
};

/// \param points same unit as the result. Without points, the origin alone.
[[nodiscard]] inline BoundingBox bounding_box(std::span<const Vec3> points) {
  if (points.empty()) return {};
  BoundingBox box{points.front(), points.front()};
  for (const Vec3& p : points) {
    box.low = box.low.cwiseMin(p);
    box.high = box.high.cwiseMax(p);
  }
  return box;
}

/// Farther by `margin` on all sides.
[[nodiscard]] inline BoundingBox widened(const BoundingBox& box, double margin) {
  return {box.low - Vec3::Constant(margin), box.high + Vec3::Constant(margin)};
}

} // namespace aet::core
