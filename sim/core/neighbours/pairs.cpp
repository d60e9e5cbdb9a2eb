#include "sim/core/neighbours/pairs.hpp"

#include <algorithm>

namespace aet::core {

IndexPairs close_pairs(std::span<const Vec3> points, double cutoff) {
  IndexPairs pairs;
  if (points.size() < 2) return pairs;
  const CellGrid grid(points, {}, cutoff);
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < points.size(); ++i) {
    grid.within(points[i], cutoff, hits);
    const auto first = static_cast<std::ptrdiff_t>(pairs.size());
    for (const Hit& hit : hits)
      if (hit.index > i) pairs.emplace_back(i, hit.index);
    std::sort(pairs.begin() + first, pairs.end());
  }
  return pairs;
}

double minimum_distance(std::span<const Vec3> points) {
  if (points.size() < 2) return std::numeric_limits<double>::infinity();
  // Any spacing that some pair is closer than will do: widen the search until one is found.
  for (double cutoff = 2.0;; cutoff *= 2.0) {
    double least = std::numeric_limits<double>::infinity();
    for (const auto& [i, j] : close_pairs(points, cutoff))
      least = std::min(least, (points[i] - points[j]).norm());
    if (least < cutoff) return least;
  }
}

std::vector<std::size_t> nearest_of_each(std::span<const Vec3> queries, const CellGrid& grid, double cutoff) {
  std::vector<std::size_t> nearest(queries.size(), no_point);
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    grid.within(queries[i], cutoff, hits);
    double best = std::numeric_limits<double>::infinity();
    for (const Hit& hit : hits) {
      if (hit.distance < best || (hit.distance == best && hit.index < nearest[i])) {
        best = hit.distance;
        nearest[i] = hit.index;
      }
    }
  }
  return nearest;
}

IndexPairs mutual_nearest(std::span<const Vec3> a, std::span<const Vec3> b, double cutoff) {
  return mutual_nearest(a, CellGrid(a, {}, cutoff), b, cutoff);
}

IndexPairs mutual_nearest(std::span<const Vec3> a, const CellGrid& grid_of_a, std::span<const Vec3> b,
                          double cutoff) {
  const auto of_a = nearest_of_each(a, CellGrid(b, {}, cutoff), cutoff);
  const auto of_b = nearest_of_each(b, grid_of_a, cutoff);
  IndexPairs pairs;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (of_a[i] != no_point && of_b[of_a[i]] == i) pairs.emplace_back(i, of_a[i]);
  return pairs;
}

} // namespace aet::core
