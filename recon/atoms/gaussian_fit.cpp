#include "recon/atoms/gaussian_fit.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace aet::recon {

namespace {

constexpr double least_width = 0.5; // [voxels]
constexpr double most_width = 3.0;
constexpr int parameters = 8; // centre 3, log width 3, height, base
using Vector = Eigen::Matrix<double, parameters, 1>;
using Matrix = Eigen::Matrix<double, parameters, parameters>;

struct Cube {
  std::array<int, 3> centre{};
  int half = 2;
};

/// Sum of squares, and if asked for the normal equations.
double residuals(const core::Volume& v, const Cube& cube, const Vector& p, Matrix* normal, Vector* gradient) {
  double sum = 0.0;
  if (normal != nullptr) {
    normal->setZero();
    gradient->setZero();
  }
  const core::Vec3 inverse(std::exp(-2.0 * p[3]), std::exp(-2.0 * p[4]), std::exp(-2.0 * p[5]));
  for (int z = cube.centre[2] - cube.half; z <= cube.centre[2] + cube.half; ++z) {
    for (int y = cube.centre[1] - cube.half; y <= cube.centre[1] + cube.half; ++y) {
      for (int x = cube.centre[0] - cube.half; x <= cube.centre[0] + cube.half; ++x) {
        const core::Vec3 d(x - p[0], y - p[1], z - p[2]);
        const core::Vec3 scaled = d.cwiseProduct(inverse);
        const double shape = std::exp(-0.5 * d.dot(scaled));
        const double difference = static_cast<double>(v.at(x, y, z)) - p[6] * shape - p[7];
        sum += difference * difference;
        if (normal == nullptr) continue;
        Vector row;
        row.head<3>() = p[6] * shape * scaled;
        row.segment<3>(3) = p[6] * shape * d.cwiseProduct(scaled);
        row[6] = shape;
        row[7] = 1.0;
        normal->noalias() += row * row.transpose();
        gradient->noalias() += row * difference;
      }
    }
  }
  return sum;
}

} // namespace

GaussianPeak fit_gaussian(const core::Volume& volume, const core::Vec3& start, int half) {
  GaussianPeak peak;
  peak.centre = start;
  Cube cube{{static_cast<int>(std::lround(start.x())), static_cast<int>(std::lround(start.y())),
             static_cast<int>(std::lround(start.z()))},
            half};
  const std::array<int, 3> size{volume.nx, volume.ny, volume.nz};
  float low = std::numeric_limits<float>::infinity();
  for (std::size_t k = 0; k < 3; ++k) {
    if (cube.centre[k] - half < 0 || cube.centre[k] + half >= size[k]) return peak;
  }
  for (int z = cube.centre[2] - half; z <= cube.centre[2] + half; ++z) {
    for (int y = cube.centre[1] - half; y <= cube.centre[1] + half; ++y) {
      for (int x = cube.centre[0] - half; x <= cube.centre[0] + half; ++x)
        low = std::min(low, volume.at(x, y, z));
    }
  }
  const auto top = static_cast<double>(volume.at(cube.centre[0], cube.centre[1], cube.centre[2]));
  Vector p;
  p << start, std::log(1.2), std::log(1.2), std::log(1.2), top - static_cast<double>(low),
      static_cast<double>(low);
  Matrix normal;
  Vector gradient;
  double sum = residuals(volume, cube, p, &normal, &gradient);
  double damping = 1e-3;
  for (peak.iterations = 1; peak.iterations <= 60 && !peak.converged; ++peak.iterations) {
    Matrix damped = normal;
    damped.diagonal() *= 1.0 + damping;
    damped.diagonal().array() += 1e-12;
    Vector pull = gradient;
    for (int k = 3; k < 6; ++k) { // a width at its bound that is drawn outwards stays there
      const bool low_end = p[k] <= std::log(least_width) && pull[k] < 0.0;
      const bool high_end = p[k] >= std::log(most_width) && pull[k] > 0.0;
      if (!low_end && !high_end) continue;
      damped.row(k).setZero();
      damped.col(k).setZero();
      damped(k, k) = 1.0;
      pull[k] = 0.0;
    }
    const Vector step = damped.ldlt().solve(pull);
    Vector trial = p + step;
    // Peaks narrower than a voxel have no width that voxels could tell: it stays at the bound.
    trial.segment<3>(3) = trial.segment<3>(3).cwiseMax(std::log(least_width)).cwiseMin(std::log(most_width));
    const bool sane = step.allFinite();
    const double after =
        sane ? residuals(volume, cube, trial, nullptr, nullptr) : std::numeric_limits<double>::infinity();
    if (after <= sum) {
      peak.converged = step.head<3>().norm() < 1e-4 && sum - after <= 1e-6 * sum;
      p = trial;
      damping = std::max(damping * 0.3, 1e-9);
      sum = residuals(volume, cube, p, &normal, &gradient);
    } else {
      if (damping > 1e10) break;
      damping *= 5.0;
    }
  }
  peak.centre = p.head<3>();
  peak.width = p.segment<3>(3).array().exp();
  peak.height = p[6];
  peak.base = p[7];
  peak.converged = peak.converged && peak.height > 0.0 && (peak.centre - start).norm() < 2.0;
  return peak;
}

core::Volume subtract_peaks(const core::Volume& volume, const std::vector<GaussianPeak>& peaks,
                            core::Threads threads) {
  core::Volume rest = volume;
  core::parallel_for(static_cast<std::size_t>(volume.nz), threads, [&](std::size_t plane, int) {
    const int z = static_cast<int>(plane);
    for (const GaussianPeak& peak : peaks) {
      const core::Vec3 reach = 4.0 * peak.width;
      if (!peak.converged || std::abs(z - peak.centre.z()) > reach.z()) continue;
      const int first_x = std::max(0, static_cast<int>(std::ceil(peak.centre.x() - reach.x())));
      const int last_x = std::min(rest.nx - 1, static_cast<int>(std::floor(peak.centre.x() + reach.x())));
      const int first_y = std::max(0, static_cast<int>(std::ceil(peak.centre.y() - reach.y())));
      const int last_y = std::min(rest.ny - 1, static_cast<int>(std::floor(peak.centre.y() + reach.y())));
      for (int y = first_y; y <= last_y; ++y) {
        for (int x = first_x; x <= last_x; ++x) {
          const core::Vec3 t = (core::Vec3(x, y, z) - peak.centre).cwiseQuotient(peak.width);
          rest.at(x, y, z) -= static_cast<float>(peak.height * std::exp(-0.5 * t.squaredNorm()));
        }
      }
    }
  });
  return rest;
}

} // namespace aet::recon
