// Pairs of points that are near each other, by a grid of boxes.
#pragma once

#include "sim/core/atoms.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace aet::specimen {

/// All pairs (i < j) closer than `cutoff` [angstrom, > 0], sorted. Open boundaries; time proportional to the
/// number of points where they are about evenly spread.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>>
close_pairs(const std::vector<core::Vec3>& points, double cutoff);

/// Smallest distance of two points [angstrom]; infinity for fewer than two.
[[nodiscard]] double minimum_distance(const std::vector<core::Vec3>& points);

} // namespace aet::specimen
