#include "recon/images/register.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <fmt/core.h>

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
std::vector<Vec2> joint_positions(const std::vector<Pair>& pairs, std::size_t exposures) {
  const auto n = static_cast<Eigen::Index>(exposures);
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
std::vector<Vec2> robust_positions(const std::vector<Pair>& pairs, std::size_t exposures) {
  std::vector<Vec2> positions = joint_positions(pairs, exposures);
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
    positions = joint_positions(weighted, exposures);
  }
  return positions;
}

/// Speeds while each exposure was taken, with their standard error [pixel an exposure, an axis].
struct Path {
  std::vector<Vec2> speeds;
  double error = 0.0;
};

/// The specimen's path through n positions in the middle of each exposure: pieces of constant speed v that
/// join, so that neighbouring positions differ by the mean of their speeds, d = B v. Speeds scatter about
/// their mean with variance W, positions with variance s^2.
Path path_of(const std::vector<Vec2>& positions, const DriftModel& model) {
  const double s2 = model.pair_variance / static_cast<double>(positions.size());
  const auto n = static_cast<Eigen::Index>(positions.size());
  Path path{std::vector<Vec2>(positions.size(), Vec2::Zero()), 0.0};
  Eigen::MatrixXd mean_of_two = Eigen::MatrixXd::Zero(n - 1, n);
  Eigen::MatrixXd noise = Eigen::MatrixXd::Zero(n - 1, n - 1);
  Eigen::MatrixXd steps(n - 1, 2);
  for (Eigen::Index f = 0; f + 1 < n; ++f) {
    mean_of_two(f, f) = mean_of_two(f, f + 1) = 0.5;
    noise(f, f) = 2.0 * s2;
    if (f > 0) noise(f, f - 1) = noise(f - 1, f) = -s2;
    const auto k = static_cast<std::size_t>(f);
    steps.row(f) = (positions[k + 1] - positions[k]).transpose();
  }
  const Eigen::LDLT<Eigen::MatrixXd> spread(model.speed_variance * mean_of_two * mean_of_two.transpose() +
                                            noise);
  const Eigen::MatrixXd ones = Eigen::MatrixXd::Ones(n - 1, 1);
  const Eigen::MatrixXd weight = spread.solve(ones).transpose() / spread.solve(ones).sum();
  const Eigen::MatrixXd filter = model.speed_variance * spread.solve(mean_of_two).transpose();
  const Eigen::MatrixXd gain = Eigen::MatrixXd::Ones(n, 1) * weight +
                               filter * (Eigen::MatrixXd::Identity(n - 1, n - 1) - ones * weight);
  const Eigen::MatrixXd speeds = gain * steps;
  path.error = std::sqrt((gain * noise * gain.transpose()).trace() / static_cast<double>(n));
  for (Eigen::Index f = 0; f < n; ++f)
    path.speeds[static_cast<std::size_t>(f)] = speeds.row(f).transpose();
  return path;
}

double rms(const std::vector<Vec2>& vectors) {
  double square = 0.0;
  for (const Vec2& v : vectors)
    square += 0.5 * v.squaredNorm();
  return std::sqrt(square / static_cast<double>(vectors.size()));
}

/// Places in an exposure [pixel from the middle] of the pixels of the average: r = matrix p + offset.
struct Places {
  Mat2 matrix;
  Vec2 offset;
};

/// Mark the pixels whose place lies beyond the edge of the exposure, or within a pixel of a masked one.
void mark(const Places& places, const std::vector<std::uint32_t>& masked, int nx, int ny,
          std::vector<bool>& bad) {
  std::vector<bool> hot(bad.size(), false);
  for (const std::uint32_t pixel : masked)
    hot[pixel] = true;
  const Vec2 middle(nx / 2, ny / 2);
  constexpr double rounding = 1e-6;
  for (int y = 0; y < ny; ++y) {
    for (int x = 0; x < nx; ++x) {
      const Vec2 r = places.matrix * (Vec2(x, y) - middle) + places.offset + middle;
      const bool inside = r.x() >= -rounding && r.y() >= -rounding && r.x() <= nx - 1 + rounding &&
                          r.y() <= ny - 1 + rounding;
      bool good = inside;
      for (int j = 0; good && j < 2; ++j) {
        for (int i = 0; good && i < 2; ++i) {
          const int u = std::clamp(static_cast<int>(std::floor(r.x() + rounding)) + i, 0, nx - 1);
          const int v = std::clamp(static_cast<int>(std::floor(r.y() + rounding)) + j, 0, ny - 1);
          good =
              !hot[static_cast<std::size_t>(v) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(u)];
        }
      }
      const auto i = static_cast<std::size_t>(y) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(x);
      bad[i] = bad[i] || !good;
    }
  }
}

} // namespace

