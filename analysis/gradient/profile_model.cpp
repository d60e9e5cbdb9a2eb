#include "analysis/gradient/profile_model.hpp"

#include "sim/core/error.hpp"
#include "sim/core/statistics.hpp"

#include <Eigen/Core>
#include <Eigen/LU>
#include <ceres/ceres.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::analysis {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double huber = 1.345; // 95 % as good as least squares where the errors are normal

void check(const ProfileModel& m, const ModelFitOptions& o) {
  const std::size_t n = m.parameters.size();
  if (n == 0 || m.low.size() != n || m.high.size() != n || !m.value || m.starts.empty())
    throw core::ConfigError(fmt::format(
        "profile law '{}' needs a function, a start, and two bounds for each of its {} parameters", m.name,
        n));
  for (std::size_t k = 0; k < n; ++k)
    if (!(m.low[k] <= m.high[k]))
      throw core::ConfigError(
          fmt::format("bounds of {} are {} to {}; they must rise", m.parameters[k], m.low[k], m.high[k]));
  for (const auto& start : m.starts)
    if (start.size() != n)
      throw core::ConfigError(
          fmt::format("profile law '{}': a start has {} numbers for {} parameters", m.name, start.size(), n));
  if (!(o.confidence >= 0.5) || o.confidence > 0.999)
    throw core::ConfigError(fmt::format("confidence is {}; it must lie between 0.5 and 0.999", o.confidence));
  if (o.min_points <= static_cast<int>(n))
    throw core::ConfigError(
        fmt::format("least number of shells is {}; it must be at least {}", o.min_points, n + 1));
}

class Problem {
public:
  Problem(std::span<const ProfilePoint> points, const ProfileModel& model)
      : points_(points), model_(model), size_(static_cast<Eigen::Index>(model.parameters.size())),
        low_(VectorXd::Map(model.low.data(), size_)), high_(VectorXd::Map(model.high.data(), size_)),
        weights_(VectorXd::Ones(static_cast<Eigen::Index>(points.size()))) {}

  [[nodiscard]] double value(const VectorXd& p, double r) const {
    return model_.value(std::span(p.data(), static_cast<std::size_t>(p.size())), r);
  }

