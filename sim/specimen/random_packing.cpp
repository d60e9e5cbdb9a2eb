#include "sim/specimen/random_packing.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::specimen {

using core::Vec3;

namespace {

void check(std::size_t points, double volume_a3, const PackingOptions& options) {
  const double d = options.min_distance_a;
  if (!(d >= 0.5 && d <= 10.0))
    throw core::ConfigError(fmt::format("min_distance_a = {} is out of range; allowed is 0.5 to 10", d));
  if (options.max_sweeps < 1 || options.max_sweeps > 100000) {
    throw core::ConfigError(
        fmt::format("max_sweeps = {} is out of range; allowed is 1 to 100000", options.max_sweeps));
  }
  constexpr double densest = 0.60;
  const double filled = static_cast<double>(points) * core::pi / 6.0 * d * d * d / volume_a3;
  if (filled > densest) {
    throw core::ConfigError(
        fmt::format("{} atoms {} A apart fill {:.2f} of {:.0f} A^3, more than the {:.2f} that random packing "
                    "reaches with certainty; use a smaller density, or min_distance_a of at most {:.2f}",
                    points, d, filled, volume_a3, densest, d * std::cbrt(densest / filled)));
  }
}

/// Back into the body where a point is outside.
void confine(Vec3& r, const Shape& shape, double size) {
  if (shape.facets.empty()) {
    if (r.norm() > size) r *= size / r.norm();
    return;
  }
  for (const Facet& facet : shape.facets) {
    const double beyond = facet.normal.dot(r) - size * facet.distance;
    if (beyond > 0.0) r -= beyond * facet.normal;
  }
}

/// A point of the body that is clear of the fixed ones: among them it could get caught in a gap.
Vec3 random_point(const Shape& shape, double size, double reach, const std::vector<Vec3>& fixed,
                  double distance, core::RandomStream& random) {
  // A body full of fixed points has no room; the sweeps then say so.
  constexpr int tries = 10000;
  Vec3 r = Vec3::Zero();
  for (int i = 0; i < tries; ++i) {
    for (int k = 0; k < 3; ++k)
      r[k] = reach * (2.0 * random.uniform() - 1.0);
    const bool clear =
        gauge(shape, r) <= size && std::none_of(fixed.begin(), fixed.end(), [&](const Vec3& f) {
          return (f - r).squaredNorm() < distance * distance;
        });
    if (clear) break;
  }
  return r;
}

} // namespace

std::vector<Vec3> random_packing(std::size_t count, const Shape& shape, double size,
                                 const std::vector<Vec3>& fixed, const PackingOptions& options) {
  check(count + fixed.size(), volume(shape) * size * size * size, options);
  core::RandomStream random(options.seed, "specimen.packing");
  const double reach = size * circumradius(shape);
  std::vector<Vec3> points = fixed;
  for (std::size_t i = 0; i < count; ++i)
    points.push_back(random_point(shape, size, reach, fixed, options.min_distance_a, random));

  // Pushed a little farther apart than asked, so that the sweeps end. A list of pairs serves several sweeps,
  // since a point moves by much less than the skin in one.
  const double target = 1.02 * options.min_distance_a;
  const double skin = 0.25 * options.min_distance_a;
  constexpr int sweeps_per_list = 5;
  for (int sweep = 0; sweep < options.max_sweeps; sweep += sweeps_per_list) {
    const auto pairs = core::close_pairs(points, target + skin);
    const bool apart = std::none_of(pairs.begin(), pairs.end(), [&](const auto& p) {
      return p.second >= fixed.size() && (points[p.first] - points[p.second]).norm() < options.min_distance_a;
    });
    if (apart) return {points.begin() + static_cast<std::ptrdiff_t>(fixed.size()), points.end()};
    for (int k = 0; k < sweeps_per_list; ++k) {
      for (const auto& [i, j] : pairs) {
        if (j < fixed.size()) continue; // both stay
        const Vec3 between = points[j] - points[i];
        const double distance = between.norm();
        if (distance >= target) continue;
        const Vec3 direction = distance > 1e-9 ? Vec3(between / distance) : Vec3::UnitX();
        const bool i_stays = i < fixed.size();
        const Vec3 push = (i_stays ? 1.0 : 0.5) * (target - distance) * direction;
        points[j] += push;
        if (!i_stays) points[i] -= push;
      }
      for (std::size_t i = fixed.size(); i < points.size(); ++i)
        confine(points[i], shape, size);
    }
  }
  throw core::NumericsError(fmt::format(
      "{} atoms could not be packed {} A apart within {} sweeps; use a smaller density or distance", count,
      options.min_distance_a, options.max_sweeps));
}

} // namespace aet::specimen
