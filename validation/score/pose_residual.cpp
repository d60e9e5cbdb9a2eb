#include "validation/score/pose_residual.hpp"

#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::validation {

namespace {

/// The rotation nearest to a matrix.
core::Mat3 nearest_rotation(const core::Mat3& m) {
  const Eigen::JacobiSVD<core::Mat3> svd(m, Eigen::ComputeFullU | Eigen::ComputeFullV);
  core::Mat3 flip = core::Mat3::Identity();
  flip(2, 2) = (svd.matrixU() * svd.matrixV().transpose()).determinant() < 0.0 ? -1.0 : 1.0;
  return svd.matrixU() * flip * svd.matrixV().transpose();
}

/// The specimen's shift v that minimises sum |shift - true shift - (R v)_xy|^2; the part along a direction
/// that no tilt sees stays zero.
core::Vec3 common_shift(const std::vector<TiltPose>& poses, const std::vector<TiltPose>& truth) {
  core::Mat3 normal = core::Mat3::Zero();
  core::Vec3 right = core::Vec3::Zero();
  for (std::size_t j = 0; j < poses.size(); ++j) {
    for (int axis = 0; axis < 2; ++axis) {
      const core::Vec3 row = poses[j].orientation.row(axis).transpose();
      const auto a = static_cast<std::size_t>(axis);
      normal += row * row.transpose();
      right += row * (poses[j].shift_px[a] - truth[j].shift_px[a]);
    }
  }
  const Eigen::JacobiSVD<core::Mat3> svd(normal, Eigen::ComputeFullU | Eigen::ComputeFullV);
  core::Vec3 out = core::Vec3::Zero();
  for (int i = 0; i < 3; ++i) {
    if (svd.singularValues()(i) > 1e-9 * svd.singularValues()(0)) {
      out += svd.matrixV().col(i) * (svd.matrixU().col(i).dot(right) / svd.singularValues()(i));
    }
  }
  return out;
}

double wrapped(double angle) {
  return std::remainder(angle, 2.0 * core::pi);
}

} // namespace

PoseResidual pose_residual(const std::vector<TiltPose>& poses, const std::vector<TiltPose>& truth) {
  if (poses.empty() || poses.size() != truth.size()) {
    throw core::DataError(fmt::format("{} poses cannot be compared with {} true ones; one for each tilt is "
                                      "needed in both lists.",
                                      poses.size(), truth.size()));
  }
  PoseResidual out;
  core::Mat3 sum = core::Mat3::Zero();
  for (std::size_t j = 0; j < poses.size(); ++j)
    sum += truth[j].orientation.transpose() * poses[j].orientation;
  out.turn = nearest_rotation(sum);
  out.offset = common_shift(poses, truth);
  double turns = 0.0;
  double shifts = 0.0;
  std::array<double, 3> euler{};
  for (std::size_t j = 0; j < poses.size(); ++j) {
    const core::Mat3 own = poses[j].orientation * out.turn.transpose();
    const double angle =
        std::abs(Eigen::AngleAxisd(Eigen::Quaterniond(own * truth[j].orientation.transpose())).angle());
    turns += angle * angle;
    out.angle_max_deg = std::max(out.angle_max_deg, angle / core::radian_per_degree);
    const core::Euler a = core::euler_from_rotation(own);
    const core::Euler b = core::euler_from_rotation(truth[j].orientation);
    euler[0] += std::pow(wrapped(a.phi - b.phi), 2);
    euler[1] += std::pow(wrapped(a.theta - b.theta), 2);
    euler[2] += std::pow(wrapped(a.psi - b.psi), 2);
    const core::Vec3 moved = poses[j].orientation * out.offset;
    const double dx = poses[j].shift_px[0] - truth[j].shift_px[0] - moved.x();
    const double dy = poses[j].shift_px[1] - truth[j].shift_px[1] - moved.y();
    shifts += dx * dx + dy * dy;
    out.shift_max_px = std::max(out.shift_max_px, std::hypot(dx, dy));
  }
  const auto n = static_cast<double>(poses.size());
  out.angle_rms_deg = std::sqrt(turns / (3.0 * n)) / core::radian_per_degree;
  out.shift_rms_px = std::sqrt(shifts / (2.0 * n));
  for (std::size_t i = 0; i < 3; ++i)
    out.euler_rms_deg[i] = std::sqrt(euler[i] / n) / core::radian_per_degree;
  return out;
}

} // namespace aet::validation
