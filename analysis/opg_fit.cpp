#include "analysis/opg_fit.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Core>
#include <Eigen/LU>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace aet::analysis {
namespace {

// Parameters in this order: alpha0, lambda, beta, background.
using Vec4 = Eigen::Vector4d;
using Mat4 = Eigen::Matrix4d;
constexpr std::array<const char*, 4> names{"alpha0", "lambda", "beta", "background"};

void check(const ProfileFitOptions& o) {
  if (!(o.alpha0_max > 0.0))
    throw core::ConfigError(fmt::format("alpha0_max is {}; it must be positive", o.alpha0_max));
  if (!(o.lambda_min_a > 0.0) || !(o.lambda_max_a > o.lambda_min_a))
    throw core::ConfigError(fmt::format("bounds of lambda are {} to {} A; they must be positive and rise",
                                        o.lambda_min_a, o.lambda_max_a));
  if (!(o.beta_min > 0.0) || !(o.beta_max > o.beta_min))
    throw core::ConfigError(
        fmt::format("bounds of beta are {} to {}; they must be positive and rise", o.beta_min, o.beta_max));
  if (!(o.confidence >= 0.5) || o.confidence > 0.999)
    throw core::ConfigError(fmt::format("confidence is {}; it must lie between 0.5 and 0.999", o.confidence));
  if (o.min_points < 5)
    throw core::ConfigError(fmt::format("least number of shells is {}; it must be at least 5", o.min_points));
}

double model(const Vec4& p, double r) {
  return p[0] * std::exp(-std::pow(r / p[1], p[2])) + p[3];
}

Vec4 slope(const Vec4& p, double r) {
  const double ratio = r / p[1];
  const double power = std::pow(ratio, p[2]);
  const double decay = std::exp(-power);
  const double bend = ratio > 0.0 ? power * std::log(ratio) : 0.0;
  return {decay, p[0] * decay * power * p[2] / p[1], -p[0] * decay * bend, 1.0};
}

class Problem {
public:
  Problem(std::span<const ProfilePoint> points, const ProfileFitOptions& o)
      : points_(points), fitted_(o.background ? 4 : 3) {
    low_ = {0.0, o.lambda_min_a, o.beta_min, 0.0};
    high_ = {o.alpha0_max, o.lambda_max_a, o.beta_max, o.background ? 1.0 : 0.0};
  }

  [[nodiscard]] double chi2(const Vec4& p) const {
    double sum = 0.0;
    for (const ProfilePoint& point : points_)
      sum += point.count * std::pow(point.value - model(p, point.r), 2);
    return sum;
  }

  [[nodiscard]] Vec4 clamp(const Vec4& p) const { return p.cwiseMax(low_).cwiseMin(high_); }

  /// Best amplitude and background for a given lambda and beta.
  [[nodiscard]] Vec4 with_linear(double lambda, double beta) const {
    double w = 0.0;
    double f = 0.0;
    double ff = 0.0;
    double v = 0.0;
    double fv = 0.0;
    for (const ProfilePoint& point : points_) {
      const double shape = std::exp(-std::pow(point.r / lambda, beta));
      w += point.count;
      f += point.count * shape;
      ff += point.count * shape * shape;
      v += point.count * point.value;
      fv += point.count * shape * point.value;
    }
    Vec4 p(ff > 0.0 ? fv / ff : 0.0, lambda, beta, 0.0);
    if (const double det = w * ff - f * f; fitted_ == 4 && det > 1e-12 * w * ff) {
      p[0] = (w * fv - f * v) / det;
      p[3] = (ff * v - f * fv) / det;
    }
    return clamp(p);
  }

  [[nodiscard]] Vec4 best_start() const {
    Vec4 best;
    double lowest = -1.0;
    for (double lambda = std::max(1.0, low_[1]); lambda <= std::min(40.0, high_[1]); lambda *= 1.3)
      for (const double beta : {0.7, 1.0, 1.5, 2.0, 3.0, 5.0}) {
        const Vec4 p =
            with_linear(std::clamp(lambda, low_[1], high_[1]), std::clamp(beta, low_[2], high_[2]));
        const double c = chi2(p);
        if (lowest < 0.0 || c < lowest) {
          lowest = c;
          best = p;
        }
      }
    return best;
  }

