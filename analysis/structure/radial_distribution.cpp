#include "analysis/structure/radial_distribution.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>

namespace aet::analysis {
namespace {

using core::Mat3;
using core::Vec3;

/// The shape that the atoms fill: its volume, and the fraction of it that a shift of length r keeps inside.
struct Shape {
  double volume = 0.0;
  std::function<double(double)> kept;
};

double cell_variance(double volume_per_atom) {
  // Second moment along an axis of a ball of that volume: R^2 / 5.
  return std::pow(3.0 * volume_per_atom / (4.0 * core::pi), 2.0 / 3.0) / 5.0;
}

Mat3 covariance(std::span<const Vec3> positions) {
  Vec3 mean = Vec3::Zero();
  for (const Vec3& p : positions)
    mean += p;
  mean /= static_cast<double>(positions.size());
  Mat3 sum = Mat3::Zero();
  for (const Vec3& p : positions)
    sum += (p - mean) * (p - mean).transpose();
  return sum / static_cast<double>(positions.size());
}

/// Mean over directions; the integrand must be even in each axis. Midpoint rule in cos(theta) and phi over
/// one octant.
template <typename F> double direction_mean(const F& f) {
  constexpr int steps = 24;
  double sum = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double u = (i + 0.5) / steps;
    const double s = std::sqrt(1.0 - u * u);
    for (int j = 0; j < steps; ++j) {
      const double phi = 0.5 * core::pi * (j + 0.5) / steps;
      sum += f(Vec3(s * std::cos(phi), s * std::sin(phi), u));
    }
  }
  return sum / (steps * steps);
}

Shape ellipsoid(std::span<const Vec3> positions) {
  const Vec3 moments =
      Eigen::SelfAdjointEigenSolver<Mat3>(covariance(positions), Eigen::EigenvaluesOnly).eigenvalues();
  const double n = static_cast<double>(positions.size());
  // The volume decides how far each atom is spread, and that adds to the moments: a few rounds settle it.
  Vec3 axes = (5.0 * moments.array().max(1e-6)).sqrt().matrix();
  double volume = 0.0;
  for (int round = 0; round < 60; ++round) {
    volume = 4.0 / 3.0 * core::pi * axes.prod();
    axes = (5.0 * (moments.array().max(0.0) + cell_variance(volume / n))).sqrt().matrix();
  }
  return {volume, [axes](double r) {
            return direction_mean([&](const Vec3& u) {
              const double t = 0.5 * r * u.cwiseQuotient(axes).norm();
              return t < 1.0 ? 1.0 - 1.5 * t + 0.5 * t * t * t : 0.0;
            });
          }};
}

Shape periodic_shape(std::span<const Vec3> positions, const core::Cell& cell) {
  const Mat3 to_fraction = cell.vectors.transpose().inverse();
  std::vector<Vec3> normals;
  std::vector<double> thickness;
  double volume = std::abs(cell.vectors.determinant());
  for (int k = 0; k < 3; ++k) {
    if (cell.periodic[k]) continue;
    const Vec3 normal = to_fraction.row(k).transpose().normalized();
    const double height = 1.0 / to_fraction.row(k).norm();
    const double variance = normal.dot(covariance(positions) * normal);
    // A slab of thickness L has a variance of L^2 / 12.
    double slab = std::sqrt(12.0 * variance);
    for (int round = 0; round < 60; ++round)
      slab = std::sqrt(
          12.0 * (variance + cell_variance(volume / height * slab / static_cast<double>(positions.size()))));
    volume *= slab / height;
    normals.push_back(normal);
    thickness.push_back(slab);
  }
  if (normals.empty()) return {volume, [](double) { return 1.0; }};
  if (normals.size() == 1)
    return {volume, [slab = thickness[0]](double r) {
              // Mean of max(0, 1 - r u / L) over u = |cos| uniform in [0, 1].
              return r <= slab ? 1.0 - 0.5 * r / slab : 0.5 * slab / r;
            }};
  return {volume, [normals, thickness](double r) {
            // Two open directions: take the normals as perpendicular, which a wire in a sensible cell is.
            return direction_mean([&](const Vec3& u) {
              return std::max(0.0, 1.0 - r * u.x() / thickness[0]) *
                     std::max(0.0, 1.0 - r * u.y() / thickness[1]);
            });
          }};
}

std::vector<double> smoothed(const std::vector<double>& values, double sigma_bins) {
  if (sigma_bins <= 0.0) return values;
  const int reach = static_cast<int>(std::ceil(5.0 * sigma_bins));
  const int n = static_cast<int>(values.size());
  std::vector<double> result(values.size(), 0.0);
  for (int i = 0; i < n; ++i) {
    double sum = 0.0;
    double weights = 0.0;
    for (int j = std::max(0, i - reach); j <= std::min(n - 1, i + reach); ++j) {
      const double w = std::exp(-0.5 * (i - j) * (i - j) / (sigma_bins * sigma_bins));
      sum += w * values[j];
      weights += w;
    }
    result[i] = sum / weights;
  }
  return result;
}

/// At most so many atoms, evenly spread in their order in space, whatever their order in the list.
std::vector<std::size_t> centres_of(std::span<const Vec3> positions, std::size_t limit) {
  std::vector<std::size_t> all(positions.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (all.size() <= limit) return all;
  std::sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
    return std::lexicographical_compare(positions[a].begin(), positions[a].end(), positions[b].begin(),
                                        positions[b].end());
  });
  std::vector<std::size_t> some;
  for (std::size_t k = 0; k < limit; ++k)
    some.push_back(all[k * all.size() / limit]);
  return some;
}

