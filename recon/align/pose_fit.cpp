#include "recon/align/pose_fit.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

constexpr std::size_t parameters = pose_parameters;
using Matrix = Eigen::Matrix<double, pose_parameters, pose_parameters>;

double inner(const core::Image& a, const core::Image& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    sum += static_cast<double>(a.data[i]) * static_cast<double>(b.data[i]);
  return sum;
}

/// The least-squares problem around a pose, its scale eliminated.
struct Local {
  Pose pose;
  double scale = 0.0;
  double square = 0.0; ///< sum (image - scale * reprojection)^2
  Matrix normal = Matrix::Zero();
  PoseChange gradient = PoseChange::Zero(); ///< downhill
};

Local linearised(const Reprojector& reprojector, const core::Volume& volume, const core::Image& image,
                 const Pose& pose, const PoseFitOptions& options) {
  const Reprojection at = reprojector(volume, pose, options.blur);
  Local out;
  out.pose = pose;
  const double energy = inner(at.image, at.image);
  const double data = inner(image, image);
  if (!(energy > 0.0)) {
    out.square = data;
    return out;
  }
  out.scale = inner(image, at.image) / energy;
  out.square = std::max(0.0, data - out.scale * out.scale * energy);
  // Derivatives without their part along the reprojection: a change there is the scale's.
  std::array<double, parameters> along{};
  for (std::size_t p = 0; p < parameters; ++p)
    along[p] = inner(at.derivatives[p], at.image) / energy;
  const auto used = [&](std::size_t p) { return p < 3 ? options.turns : options.shifts; };
  for (std::size_t p = 0; p < parameters; ++p) {
    const auto i = static_cast<Eigen::Index>(p);
    if (!used(p)) {
      out.normal(i, i) = 1.0;
      continue;
    }
    // <image - s P, d - along P>: the residual is orthogonal to P.
    out.gradient(i) = out.scale * (inner(image, at.derivatives[p]) - out.scale * along[p] * energy);
    for (std::size_t q = 0; q <= p; ++q) {
      if (!used(q)) continue;
      const auto k = static_cast<Eigen::Index>(q);
      const double value = out.scale * out.scale *
                           (inner(at.derivatives[p], at.derivatives[q]) - along[p] * along[q] * energy);
      out.normal(i, k) = out.normal(k, i) = value;
    }
  }
  return out;
}

/// The damped step, cut to the longest allowed; zero where the problem is singular.
PoseChange step_of(const Local& local, double damping, double pixel, const PoseFitOptions& options) {
  Matrix m = local.normal;
  m.diagonal() *= 1.0 + damping;
  const Eigen::LLT<Matrix> factor(m);
  if (factor.info() != Eigen::Success) return PoseChange::Zero();
  const PoseChange x = factor.solve(local.gradient);
  const double turn = std::max(x.head<3>().norm(), 1e-300);
  const double shift = std::max(x.tail<2>().cwiseAbs().maxCoeff(), 1e-300);
  return std::min({1.0, options.max_turn / turn, options.max_shift * pixel / shift}) * x;
}

} // namespace

PoseFit fit_pose(const Reprojector& reprojector, const core::Volume& volume, const core::Image& image,
                 const Pose& start, const PoseFitOptions& options) {
  constexpr double most_damping = 1e3;
  Local here = linearised(reprojector, volume, image, start, options);
  double damping = 0.0;
  for (int step = 0; step < options.steps && here.scale > 0.0; ++step) {
    bool better = false;
    while (!better && damping <= most_damping) {
      Local there = linearised(reprojector, volume, image,
                               moved(here.pose, step_of(here, damping, volume.voxel_size, options)), options);
      better = there.square < here.square && there.scale > 0.0;
      if (better) {
        here = there;
        damping = damping > 1e-3 ? 0.1 * damping : 0.0;
      } else {
        damping = std::max(1e-2, 10.0 * damping);
      }
    }
    if (!better) break;
  }
  const double data = inner(image, image);
  return {here.pose, here.scale, data > 0.0 ? std::sqrt(here.square / data) : 0.0};
}

} // namespace aet::recon