ExposureShifts find_exposure_shifts(const std::vector<Image>& exposures, const RegisterOptions& options) {
  if (exposures.empty()) throw core::DataError("there are no exposures to register.");
  ExposureShifts result;
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < exposures.size(); ++i) {
    for (std::size_t j = i + 1; j < exposures.size(); ++j) {
      const ShiftEstimate e = find_shift(exposures[i], exposures[j], options);
      constexpr double least = 1e-3; // keeps the equations solvable whatever the correlation
      pairs.push_back({i, j, e.shift, std::pow(std::max(e.correlation, 0.0), 4) + least});
      result.lowest_correlation = std::min(result.lowest_correlation, e.correlation);
    }
  }
  result.shifts = pairs.empty() ? std::vector<Vec2>{Vec2::Zero()} : robust_positions(pairs, exposures.size());
  for (const Pair& p : pairs)
    result.misfit += std::pow(misfit(p, result.shifts), 2);
  return result;
}

DriftModel drift_model(const std::vector<ExposureShifts>& tilts) {
  constexpr double usual = 0.02 * 0.02;    // [pixel^2]
  constexpr double finest = 0.002 * 0.002; // of find_shift()
  double misfit = 0.0;
  double free_pairs = 0.0; // of two axes: pairs less the n - 1 numbers fitted to them
  double unequal = 0.0;
  double free_steps = 0.0;
  double position_variance = 0.0; // times the steps that tell of it
  for (const ExposureShifts& tilt : tilts) {
    const auto n = static_cast<double>(tilt.shifts.size());
    if (n < 3.0) continue;
    misfit += tilt.misfit;
    free_pairs += 2.0 * (0.5 * n * (n - 1.0) - (n - 1.0));
    const Vec2 mean = (tilt.shifts.back() - tilt.shifts.front()) / (n - 1.0);
    for (std::size_t f = 0; f + 1 < tilt.shifts.size(); ++f)
      unequal += (tilt.shifts[f + 1] - tilt.shifts[f] - mean).squaredNorm();
    free_steps += 2.0 * (n - 2.0);
    position_variance += 2.0 * (n - 2.0) / n;
  }
  DriftModel model{usual, 0.0};
  if (free_pairs == 0.0) return model;
  model.pair_variance = std::max(misfit / free_pairs, finest);
  // A step is the mean of two speeds, and the difference of two positions with errors of their own.
  const double of_noise = 2.0 * model.pair_variance * position_variance / free_steps;
  model.speed_variance = 2.0 * std::max(0.0, unequal / free_steps - of_noise);
  return model;
}

RegisteredExposures average_exposures(const std::vector<Image>& exposures, const ExposureShifts& found,
                                      const DriftModel& model, const RegisterOptions& options,
                                      const std::vector<std::vector<std::uint32_t>>& masked) {
  if (exposures.empty() || exposures.size() != found.shifts.size())
    throw core::DataError(fmt::format("{} exposures cannot be averaged by {} shifts; one for each is needed.",
                                      exposures.size(), found.shifts.size()));
  const std::size_t count = exposures.size();
  RegisteredExposures result;
  result.drift.assign(count, Vec2::Zero());
  if (count > 1 && options.drift) {
    const Path path = path_of(found.shifts, model);
    result.drift_corrected = rms(path.speeds) > 2.0 * path.error;
    if (result.drift_corrected) result.drift = path.speeds;
  }
  const bool straight = options.scan_matrix.isIdentity(0.0) && !result.drift_corrected;
  if (count == 1 && straight) {
    result.average = exposures.front();
    if (!masked.empty()) result.masked = masked.front();
    return result;
  }
  // A feature at true place s lies in exposure f at the nominal place r with M r = s + M (shift + drift
  // tau(r)): tau is the time of pixel r from the middle of its exposure, in exposures, linear in r.
  const int nx = exposures.front().nx;
  const int ny = exposures.front().ny;
  const Vec2 time(1.0 / (static_cast<double>(nx) * ny), 1.0 / ny);
  Image sum(nx, ny);
  std::vector<bool> bad(sum.data.size(), false);
  for (std::size_t f = 0; f < count; ++f) {
    const Vec2 drift = options.duty * result.drift[f];
    const Mat2 to_nominal = (options.scan_matrix * (Mat2::Identity() - drift * time.transpose())).inverse();
    const Places places{to_nominal, to_nominal * options.scan_matrix * found.shifts[f]};
    const Image moved = straight ? fourier_shifted(exposures[f], -found.shifts[f])
                                 : affine_resampled(exposures[f], places.matrix, places.offset);
    for (std::size_t i = 0; i < sum.data.size(); ++i)
      sum.data[i] += moved.data[i];
    mark(places, masked.empty() ? std::vector<std::uint32_t>{} : masked[f], nx, ny, bad);
  }
  const auto scale = static_cast<float>(1.0 / static_cast<double>(count));
  for (float& v : sum.data)
    v *= scale;
  result.average = std::move(sum);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    if (bad[i]) result.masked.push_back(static_cast<std::uint32_t>(i));
  }
  return result;
}

} // namespace aet::recon