  /// Normal matrix and gradient over the free parameters; rows and columns of held ones are those of a unit
  /// matrix.
  void normal(const Vec4& p, const std::array<bool, 4>& held, Mat4& matrix, Vec4& right) const {
    matrix.setZero();
    right.setZero();
    for (const ProfilePoint& point : points_) {
      Vec4 j = slope(p, point.r);
      for (int k = 0; k < 4; ++k)
        if (held[k]) j[k] = 0.0;
      matrix += point.count * j * j.transpose();
      right += point.count * (point.value - model(p, point.r)) * j;
    }
    for (int k = 0; k < 4; ++k)
      if (held[k]) matrix(k, k) = 1.0;
  }

  /// Parameters on a bound that would leave it if they were free to.
  [[nodiscard]] std::array<bool, 4> held(const Vec4& p) const {
    Mat4 matrix;
    Vec4 downhill;
    normal(p, {}, matrix, downhill);
    std::array<bool, 4> result{};
    for (int k = 0; k < 4; ++k)
      result[k] = (p[k] <= low_[k] && downhill[k] <= 0.0) || (p[k] >= high_[k] && downhill[k] >= 0.0);
    return result;
  }

  [[nodiscard]] Vec4 minimise(Vec4 p) const {
    double c = chi2(p);
    double damping = 1e-3;
    for (int round = 0; round < 300; ++round) {
      Mat4 matrix;
      Vec4 right;
      normal(p, held(p), matrix, right);
      Mat4 damped = matrix;
      for (int k = 0; k < 4; ++k)
        damped(k, k) += damping * std::max(matrix(k, k), 1e-12);
      const Vec4 next = clamp(p + damped.inverse() * right);
      const double c_next = next.allFinite() ? chi2(next) : c;
      if (next.allFinite() && c_next < c) {
        const bool settled = c - c_next < 1e-14 * c && (next - p).norm() < 1e-10 * p.norm();
        p = next;
        c = c_next;
        damping = std::max(damping * 0.2, 1e-12);
        if (settled) break;
      } else {
        damping *= 4.0;
        if (damping > 1e12) break;
      }
    }
    return p;
  }

  [[nodiscard]] bool is_fitted(int k) const { return k < fitted_; }
  [[nodiscard]] int fitted() const { return fitted_; }

private:
  std::span<const ProfilePoint> points_;
  int fitted_;
  Vec4 low_;
  Vec4 high_;
};

} // namespace

std::vector<ProfilePoint> radial_profile(std::span<const double> distances, std::span<const double> values,
                                         double width) {
  if (!(width > 0.0)) throw core::ConfigError(fmt::format("shell width is {} A; it must be positive", width));
  if (distances.size() != values.size())
    throw core::DataError(
        fmt::format("{} values are given for {} distances", values.size(), distances.size()));
  // Summed in the order of (distance, value), so the order of atoms leaves no trace.
  std::vector<std::pair<double, double>> sorted;
  for (std::size_t i = 0; i < distances.size(); ++i)
    sorted.emplace_back(distances[i], values[i]);
  std::sort(sorted.begin(), sorted.end());
  std::map<long long, ProfilePoint> shells;
  for (const auto& [r, value] : sorted) {
    ProfilePoint& shell = shells[static_cast<long long>(r / width)];
    shell.r += r;
    shell.value += value;
    shell.count += 1.0;
  }
  std::vector<ProfilePoint> profile;
  for (const auto& [number, shell] : shells)
    profile.push_back({shell.r / shell.count, shell.value / shell.count, shell.count});
  return profile;
}

