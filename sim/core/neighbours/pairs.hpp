// Pairs of near points, within one set and between two; open boundaries.
#pragma once

#include "sim/core/neighbours/cell_grid.hpp"

#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace aet::core {

using IndexPairs = std::vector<std::pair<std::size_t, std::size_t>>;

/// All pairs (i < j) closer than `cutoff` [angstrom, > 0], sorted. Points in one place are a pair.
[[nodiscard]] IndexPairs close_pairs(std::span<const Vec3> points, double cutoff);

/// Smallest distance of two points [angstrom]; infinity for fewer than two.
[[nodiscard]] double minimum_distance(std::span<const Vec3> points);

inline constexpr std::size_t no_point = std::numeric_limits<std::size_t>::max();

/// For each query the index of the nearest point of the grid closer than `cutoff` [angstrom], or no_point.
/// Of equally near points the lowest index counts.
[[nodiscard]] std::vector<std::size_t> nearest_of_each(std::span<const Vec3> queries, const CellGrid& grid,
                                                       double cutoff);

/// Index pairs (i of a, j of b) where each is the other's nearest and their distance is below `cutoff`
/// [angstrom]; one-to-one by construction, by rising i. Of equally near points the lowest index counts.
[[nodiscard]] IndexPairs mutual_nearest(std::span<const Vec3> a, std::span<const Vec3> b, double cutoff);

/// The same with the grid of `a`, for many sets b against one a.
[[nodiscard]] IndexPairs mutual_nearest(std::span<const Vec3> a, const CellGrid& grid_of_a,
                                        std::span<const Vec3> b, double cutoff);

} // namespace aet::core
