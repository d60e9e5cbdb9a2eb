#include "recon/atoms/polynomial_fit.hpp"

#include "sim/core/error.hpp"

#include <Eigen/LU>
#include <Eigen/QR>
#include <fmt/core.h>

#include <array>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

struct Powers {
  int x;
  int y;
  int z;
};

/// Exponents of the 35 monomials up to fourth order, the ten of up to second order first.
std::vector<Powers> quartic_monomials() {
  std::vector<Powers> list{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {2, 0, 0},
                           {0, 2, 0}, {0, 0, 2}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}};
  for (int order = 3; order <= 4; ++order) {
    for (int a = order; a >= 0; --a) {
      for (int b = order - a; b >= 0; --b)
        list.push_back({a, b, order - a - b});
    }
  }
  return list;
}

double power(double x, int n) {
  double result = 1.0;
  for (int i = 0; i < n; ++i)
    result *= x;
  return result;
}

void require(bool good, const char* name, double value, const char* allowed) {
  if (!good) {
    throw core::ConfigError(fmt::format("peak fit option {} is {}; allowed is {}", name, value, allowed));
  }
}

bool negative_definite(const core::Mat3& h) {
  const double minor2 = h(0, 0) * h(1, 1) - h(0, 1) * h(1, 0);
  return h(0, 0) < 0.0 && minor2 > 0.0 && h.determinant() < 0.0;
}

} // namespace

void check(const PeakFitOptions& o) {
  require(o.radius >= 2.5 && o.radius <= 10.0, "radius", o.radius, "[2.5, 10] upsampled voxels");
  require(o.weight_length > 0.0 && o.weight_length <= 100.0, "weight_length", o.weight_length,
          "(0, 100] upsampled voxels");
  require(o.max_step > 0.0 && o.max_step <= 2.0, "max_step", o.max_step, "(0, 2] upsampled voxels");
  require(o.max_drift > 0.0 && o.max_drift <= 20.0, "max_drift", o.max_drift, "(0, 20] upsampled voxels");
  require(o.small_step > 0.0 && o.small_step <= o.max_step, "small_step", o.small_step, "(0, max_step]");
  require(o.settle_steps >= 1, "settle_steps", o.settle_steps, "at least 1");
  require(o.max_iterations >= o.settle_steps, "max_iterations", o.max_iterations, "at least settle_steps");
}

PolynomialPeakFitter::PolynomialPeakFitter(const PeakFitOptions& options, int factor)
    : options_(options), factor_(factor), half_(static_cast<int>(std::floor(options.radius))) {
  check(options);
  if (factor < 1)
    throw core::ConfigError(fmt::format("upsampling factor is {}; allowed is at least 1", factor));

  const auto monomials = quartic_monomials();
  const int length = 2 * half_ + 1;
  std::vector<core::Vec3> offsets;
  for (int k = -half_; k <= half_; ++k) {
    for (int j = -half_; j <= half_; ++j) {
      for (int i = -half_; i <= half_; ++i) {
        const core::Vec3 d(i, j, k);
        if (d.norm() > options_.radius) continue;
        offsets.push_back(d);
        points_.push_back(((k + half_) * length + j + half_) * length + i + half_);
      }
    }
  }
  // Columns in units of the radius keep the least squares matrix well conditioned; undone in the rows below.
  const auto rows = static_cast<Eigen::Index>(offsets.size());
  const auto columns = static_cast<Eigen::Index>(monomials.size());
  Eigen::MatrixXd design(rows, columns);
  Eigen::VectorXd root_weight(rows);
  for (Eigen::Index r = 0; r < rows; ++r) {
    const core::Vec3 d = offsets[static_cast<std::size_t>(r)] / options_.radius;
    root_weight[r] = std::exp(-0.5 * offsets[static_cast<std::size_t>(r)].squaredNorm() /
                              power(options_.weight_length, 2));
    for (Eigen::Index c = 0; c < columns; ++c) {
      const Powers& m = monomials[static_cast<std::size_t>(c)];
      design(r, c) = root_weight[r] * power(d.x(), m.x) * power(d.y(), m.y) * power(d.z(), m.z);
    }
  }
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(design);
  if (qr.rank() < columns) {
    throw core::ConfigError(
        fmt::format("a sphere of radius {} upsampled voxels holds too few points for a quartic; "
                    "use a larger radius",
                    options_.radius));
  }
  const Eigen::MatrixXd inverse = qr.solve(Eigen::MatrixXd(root_weight.asDiagonal()));
  inverse_.resize(10, rows);
  for (Eigen::Index c = 0; c < 10; ++c) {
    const Powers& m = monomials[static_cast<std::size_t>(c)];
    inverse_.row(c) = inverse.row(c) / power(options_.radius, m.x + m.y + m.z);
  }
}

Eigen::Matrix<double, 10, 1> PolynomialPeakFitter::coefficients(const SplineVolume& spline,
                                                                const core::Vec3& centre) const {
  std::vector<double> cube;
  spline.sample_cube(centre / factor_, 1.0 / factor_, half_, cube);
  Eigen::VectorXd values(static_cast<Eigen::Index>(points_.size()));
  for (std::size_t i = 0; i < points_.size(); ++i)
    values[static_cast<Eigen::Index>(i)] = cube[points_[i]];
  return inverse_ * values;
}

PeakFit PolynomialPeakFitter::fit(const SplineVolume& spline, const core::Vec3& start) const {
  const core::Vec3 last = factor_ * core::Vec3(spline.nx() - 1, spline.ny() - 1, spline.nz() - 1);
  const auto near_face = [&](const core::Vec3& c) {
    return c.minCoeff() < options_.radius || (last - c).minCoeff() < options_.radius;
  };
  PeakFit result;
  result.centre = start;
  if (near_face(start)) {
    result.outcome = FitOutcome::at_edge;
    return result;
  }
  int small_steps = 0;
  while (result.iterations < options_.max_iterations) {
    ++result.iterations;
    const Eigen::Matrix<double, 10, 1> p = coefficients(spline, result.centre);
    result.height = p[0];
    const core::Vec3 gradient(p[1], p[2], p[3]);
    core::Mat3 hessian;
    hessian << 2.0 * p[4], p[7], p[8], p[7], 2.0 * p[5], p[9], p[8], p[9], 2.0 * p[6];
    if (!negative_definite(hessian)) {
      result.outcome = FitOutcome::no_maximum;
      return result;
    }
    core::Vec3 step = -(hessian.inverse() * gradient);
    const double length = step.norm();
    if (length > options_.max_step) step *= options_.max_step / length;
    result.centre += step;
    if ((result.centre - start).norm() > options_.max_drift) {
      result.outcome = FitOutcome::drifted;
      return result;
    }
    if (near_face(result.centre)) {
      result.outcome = FitOutcome::at_edge;
      return result;
    }
    small_steps = length < options_.small_step ? small_steps + 1 : 0;
    if (small_steps >= options_.settle_steps) {
      result.outcome = FitOutcome::converged;
      return result;
    }
  }
  return result;
}

double PolynomialPeakFitter::integrate(const SplineVolume& spline, const core::Vec3& centre) const {
  std::vector<double> cube;
  spline.sample_cube(centre / factor_, 1.0 / factor_, half_, cube);
  double sum = 0.0;
  for (const int i : points_)
    sum += cube[i];
  return sum / power(factor_, 3);
}

} // namespace aet::recon
