// Stage orientations. Convention: R active and right-handed, r' = R r, image integrated over z'.
#pragma once

#include "sim/core/atoms.hpp"

namespace aet::core {

/// Euler angles [radian] of R = Rz(phi) Ry(theta) Rx(psi).
struct Euler {
  double phi = 0.0;
  double theta = 0.0;
  double psi = 0.0;
};

/// Single-axis tilt about y: R = Ry(theta) [radian]; x' = x cos(theta) + z sin(theta).
[[nodiscard]] Mat3 tilt_rotation(double theta);

/// R = Rz(phi) Ry(theta) Rx(psi).
[[nodiscard]] Mat3 rotation_from_euler(const Euler& angles);

/// The angles of R; theta in [-pi/2, pi/2], psi = 0 where phi and psi are degenerate.
[[nodiscard]] Euler euler_from_rotation(const Mat3& rotation);

/// The rotation of the published data sets (RESIRE/AET group): the transpose of rotation_from_euler.
[[nodiscard]] Mat3 rotation_from_published_euler(const Euler& angles);

/// Rotation angle [radian] between two orientations.
[[nodiscard]] double rotation_angle_between(const Mat3& a, const Mat3& b);

} // namespace aet::core