  [[nodiscard]] double chi2(const VectorXd& p, bool weighted = true) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < points_.size(); ++i)
      sum += (weighted ? weights_[static_cast<Eigen::Index>(i)] : 1.0) * points_[i].count *
             std::pow(points_[i].value - value(p, points_[i].r), 2);
    return sum;
  }

  [[nodiscard]] VectorXd clamp(const VectorXd& p) const { return p.cwiseMax(low_).cwiseMin(high_); }

  [[nodiscard]] VectorXd slope(const VectorXd& p, double r) const {
    VectorXd result(size_);
    if (model_.slope) {
      model_.slope(std::span(p.data(), static_cast<std::size_t>(size_)), r,
                   std::span(result.data(), static_cast<std::size_t>(size_)));
      return result;
    }
    for (Eigen::Index k = 0; k < size_; ++k) {
      // The cube root of the rounding error balances it against the error of the difference.
      const double h = 6e-6 * std::max(std::abs(p[k]), 1e-3 * (high_[k] - low_[k]));
      VectorXd up = p;
      VectorXd down = p;
      up[k] += h;
      down[k] -= h;
      result[k] = h > 0.0 ? (value(up, r) - value(down, r)) / (2.0 * h) : 0.0;
    }
    return result;
  }

  /// Normal matrix and gradient over the free parameters; rows and columns of held ones are those of a unit
  /// matrix.
  void normal(const VectorXd& p, const std::vector<std::uint8_t>& held, MatrixXd& matrix,
              VectorXd& right) const {
    matrix = MatrixXd::Zero(size_, size_);
    right = VectorXd::Zero(size_);
    for (std::size_t i = 0; i < points_.size(); ++i) {
      VectorXd j = slope(p, points_[i].r);
      for (Eigen::Index k = 0; k < size_; ++k)
        if (held[static_cast<std::size_t>(k)] != 0) j[k] = 0.0;
      const double w = weights_[static_cast<Eigen::Index>(i)] * points_[i].count;
      matrix += w * j * j.transpose();
      right += w * (points_[i].value - value(p, points_[i].r)) * j;
    }
    for (Eigen::Index k = 0; k < size_; ++k)
      if (held[static_cast<std::size_t>(k)] != 0) matrix(k, k) = 1.0;
  }

  /// Parameters on a bound that would leave it if they were free to.
  [[nodiscard]] std::vector<std::uint8_t> held(const VectorXd& p) const {
    std::vector<std::uint8_t> result(static_cast<std::size_t>(size_), 0);
    MatrixXd matrix;
    VectorXd downhill;
    normal(p, result, matrix, downhill);
    for (Eigen::Index k = 0; k < size_; ++k)
      result[static_cast<std::size_t>(k)] =
          (p[k] <= low_[k] && downhill[k] <= 0.0) || (p[k] >= high_[k] && downhill[k] >= 0.0) ? 1 : 0;
    return result;
  }

  [[nodiscard]] VectorXd best_start() const {
    VectorXd best;
    double lowest = -1.0;
    for (const std::vector<double>& start : model_.starts) {
      const VectorXd p = clamp(VectorXd::Map(start.data(), size_));
      if (const double c = chi2(p); lowest < 0.0 || c < lowest) {
        lowest = c;
        best = p;
      }
    }
    return best;
  }

  /// Least squares from a start, by Ceres' Levenberg-Marquardt. Steps are cut at the bounds; once parameters
  /// have settled on one, the others are refined with those held.
  [[nodiscard]] VectorXd minimise(VectorXd p) const {
    std::vector<std::uint8_t> constant(static_cast<std::size_t>(size_), 0);
    for (Eigen::Index k = 0; k < size_; ++k)
      constant[static_cast<std::size_t>(k)] = low_[k] == high_[k] ? 1 : 0;
    for (int round = 0; round < 5; ++round) {
      solve(p, constant);
      const std::vector<std::uint8_t> settled = held(p);
      if (settled == constant) break;
      constant = settled;
    }
    return p;
  }

  /// Residuals in units of one atom's standard deviation, were it 1.
  [[nodiscard]] VectorXd residuals(const VectorXd& p) const {
    VectorXd result(static_cast<Eigen::Index>(points_.size()));
    for (std::size_t i = 0; i < points_.size(); ++i)
      result[static_cast<Eigen::Index>(i)] =
          std::sqrt(points_[i].count) * (points_[i].value - value(p, points_[i].r));
    return result;
  }

  /// Huber's fit by reweighting from the least-squares one; returns one atom's robust standard deviation.
  double make_robust(VectorXd& p) {
    double scale = 0.0;
    for (int round = 0; round < 50; ++round) {
      VectorXd size = residuals(p).cwiseAbs();
      std::vector<double> sorted(size.data(), size.data() + size.size());
      const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
      std::nth_element(sorted.begin(), middle, sorted.end());
      const double n = static_cast<double>(sorted.size());
      // 1.4826 makes the median that of a normal distribution; parameters take up some of the scatter.
      scale = 1.4826 * *middle * n / (n - static_cast<double>(size_));
      if (!(scale > 0.0)) break;
      for (Eigen::Index i = 0; i < size.size(); ++i)
        weights_[i] = size[i] <= huber * scale ? 1.0 : huber * scale / size[i];
      const VectorXd next = minimise(p);
      const bool settled = (next - p).norm() < 1e-9 * (1.0 + p.norm());
      p = next;
      if (settled) break;
    }
    return scale;
  }

  /// Factor of the inverse normal matrix (of weight 1) in Huber's covariance.
  [[nodiscard]] double robust_variance(const VectorXd& p, double scale) const {
    const VectorXd r = residuals(p);
    double squares = 0.0;
    double inside = 0.0;
    for (const double x : r) {
      squares += std::pow(std::clamp(x, -huber * scale, huber * scale), 2);
      inside += std::abs(x) <= huber * scale ? 1.0 : 0.0;
    }
    const double n = static_cast<double>(r.size());
    const double k = static_cast<double>(size_);
    const double m = std::max(inside / n, 0.1);
    const double correction = 1.0 + k / n * (1.0 - m) / m;
    return correction * correction * squares / (n - k) / (m * m);
  }

  [[nodiscard]] const VectorXd& weights() const { return weights_; }
  void forget_weights() { weights_.setOnes(); }