void check(const RadialOptions& o) {
  if (!(o.r_max_a > 0.0) || !std::isfinite(o.r_max_a))
    throw core::ConfigError(fmt::format("r_max of g(r) is {} A; it must be positive", o.r_max_a));
  if (!(o.step_a > 0.0) || o.step_a > o.r_max_a / 10.0)
    throw core::ConfigError(
        fmt::format("step of g(r) is {} A; it must lie between 0 and a tenth of r_max ({} A)", o.step_a,
                    o.r_max_a / 10.0));
  if (o.max_centres < 1) throw core::ConfigError("g(r) around no atom was asked for; allowed is at least 1");
  if (!(o.smoothing_a >= 0.0) || !std::isfinite(o.smoothing_a))
    throw core::ConfigError(fmt::format("smoothing of g(r) is {} A; it must not be negative", o.smoothing_a));
}

} // namespace

RadialDistribution radial_distribution(std::span<const Vec3> positions, const std::optional<core::Cell>& cell,
                                       const RadialOptions& options, core::Threads threads) {
  check(options);
  if (positions.size() < 2)
    throw core::DataError(fmt::format("g(r) needs at least two atoms; there are {}", positions.size()));
  const bool any_periodic = cell && (cell->periodic[0] || cell->periodic[1] || cell->periodic[2]);
  const core::CellGrid grid(positions, cell, std::min(options.r_max_a, 4.0));
  if (options.r_max_a > grid.unique_image_radius())
    throw core::ConfigError(fmt::format("r_max of g(r) is {} A, longer than half the periodic box ({} A)",
                                        options.r_max_a, grid.unique_image_radius()));
  const Shape shape = any_periodic ? periodic_shape(positions, *cell) : ellipsoid(positions);

  const std::size_t bins = static_cast<std::size_t>(std::ceil(options.r_max_a / options.step_a - 1e-9));
  std::vector<std::vector<std::uint64_t>> counts(static_cast<std::size_t>(threads.count),
                                                 std::vector<std::uint64_t>(bins, 0));
  const std::vector<std::size_t> centres = centres_of(positions, options.max_centres);
  constexpr std::size_t block = 128;
  core::parallel_for((centres.size() + block - 1) / block, threads, [&](std::size_t b, int worker) {
    std::vector<core::Hit> hits;
    for (std::size_t c = b * block; c < std::min(centres.size(), (b + 1) * block); ++c) {
      const std::size_t i = centres[c];
      grid.within(positions[i], options.r_max_a, hits);
      for (const core::Hit& hit : hits) {
        const auto bin = static_cast<std::size_t>(hit.distance / options.step_a);
        if (hit.index != i && bin < bins) ++counts[static_cast<std::size_t>(worker)][bin];
      }
    }
  });

  RadialDistribution result;
  const double n = static_cast<double>(positions.size());
  result.number_density = n / shape.volume;
  for (std::size_t b = 0; b < bins; ++b) {
    const double inner = static_cast<double>(b) * options.step_a;
    const double outer = inner + options.step_a;
    const double middle = 0.5 * (inner + outer);
    const double kept = shape.kept(middle);
    if (kept < 0.05) break;
    double pairs = 0.0;
    for (const auto& of_worker : counts)
      pairs += static_cast<double>(of_worker[b]);
    const double gas = static_cast<double>(centres.size()) * (n - 1.0) / shape.volume * kept * 4.0 / 3.0 *
                       core::pi * (outer * outer * outer - inner * inner * inner);
    result.r.push_back(middle);
    result.g.push_back(pairs / gas);
  }
  result.g = smoothed(result.g, options.smoothing_a / options.step_a);
  return result;
}

FirstShell first_shell(const RadialDistribution& distribution) {
  const std::vector<double>& g = distribution.g;
  const char* advice = "; give the neighbour cut-off in the settings";
  constexpr double shortest_bond_a = 0.7;
  const auto bonds = std::lower_bound(distribution.r.begin(), distribution.r.end(), shortest_bond_a) -
                     distribution.r.begin();
  const auto top = std::max_element(g.begin() + bonds, g.end());
  if (top == g.end() || !(*top > 0.0))
    throw NoFirstShell(fmt::format("g(r) has no peak below its r_max{}", advice));
  std::size_t lowest = static_cast<std::size_t>(top - g.begin());
  const double rise = 0.05 * *top;
  bool risen = false;
  for (std::size_t i = lowest + 1; i < g.size() && !risen; ++i) {
    if (g[i] < g[lowest]) lowest = i;
    risen = g[i] > g[lowest] + rise;
  }
  if (!risen)
    throw NoFirstShell(fmt::format("g(r) does not rise again behind its peak at {:.2f} A{}",
                                   distribution.r[static_cast<std::size_t>(top - g.begin())], advice));
  std::size_t flat_end = lowest;
  while (flat_end + 1 < g.size() && g[flat_end + 1] == g[lowest])
    ++flat_end;
  return {distribution.r[static_cast<std::size_t>(top - g.begin())],
          0.5 * (distribution.r[lowest] + distribution.r[flat_end])};
}

} // namespace aet::analysis
