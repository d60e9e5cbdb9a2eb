#include "validation/score/transform.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::validation {

using core::Mat3;
using core::Vec3;

namespace {

Vec3 mean(const std::vector<Vec3>& points) {
  Vec3 sum = Vec3::Zero();
  for (const Vec3& p : points)
    sum += p;
  return points.empty() ? sum : Vec3(sum / static_cast<double>(points.size()));
}

/// sum (from - centre) (to - centre)^T
Mat3 correlation(const PointPairs& pairs, const Vec3& from_centre, const Vec3& to_centre) {
  Mat3 sum = Mat3::Zero();
  for (std::size_t i = 0; i < pairs.from.size(); ++i) {
    sum += (pairs.from[i] - from_centre) * (pairs.to[i] - to_centre).transpose();
  }
  return sum;
}

Mat3 rotation_of_quaternion(const Eigen::Vector4d& q) {
  const double w = q[0];
  const double x = q[1];
  const double y = q[2];
  const double z = q[3];
  Mat3 r;
  r << w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y), //
      2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x),  //
      2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z;
  return r;
}

/// The proper rotation R that maximises trace(R s), s = sum from to^T.
Mat3 best_rotation(const Mat3& s) {
  Eigen::Matrix4d k;
  k << s(0, 0) + s(1, 1) + s(2, 2), s(1, 2) - s(2, 1), s(2, 0) - s(0, 2), s(0, 1) - s(1, 0), //
      s(1, 2) - s(2, 1), s(0, 0) - s(1, 1) - s(2, 2), s(0, 1) + s(1, 0), s(2, 0) + s(0, 2),  //
      s(2, 0) - s(0, 2), s(0, 1) + s(1, 0), s(1, 1) - s(0, 0) - s(2, 2), s(1, 2) + s(2, 1),  //
      s(0, 1) - s(1, 0), s(2, 0) + s(0, 2), s(1, 2) + s(2, 1), s(2, 2) - s(0, 0) - s(1, 1);
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> solver(k);
  return rotation_of_quaternion(solver.eigenvectors().col(3));
}

} // namespace

std::vector<Vec3> transformed(const Transform& transform, std::span<const Vec3> points) {
  std::vector<Vec3> moved;
  moved.reserve(points.size());
  for (const Vec3& p : points)
    moved.push_back(transform(p));
  return moved;
}

Transform fit_translation(const PointPairs& pairs) {
  return {Mat3::Identity(), mean(pairs.to) - mean(pairs.from)};
}

Transform fit_rigid(const PointPairs& pairs) {
  if (pairs.from.size() < 3) return fit_translation(pairs);
  const Vec3 from = mean(pairs.from);
  const Vec3 to = mean(pairs.to);
  const Mat3 rotation = best_rotation(correlation(pairs, from, to));
  return {rotation, to - rotation * from};
}

Transform fit_affine(const PointPairs& pairs) {
  if (pairs.from.size() < 4) return fit_rigid(pairs);
  const Vec3 from = mean(pairs.from);
  const Vec3 to = mean(pairs.to);
  Mat3 spread = Mat3::Zero();
  for (const Vec3& p : pairs.from)
    spread += (p - from) * (p - from).transpose();
  const Eigen::SelfAdjointEigenSolver<Mat3> axes(spread, Eigen::EigenvaluesOnly);
  if (axes.eigenvalues()[0] < 1e-9 * axes.eigenvalues()[2]) return fit_rigid(pairs);
  const Mat3 linear = correlation(pairs, from, to).transpose() * spread.inverse();
  return {linear, to - linear * from};
}

double rotation_angle(const Transform& transform) {
  const double sign = transform.linear.determinant() < 0.0 ? -1.0 : 1.0;
  const Mat3 rotation = best_rotation(sign * transform.linear.transpose());
  return std::acos(std::clamp(0.5 * (rotation.trace() - 1.0), -1.0, 1.0));
}

double largest_strain(const Transform& transform) {
  const Eigen::SelfAdjointEigenSolver<Mat3> squares(transform.linear.transpose() * transform.linear,
                                                    Eigen::EigenvaluesOnly);
  double largest = 0.0;
  for (int k = 0; k < 3; ++k) {
    largest = std::max(largest, std::abs(std::sqrt(std::max(squares.eigenvalues()[k], 0.0)) - 1.0));
  }
  return largest;
}

} // namespace aet::validation