private:
  /// Weighted residuals and their derivatives.
  class Residuals : public ceres::CostFunction {
  public:
    explicit Residuals(const Problem& problem) : problem_(problem) {
      set_num_residuals(static_cast<int>(problem.points_.size()));
      mutable_parameter_block_sizes()->push_back(static_cast<int>(problem.size_));
    }
    bool Evaluate(const double* const* parameters, double* residual, double** jacobian) const override {
      const VectorXd p = VectorXd::Map(parameters[0], problem_.size_);
      for (std::size_t i = 0; i < problem_.points_.size(); ++i) {
        const ProfilePoint& point = problem_.points_[i];
        const double root = std::sqrt(problem_.weights_[static_cast<Eigen::Index>(i)] * point.count);
        residual[i] = root * (problem_.value(p, point.r) - point.value);
        if (jacobian == nullptr || jacobian[0] == nullptr) continue;
        VectorXd::Map(jacobian[0] + i * static_cast<std::size_t>(problem_.size_), problem_.size_) =
            root * problem_.slope(p, point.r);
      }
      return true;
    }

  private:
    const Problem& problem_;
  };

  void solve(VectorXd& p, const std::vector<std::uint8_t>& constant) const {
    ceres::Problem problem;
    problem.AddResidualBlock(new Residuals(*this), nullptr, p.data()); // Ceres owns it
    std::vector<int> fixed;
    for (int k = 0; k < size_; ++k) {
      if (constant[static_cast<std::size_t>(k)] != 0) fixed.push_back(k);
      if (low_[k] == high_[k]) continue; // constant; Ceres calls such bounds infeasible
      problem.SetParameterLowerBound(p.data(), k, low_[k]);
      problem.SetParameterUpperBound(p.data(), k, high_[k]);
    }
    if (fixed.size() == static_cast<std::size_t>(size_)) return;
    if (!fixed.empty())
      problem.SetManifold(p.data(), new ceres::SubsetManifold(static_cast<int>(size_), fixed));
    ceres::Solver::Options options;
    options.linear_solver_type = ceres::DENSE_QR;
    options.num_threads = 1;
    options.logging_type = ceres::SILENT;
    options.max_num_iterations = 300;
    // To rounding: intervals are compared between runs.
    options.function_tolerance = 1e-15;
    options.gradient_tolerance = 1e-14;
    options.parameter_tolerance = 1e-11;
    ceres::Solver::Summary summary;
    ceres::Solve(options, &problem, &summary);
  }

  std::span<const ProfilePoint> points_;
  const ProfileModel& model_;
  Eigen::Index size_;
  VectorXd low_;
  VectorXd high_;
  VectorXd weights_;
};

/// Weighted total sum of squares about the mean and the sum of weights.
struct Total {
  double squares = 0.0;
  double weight = 0.0;
};

Total total_of(std::span<const ProfilePoint> points) {
  Total total;
  double mean = 0.0;
  for (const ProfilePoint& p : points) {
    if (!std::isfinite(p.r) || !std::isfinite(p.value) || !(p.count > 0.0) || p.r < 0.0 ||
        !(p.scatter >= 0.0))
      throw core::DataError(
          "a point of an order-parameter profile is not a number, or its weight is not positive");
    total.weight += p.count;
    mean += p.count * p.value;
  }
  mean /= total.weight;
  for (const ProfilePoint& p : points)
    total.squares += p.count * (p.value - mean) * (p.value - mean);
  return total;
}

