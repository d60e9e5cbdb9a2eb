#include "recon/images/register.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Cholesky>
#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

using core::Image;

struct Pair {
  std::size_t first;
  std::size_t second;
  Vec2 shift; ///< of the second against the first
  double weight;
};

/// Positions with sum zero whose differences fit the pairs best.
std::vector<Vec2> joint_positions(const std::vector<Pair>& pairs, std::size_t frames) {
  const auto n = static_cast<Eigen::Index>(frames);
  // The added constant fixes the sum of the positions, about which the pairs say nothing.
  Eigen::MatrixXd normal = Eigen::MatrixXd::Ones(n, n);
  Eigen::MatrixXd right = Eigen::MatrixXd::Zero(n, 2);
  for (const Pair& p : pairs) {
    const auto i = static_cast<Eigen::Index>(p.first);
    const auto j = static_cast<Eigen::Index>(p.second);
    normal(i, i) += p.weight;
    normal(j, j) += p.weight;
    normal(i, j) -= p.weight;
    normal(j, i) -= p.weight;
    right.row(i) -= p.weight * p.shift.transpose();
    right.row(j) += p.weight * p.shift.transpose();
  }
  const Eigen::MatrixXd solution = normal.ldlt().solve(right);
  std::vector<Vec2> positions;
  for (Eigen::Index i = 0; i < n; ++i)
    positions.emplace_back(solution.row(i).transpose());
  return positions;
}

double misfit(const Pair& pair, const std::vector<Vec2>& positions) {
  return (positions[pair.second] - positions[pair.first] - pair.shift).norm();
}

/// Least squares that lets go of pairs far from the rest (Huber weights at twice the median misfit).
std::vector<Vec2> robust_positions(const std::vector<Pair>& pairs, std::size_t frames) {
  std::vector<Vec2> positions = joint_positions(pairs, frames);
  constexpr int rounds = 5;
  constexpr double precision = 0.02; // [pixel] misfits below this are not told apart
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> misfits;
    for (const Pair& p : pairs)
      misfits.push_back(misfit(p, positions));
    const auto middle = misfits.begin() + static_cast<std::ptrdiff_t>(misfits.size() / 2);
    std::nth_element(misfits.begin(), middle, misfits.end());
    const double bound = std::max(precision, 2.0 * *middle);
    std::vector<Pair> weighted = pairs;
    for (Pair& p : weighted)
      p.weight *= std::min(1.0, bound / std::max(misfit(p, positions), precision));
    positions = joint_positions(weighted, frames);
  }
  return positions;
}

/// Straight line through the positions: fills drift and scatter; returns the standard error of the drift, per
/// axis (0 for two frames, which leave no scatter to judge by).
double fit_drift(RegisteredFrames& result) {
  const auto n = static_cast<double>(result.shifts.size());
  const double middle = 0.5 * (n - 1.0);
  double squares = 0.0;
  Vec2 moment = Vec2::Zero();
  for (std::size_t f = 0; f < result.shifts.size(); ++f) {
    const double t = static_cast<double>(f) - middle;
    squares += t * t;
    moment += t * result.shifts[f];
  }
  result.drift = moment / squares;
  double residual = 0.0;
  for (std::size_t f = 0; f < result.shifts.size(); ++f)
    residual += (result.shifts[f] - (static_cast<double>(f) - middle) * result.drift).squaredNorm();
  result.scatter = std::sqrt(0.5 * residual / n);
  return n > 2.0 ? std::sqrt(0.5 * residual / (n - 2.0) / squares) : 0.0;
}

void find_shifts(const std::vector<Image>& frames, const RegisterOptions& options, RegisteredFrames& result) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (std::size_t j = i + 1; j < frames.size(); ++j) {
      const ShiftEstimate e = find_shift(frames[i], frames[j], options);
      constexpr double least = 1e-3; // keeps the equations solvable whatever the correlation
      pairs.push_back({i, j, e.shift, std::pow(std::max(e.correlation, 0.0), 4) + least});
      result.lowest_correlation = std::min(result.lowest_correlation, e.correlation);
    }
  }
  result.shifts = robust_positions(pairs, frames.size());
  double square = 0.0;
  for (const Pair& p : pairs)
    square += std::pow(misfit(p, result.shifts), 2);
  result.inconsistency = std::sqrt(0.5 * square / static_cast<double>(pairs.size()));
}

} // namespace

RegisteredFrames register_frames(const std::vector<Image>& frames, const RegisterOptions& options) {
  if (frames.empty()) throw core::DataError("there are no frames to register.");
  RegisteredFrames result;
  result.shifts.assign(frames.size(), Vec2::Zero());
  if (frames.size() > 1) {
    find_shifts(frames, options, result);
    const double error = fit_drift(result);
    result.drift_corrected = options.drift && result.drift.norm() > 2.0 * error;
  }
  const bool straight = options.scan_matrix.isIdentity(0.0) && !result.drift_corrected;
  if (frames.size() == 1 && straight) {
    result.average = frames.front();
    return result;
  }
  // A feature at true place s lies in frame f at the nominal place r with M r = s + M (shift + drift tau(r)):
  // tau is the time of pixel r from the middle of its frame, in frames, linear in r.
  const int nx = frames.front().nx;
  const int ny = frames.front().ny;
  const Vec2 drift = result.drift_corrected ? Vec2(options.duty * result.drift) : Vec2(Vec2::Zero());
  const Vec2 time(1.0 / (static_cast<double>(nx) * ny), 1.0 / ny);
  const Mat2 to_nominal = (options.scan_matrix * (Mat2::Identity() - drift * time.transpose())).inverse();
  Image sum(nx, ny);
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const Image moved = straight ? fourier_shifted(frames[f], -result.shifts[f])
                                 : affine_resampled(frames[f], to_nominal,
                                                    to_nominal * options.scan_matrix * result.shifts[f]);
    for (std::size_t i = 0; i < sum.data.size(); ++i)
      sum.data[i] += moved.data[i];
  }
  const auto scale = static_cast<float>(1.0 / static_cast<double>(frames.size()));
  for (float& v : sum.data)
    v *= scale;
  result.average = std::move(sum);
  return result;
}

} // namespace aet::recon