ProfileFitResult fit_profile(std::span<const ProfilePoint> points, const ProfileFitOptions& options) {
  check(options);
  double weight = 0.0;
  double mean = 0.0;
  for (const ProfilePoint& p : points) {
    if (!std::isfinite(p.r) || !std::isfinite(p.value) || !(p.count > 0.0) || p.r < 0.0)
      throw core::DataError(
          "a point of an order-parameter profile is not a number, or its weight is not positive");
    weight += p.count;
    mean += p.count * p.value;
  }
  ProfileFitResult result;
  const int n = static_cast<int>(points.size());
  if (n < options.min_points) {
    result.reason = fmt::format("{} shells; a fit needs at least {}", n, options.min_points);
    return result;
  }
  mean /= weight;
  double total = 0.0;
  for (const ProfilePoint& p : points)
    total += p.count * (p.value - mean) * (p.value - mean);
  if (!(total > 1e-12 * weight)) {
    result.reason = "the order parameter does not change with distance";
    return result;
  }

  const Problem problem(points, options);
  const Vec4 p = problem.minimise(problem.best_start());
  const double chi2 = problem.chi2(p);
  ProfileFit fit;
  fit.alpha0 = p[0];
  fit.lambda_a = p[1];
  fit.beta = p[2];
  fit.background = p[3];
  fit.degrees_of_freedom = n - problem.fitted();
  fit.reduced_chi2 = chi2 / fit.degrees_of_freedom;
  fit.rms = std::sqrt(chi2 / weight);
  fit.r_squared = 1.0 - chi2 / total;
  fit.interval_factor = student_t_quantile(0.5 + 0.5 * options.confidence, fit.degrees_of_freedom);
  if (p[0] <= 0.0) {
    result.reason = "the order parameter does not fall with distance from the core";
    return result;
  }

  const std::array<bool, 4> held = problem.held(p);
  Mat4 matrix;
  Vec4 right;
  problem.normal(p, held, matrix, right);
  // Scaled to a unit diagonal, a vanishing determinant says that the points do not determine all free
  // parameters.
  const Vec4 scale = matrix.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
  const Mat4 scaled = scale.asDiagonal() * matrix * scale.asDiagonal();
  if (!(scaled.determinant() > 1e-12)) {
    result.reason = "the points do not determine all parameters of the profile";
    return result;
  }
  const Mat4 covariance = scale.asDiagonal() * scaled.inverse() * scale.asDiagonal() * fit.reduced_chi2;
  const std::array<std::optional<double>*, 4> sd{&fit.alpha0_sd, &fit.lambda_sd_a, &fit.beta_sd,
                                                 &fit.background_sd};
  for (int k = 0; k < 4; ++k) {
    if (!problem.is_fitted(k)) continue;
    if (!held[k]) {
      *sd[k] = std::sqrt(covariance(k, k));
    } else {
      result.reason +=
          fmt::format("{}{} ended on its bound {:.4g}", result.reason.empty() ? "" : "; ", names[k], p[k]);
    }
  }
  result.fit = fit;
  return result;
}

double student_t_quantile(double p, int dof) {
  if (!(p > 0.5) || p >= 1.0 || dof < 1)
    throw core::ConfigError(
        fmt::format("Student quantile of p = {} with {} degrees of freedom; p must lie between "
                    "0.5 and 1 and there must be at least 1 degree",
                    p, dof));
  if (dof == 1) return std::tan(core::pi * (p - 0.5));
  if (dof == 2) return (2.0 * p - 1.0) / std::sqrt(2.0 * p * (1.0 - p));
  // Normal quantile by bisection of erfc: a few dozen steps, no table.
  double low = 0.0;
  double high = 40.0;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    (0.5 * std::erfc(middle / std::sqrt(2.0)) > 1.0 - p ? low : high) = middle;
  }
  const double x = 0.5 * (low + high);
  const double x2 = x * x;
  const double v = dof;
  const double g1 = x * (x2 + 1.0) / 4.0;
  const double g2 = x * ((5.0 * x2 + 16.0) * x2 + 3.0) / 96.0;
  const double g3 = x * (((3.0 * x2 + 19.0) * x2 + 17.0) * x2 - 15.0) / 384.0;
  const double g4 = x * ((((79.0 * x2 + 776.0) * x2 + 1482.0) * x2 - 1920.0) * x2 - 945.0) / 92160.0;
  return x + g1 / v + g2 / (v * v) + g3 / (v * v * v) + g4 / (v * v * v * v);
}

} // namespace aet::analysis
