#include "sim/md/mean_frame.hpp"

#include "sim/core/error.hpp"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <fmt/core.h>

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

namespace {

void check_window(const Trajectory& trajectory, std::size_t first, std::size_t count) {
  const std::size_t frames = trajectory.frames.size();
  if (count < 2 || first >= frames || count > frames - first)
    throw core::DataError(fmt::format(
        "a mean over {} frames from frame {} was asked for; the trajectory has {} frames and a mean needs "
        "at least 2",
        count, first, frames));
}

/// Half of the shortest jump between sites of a close-packed metal (fcc to hcp on a (111) face, 1.6 A in Pt),
/// and five times what an atom vibrates at a tenth of the melting point.
constexpr double other_site_a = 0.8;

/// Sums over frames that have been laid onto a reference.
class Mean {
public:
  Mean(std::vector<core::Vec3> reference, Averaging averaging)
      : farthest_(averaging == Averaging::one_site ? other_site_a : std::numeric_limits<double>::infinity()),
        reference_(std::move(reference)), sum_(reference_.size(), core::Vec3::Zero()),
        site_sum_(reference_.size(), core::Vec3::Zero()), at_site_(reference_.size(), 0.0),
        square_(reference_.size(), 0.0), step_square_(reference_.size(), 0.0) {}

  void add(std::vector<core::Vec3> r) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      const core::Vec3 d = r[i] - reference_[i];
      sum_[i] += d;
      if (d.norm() < farthest_) {
        site_sum_[i] += d;
        at_site_[i] += 1.0;
      }
      square_[i] += d.squaredNorm();
      if (!previous_.empty()) step_square_[i] += (r[i] - previous_[i]).squaredNorm();
    }
    previous_ = std::move(r);
    ++count_;
  }

  /// Mean positions and both columns.
  void finish(core::Atoms& atoms) const {
    const auto m = static_cast<double>(count_);
    auto& u_rms = atoms.columns["u_rms"];
    auto& u_window = atoms.columns["u_window"];
    for (std::size_t i = 0; i < reference_.size(); ++i) {
      atoms.positions[i] = reference_[i] + site_sum_[i] / at_site_[i]; // the reference itself is there
      u_rms.push_back(std::sqrt(step_square_[i] / (6.0 * (m - 1.0))));
      u_window.push_back(
          std::sqrt(std::max(0.0, square_[i] - sum_[i].squaredNorm() / m) / (3.0 * (m - 1.0))));
    }
  }

private:
  double farthest_; // from the reference that counts in the mean
  std::vector<core::Vec3> reference_;
  std::vector<core::Vec3> previous_;
  std::vector<core::Vec3> sum_;      // of r_i - reference
  std::vector<core::Vec3> site_sum_; // the same over the frames that count in the mean
  std::vector<double> at_site_;      // their number
  std::vector<double> square_;       // sum over frames of |r_i - reference|^2
  std::vector<double> step_square_;  // sum over frames of |r_{i+1} - r_i|^2
  std::size_t count_ = 0;
};

} // namespace

core::Atoms mean_frame(const Trajectory& trajectory, std::size_t first, std::size_t count,
                       Averaging averaging) {
  check_window(trajectory, first, count);
  core::Atoms atoms = frame_atoms(trajectory, first + count / 2);
  atoms.columns.clear();
  // One set of shifts for all frames: unwrapped coordinates are continuous in time.
  const std::vector<core::Vec3> shifts = whole_box_shifts(trajectory, first + count / 2);
  const std::vector<core::Vec3> reference = atoms.positions;
  Mean mean(reference, averaging);
  for (std::size_t f = 0; f < count; ++f) {
    std::vector<core::Vec3> r = trajectory.frames[first + f].positions;
    for (std::size_t i = 0; i < r.size(); ++i)
      r[i] += shifts[i];
    const RigidMotion motion = best_rigid_motion(r, reference);
    for (core::Vec3& p : r)
      p = motion.rotation * p + motion.translation;
    mean.add(std::move(r));
  }
  mean.finish(atoms);
  const core::Vec3 centre = core::centroid(atoms);
  for (core::Vec3& p : atoms.positions)
    p -= centre;
  return atoms;
}

core::Atoms mean_in_box(const Trajectory& trajectory, std::size_t first, std::size_t count,
                        Averaging averaging) {
  check_window(trajectory, first, count);
  core::Vec3 edges = core::Vec3::Zero();
  for (std::size_t f = first; f < first + count; ++f)
    edges += box_edges(trajectory, f) / static_cast<double>(count);
  // In parts of its own box every frame is laid onto the middle one; the mean box gives lengths back.
  const auto in_mean_box = [&](std::size_t f) {
    std::vector<core::Vec3> r = trajectory.frames[f].positions;
    const core::Vec3 scale = edges.cwiseQuotient(box_edges(trajectory, f));
    for (core::Vec3& p : r)
      p = p.cwiseProduct(scale);
    return r;
  };
  const std::vector<core::Vec3> reference = in_mean_box(first + count / 2);
  const core::Vec3 centre = mean_of(reference);
  Mean mean(reference, averaging);
  for (std::size_t f = first; f < first + count; ++f) {
    std::vector<core::Vec3> r = in_mean_box(f);
    const core::Vec3 drift = mean_of(r) - centre;
    for (core::Vec3& p : r)
      p -= drift;
    mean.add(std::move(r));
  }
  core::Atoms atoms;
  atoms.positions = reference;
  atoms.atomic_numbers = trajectory.atomic_numbers;
  atoms.cell = trajectory.cell;
  mean.finish(atoms);
  for (int k = 0; k < 3; ++k) {
    atoms.cell->vectors(k, k) = edges[k];
    if (!trajectory.cell.periodic[static_cast<std::size_t>(k)]) continue;
    for (core::Vec3& p : atoms.positions)
      p[k] -= edges[k] * std::round(p[k] / edges[k]);
  }
  return atoms;
}

core::Atoms cut_sphere(const core::Atoms& atoms, double radius) {
  core::Atoms out;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (atoms.positions[i].norm() > radius) continue;
    out.positions.push_back(atoms.positions[i]);
    out.atomic_numbers.push_back(atoms.atomic_numbers[i]);
    for (const auto& [name, column] : atoms.columns)
      out.columns[name].push_back(column[i]);
  }
  if (out.positions.empty())
    throw core::DataError(fmt::format("no atom lies within {} A of the centre; cut a larger sphere", radius));
  const core::Vec3 centre = core::centroid(out);
  for (core::Vec3& p : out.positions)
    p -= centre;
  return out;
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
