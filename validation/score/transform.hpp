// Affine maps between the axes of two models, fitted to pairs of points.
#pragma once

#include "sim/core/atoms.hpp"

#include <span>
#include <vector>

namespace aet::validation {

/// x -> linear * x + shift.
struct Transform {
  core::Mat3 linear = core::Mat3::Identity();
  core::Vec3 shift = core::Vec3::Zero(); ///< [angstrom]

  [[nodiscard]] core::Vec3 operator()(const core::Vec3& x) const { return linear * x + shift; }
};

[[nodiscard]] std::vector<core::Vec3> transformed(const Transform& transform,
                                                  std::span<const core::Vec3> points);

/// Two lists of points of equal length; the i-th of one belongs to the i-th of the other.
struct PointPairs {
  std::vector<core::Vec3> from;
  std::vector<core::Vec3> to;
};

/// The shift that minimises sum |from + shift - to|^2; identity for no pairs.
[[nodiscard]] Transform fit_translation(const PointPairs& pairs);

/// The proper rotation and shift that minimise sum |R from + t - to|^2. With fewer than three pairs: the
/// shift alone. Points on a line leave a turn about it open; any of them is returned. Source: Horn, J. Opt.
/// Soc. Am. A 4, 629 (1987), doi:10.1364/JOSAA.4.000629 (unit quaternions).
[[nodiscard]] Transform fit_rigid(const PointPairs& pairs);

/// The affine map that minimises sum |A from + t - to|^2. With fewer than four pairs, or points in one plane:
/// fit_rigid.
[[nodiscard]] Transform fit_affine(const PointPairs& pairs);

/// Angle [radian] of the rotation nearest to the linear part (of a mirrored map: of its negative).
[[nodiscard]] double rotation_angle(const Transform& transform);

/// Largest |principal stretch - 1| of the linear part: 0 for a rotation.
[[nodiscard]] double largest_strain(const Transform& transform);

} // namespace aet::validation
