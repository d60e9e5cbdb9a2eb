#include "sim/md/mean_frame.hpp"

#include "sim/core/error.hpp"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace aet::md {

namespace {

core::Vec3 mean_of(const std::vector<core::Vec3>& positions) {
  const core::Vec3 sum = std::accumulate(positions.begin(), positions.end(), core::Vec3(core::Vec3::Zero()));
  return sum / static_cast<double>(positions.size());
}

} // namespace

RigidMotion best_rigid_motion(const std::vector<core::Vec3>& p, const std::vector<core::Vec3>& q) {
  if (p.size() != q.size() || p.empty())
    throw core::DataError(fmt::format(
        "rigid alignment needs two equally long lists of positions, got {} and {}", p.size(), q.size()));
  const core::Vec3 p_mean = mean_of(p);
  const core::Vec3 q_mean = mean_of(q);
  core::Mat3 covariance = core::Mat3::Zero();
  for (std::size_t i = 0; i < p.size(); ++i)
    covariance += (p[i] - p_mean) * (q[i] - q_mean).transpose();
  const Eigen::JacobiSVD<core::Mat3> svd(covariance, Eigen::ComputeFullU | Eigen::ComputeFullV);
  core::Mat3 sign = core::Mat3::Identity();
  sign(2, 2) = (svd.matrixV() * svd.matrixU().transpose()).determinant() < 0.0 ? -1.0 : 1.0;
  RigidMotion motion;
  motion.rotation = svd.matrixV() * sign * svd.matrixU().transpose();
  motion.translation = q_mean - motion.rotation * p_mean;
  return motion;
}

core::Atoms mean_frame(const Trajectory& trajectory, std::size_t first, std::size_t count) {
  const std::size_t frames = trajectory.frames.size();
  if (count < 2 || first >= frames || count > frames - first)
    throw core::DataError(fmt::format(
        "a mean over {} frames from frame {} was asked for; the trajectory has {} frames and a mean needs "
        "at least 2",
        count, first, frames));
  core::Atoms mean = frame_atoms(trajectory, first + count / 2);
  mean.columns.clear();
  // One set of shifts for all frames: unwrapped coordinates are continuous in time.
  const std::vector<core::Vec3> shifts = whole_box_shifts(trajectory, first + count / 2);
  const std::vector<core::Vec3> reference = mean.positions;
  const std::size_t n = mean.size();

  std::vector<core::Vec3> sum(n, core::Vec3::Zero());
  std::vector<double> square(n, 0.0);      // sum over frames of |r_i - reference|^2
  std::vector<double> step_square(n, 0.0); // sum over frames of |r_{i+1} - r_i|^2
  std::vector<core::Vec3> previous;
  for (std::size_t f = 0; f < count; ++f) {
    std::vector<core::Vec3> r = trajectory.frames[first + f].positions;
    for (std::size_t i = 0; i < n; ++i)
      r[i] += shifts[i];
    const RigidMotion motion = best_rigid_motion(r, reference);
    for (std::size_t i = 0; i < n; ++i) {
      r[i] = motion.rotation * r[i] + motion.translation;
      sum[i] += r[i] - reference[i];
      square[i] += (r[i] - reference[i]).squaredNorm();
      if (f > 0) step_square[i] += (r[i] - previous[i]).squaredNorm();
    }
    previous = std::move(r);
  }

  const double m = static_cast<double>(count);
  auto& u_rms = mean.columns["u_rms"];
  auto& u_window = mean.columns["u_window"];
  for (std::size_t i = 0; i < n; ++i) {
    mean.positions[i] = reference[i] + sum[i] / m;
    u_rms.push_back(std::sqrt(step_square[i] / (6.0 * (m - 1.0))));
    u_window.push_back(std::sqrt(std::max(0.0, square[i] - sum[i].squaredNorm() / m) / (3.0 * (m - 1.0))));
  }
  const core::Vec3 centre = core::centroid(mean);
  for (core::Vec3& p : mean.positions)
    p -= centre;
  return mean;
}

double minimum_distance(const std::vector<core::Vec3>& positions) {
  // Sweep along x: only pairs closer in x than the best distance so far are looked at.
  std::vector<core::Vec3> sorted = positions;
  std::sort(sorted.begin(), sorted.end(),
            [](const core::Vec3& a, const core::Vec3& b) { return a.x() < b.x(); });
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t j = i + 1; j < sorted.size() && sorted[j].x() - sorted[i].x() < best; ++j)
      best = std::min(best, (sorted[j] - sorted[i]).norm());
  return best;
}

double rms_of_element(const core::Atoms& atoms, const std::string& column, int atomic_number) {
  const auto found = atoms.columns.find(column);
  if (found == atoms.columns.end())
    throw core::DataError(fmt::format("the atoms have no column \"{}\"", column));
  double sum = 0.0;
  double count = 0.0;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    if (atoms.atomic_numbers[i] == atomic_number) {
      sum += found->second[i] * found->second[i];
      count += 1.0;
    }
  return count > 0.0 ? std::sqrt(sum / count) : 0.0;
}

} // namespace aet::md
