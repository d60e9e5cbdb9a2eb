#include "recon/scene/pose.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <Eigen/SVD>

#include <cstddef>

namespace aet::recon {

namespace {

/// The rotation nearest to a matrix.
core::Mat3 nearest_rotation(const core::Mat3& m) {
  const Eigen::JacobiSVD<core::Mat3> svd(m, Eigen::ComputeFullU | Eigen::ComputeFullV);
  core::Vec3 sign = core::Vec3::Ones();
  sign.z() = (svd.matrixU() * svd.matrixV().transpose()).determinant() > 0.0 ? 1.0 : -1.0;
  return svd.matrixU() * sign.asDiagonal() * svd.matrixV().transpose();
}

} // namespace

Pose moved(const Pose& pose, const PoseChange& change) {
  const core::Vec3 turn = change.head<3>();
  const double angle = turn.norm();
  Pose out = pose;
  if (angle > 0.0) {
    // Through a unit quaternion: rounding cannot make the matrix drift away from a rotation.
    const Eigen::Quaterniond step(Eigen::AngleAxisd(angle, turn / angle));
    out.orientation = (step * Eigen::Quaterniond(pose.orientation)).normalized().toRotationMatrix();
  }
  out.shift += change.tail<2>();
  return out;
}

core::Vec3 rotation_vector(const core::Mat3& rotation) {
  const Eigen::AngleAxisd turn{Eigen::Quaterniond(rotation)};
  return turn.angle() * turn.axis();
}

RigidMotion remove_common(std::vector<Pose>& poses, const std::vector<Pose>& reference) {
  core::Mat3 sum = core::Mat3::Zero();
  for (std::size_t t = 0; t < poses.size(); ++t)
    sum += poses[t].orientation.transpose() * reference[t].orientation;
  const core::Mat3 turn = nearest_rotation(sum);
  core::Mat3 normal = 1e-12 * core::Mat3::Identity(); // for tilts that are all equal
  core::Vec3 right = core::Vec3::Zero();
  for (std::size_t t = 0; t < poses.size(); ++t) {
    poses[t].orientation = poses[t].orientation * turn;
    const Eigen::Matrix<double, 2, 3> seen = poses[t].orientation.topRows<2>();
    normal += seen.transpose() * seen;
    right += seen.transpose() * (poses[t].shift - reference[t].shift);
  }
  const core::Vec3 shift = normal.inverse() * right;
  for (Pose& pose : poses)
    pose.shift -= pose.orientation.topRows<2>() * shift;
  return {turn.transpose(), shift};
}

} // namespace aet::recon
