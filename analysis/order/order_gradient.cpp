#include "analysis/order/order_gradient.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::analysis {

using core::Mat3;
using core::Vec3;

OrderGradient order_gradient(const core::NeighbourList& neighbours, std::span<const double> values,
                             core::Threads threads) {
  const std::size_t n = neighbours.atoms();
  if (values.size() != n)
    throw core::DataError(fmt::format("{} values are given for {} atoms", values.size(), n));
  OrderGradient result;
  result.gradient.assign(n, Vec3::Zero());
  result.valid.assign(n, 0);
  if (neighbours.distance.empty()) return result;
  const double s = 0.5 * *std::max_element(neighbours.distance.begin(), neighbours.distance.end());

  constexpr std::size_t block = 256;
  core::parallel_for((n + block - 1) / block, threads, [&](std::size_t b, int) {
    for (std::size_t i = b * block; i < std::min(n, (b + 1) * block); ++i) {
      // The weighted means are taken out first; what is left is a 3 x 3 problem.
      double weight = 1.0; // the atom itself, at distance 0
      Vec3 mean_r = Vec3::Zero();
      double mean_v = 0.0; // of value - value_i
      for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e) {
        const double w = std::exp(-0.5 * neighbours.distance[e] * neighbours.distance[e] / (s * s));
        weight += w;
        mean_r += w * Vec3(neighbours.dx[e], neighbours.dy[e], neighbours.dz[e]);
        mean_v += w * (values[neighbours.index[e]] - values[i]);
      }
      mean_r /= weight;
      mean_v /= weight;
      Mat3 moments = mean_r * mean_r.transpose();
      Vec3 product = mean_r * mean_v;
      for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e) {
        const double w = std::exp(-0.5 * neighbours.distance[e] * neighbours.distance[e] / (s * s));
        const Vec3 r = Vec3(neighbours.dx[e], neighbours.dy[e], neighbours.dz[e]) - mean_r;
        moments += w * r * r.transpose();
        product += w * r * (values[neighbours.index[e]] - values[i] - mean_v);
      }
      const Vec3 spread = Eigen::SelfAdjointEigenSolver<Mat3>(moments, Eigen::EigenvaluesOnly).eigenvalues();
      // Below 2 % of the widest direction the neighbours lie (nearly) in a plane.
      if (!(spread[0] > 0.02 * spread[2])) continue;
      result.gradient[i] = moments.inverse() * product;
      result.valid[i] = 1;
    }
  });
  return result;
}

} // namespace aet::analysis