double lack_of_fit(std::span<const ProfilePoint> points, double chi2, int degrees) {
  double scatter = 0.0;
  double atoms = 0.0;
  for (const ProfilePoint& p : points) {
    scatter += p.scatter;
    atoms += p.count - 1.0;
  }
  if (!(scatter > 0.0) || atoms < 1.0) return -1.0;
  return core::f_tail(chi2 / degrees / (scatter / atoms), degrees, atoms);
}

} // namespace

double ModelFit::sd(std::size_t k) const {
  return std::sqrt(covariance[k * parameters.size() + k]);
}

ModelFitResult fit_model(std::span<const ProfilePoint> points, const ProfileModel& model,
                         const ModelFitOptions& options) {
  check(model, options);
  const Total total = total_of(points);
  ModelFitResult result;
  const int n = static_cast<int>(points.size());
  const std::size_t size = model.parameters.size();
  if (n < options.min_points) {
    result.reason = fmt::format("{} shells; a fit needs at least {}", n, options.min_points);
    return result;
  }
  if (!(total.squares > 1e-12 * total.weight)) {
    result.reason = "the order parameter does not change with distance";
    return result;
  }

  Problem problem(points, model);
  VectorXd p = problem.minimise(problem.best_start());
  const double scale = options.robust ? problem.make_robust(p) : 0.0;
  ModelFit fit;
  fit.parameters.assign(p.data(), p.data() + p.size());
  fit.held = problem.held(p);
  fit.weights.assign(problem.weights().data(), problem.weights().data() + n);
  const double variance = options.robust ? problem.robust_variance(p, scale) : 0.0;
  problem.forget_weights();
  fit.chi2 = problem.chi2(p);
  int fixed = 0;
  for (std::size_t k = 0; k < size; ++k)
    fixed += model.low[k] == model.high[k] ? 1 : 0;
  fit.degrees_of_freedom = n - static_cast<int>(size) + fixed;
  fit.reduced_chi2 = fit.chi2 / fit.degrees_of_freedom;
  fit.rms = std::sqrt(fit.chi2 / total.weight);
  fit.r_squared = 1.0 - fit.chi2 / total.squares;
  fit.interval_factor =
      core::student_t_quantile_above(0.5 * (1.0 - options.confidence), fit.degrees_of_freedom);
  fit.p_value = lack_of_fit(points, fit.chi2, fit.degrees_of_freedom);
  fit.aic = n * std::log(std::max(fit.chi2, 1e-300) / n) + 2.0 * (static_cast<double>(size) - fixed);

  MatrixXd matrix;
  VectorXd right;
  problem.normal(p, fit.held, matrix, right);
  // Scaled to a unit diagonal, a vanishing determinant says that the points do not determine all free
  // parameters.
  const VectorXd unit = matrix.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
  const MatrixXd scaled = unit.asDiagonal() * matrix * unit.asDiagonal();
  if (!(scaled.determinant() > 1e-12)) {
    result.reason = "the points do not determine all parameters of the profile";
    return result;
  }
  MatrixXd covariance = unit.asDiagonal() * scaled.inverse() * unit.asDiagonal();
  covariance *= options.robust ? variance : fit.reduced_chi2;
  fit.covariance.assign(size * size, 0.0);
  for (std::size_t a = 0; a < size; ++a)
    for (std::size_t b = 0; b < size; ++b)
      if (fit.held[a] == 0 && fit.held[b] == 0)
        fit.covariance[a * size + b] = covariance(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b));
  result.fit.push_back(std::move(fit));
  return result;
}

} // namespace aet::analysis
