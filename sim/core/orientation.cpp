#include "sim/core/orientation.hpp"

#include <Eigen/Geometry>

#include <algorithm>
#include <cmath>

namespace aet::core {

Mat3 tilt_rotation(double theta) {
  return Eigen::AngleAxisd(theta, Vec3::UnitY()).toRotationMatrix();
}

Mat3 rotation_from_euler(const Euler& angles) {
  return (Eigen::AngleAxisd(angles.phi, Vec3::UnitZ()) * Eigen::AngleAxisd(angles.theta, Vec3::UnitY()) *
          Eigen::AngleAxisd(angles.psi, Vec3::UnitX()))
      .toRotationMatrix();
}

Euler euler_from_rotation(const Mat3& rotation) {
  // R = Rz Ry Rx gives R(2,0) = -sin(theta), R(1,0)/R(0,0) = tan(phi), R(2,1)/R(2,2) = tan(psi).
  Euler angles;
  angles.theta = std::asin(std::clamp(-rotation(2, 0), -1.0, 1.0));
  const double cos_theta = std::hypot(rotation(0, 0), rotation(1, 0));
  constexpr double gimbal_lock = 1e-9; // below it the columns carry no direction, only rounding
  if (cos_theta < gimbal_lock) {
    angles.phi = std::atan2(-rotation(0, 1), rotation(1, 1));
    return angles;
  }
  angles.phi = std::atan2(rotation(1, 0), rotation(0, 0));
  angles.psi = std::atan2(rotation(2, 1), rotation(2, 2));
  return angles;
}

Mat3 rotation_from_published_euler(const Euler& angles) {
  return rotation_from_euler(angles).transpose();
}

double rotation_angle_between(const Mat3& a, const Mat3& b) {
  // The sine through the antisymmetric part keeps small angles accurate, where acos loses half the digits.
  const Mat3 difference = a.transpose() * b;
  const Vec3 axis(difference(2, 1) - difference(1, 2), difference(0, 2) - difference(2, 0),
                  difference(1, 0) - difference(0, 1));
  return std::atan2(0.5 * axis.norm(), 0.5 * (difference.trace() - 1.0));
}

} // namespace aet::core
