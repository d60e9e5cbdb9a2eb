#include "sim/core/atoms.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/neighbours.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::core {

void validate(const Atoms& atoms, const std::string& source) {
  const std::size_t n = atoms.size();
  if (atoms.atomic_numbers.size() != n) {
    throw DataError(fmt::format("{}: {} positions but {} elements; each atom needs both.", source, n,
                                atoms.atomic_numbers.size()));
  }
  for (const auto& [name, values] : atoms.columns) {
    if (values.size() != n) {
      throw DataError(fmt::format("{}: column '{}' has {} values for {} atoms; each atom needs one.", source,
                                  name, values.size(), n));
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!atoms.positions[i].allFinite()) {
      throw DataError(fmt::format("{}: atom {} has a coordinate that is not finite ({}, {}, {}); remove or "
                                  "repair it.",
                                  source, i, atoms.positions[i].x(), atoms.positions[i].y(),
                                  atoms.positions[i].z()));
    }
  }
}

Vec3 centroid(const Atoms& atoms) {
  Vec3 sum = Vec3::Zero();
  for (const Vec3& r : atoms.positions)
    sum += r;
  return atoms.positions.empty() ? sum : Vec3(sum / static_cast<double>(atoms.size()));
}

double median_nearest_distance(const std::vector<Vec3>& positions) {
  if (positions.size() < 2)
    throw DataError(
        fmt::format("a nearest-neighbour distance needs at least 2 atoms; there are {}.", positions.size()));
  std::vector<double> nearest = nearest_neighbours(positions, {}, 1).distance;
  const auto middle = nearest.begin() + static_cast<std::ptrdiff_t>(nearest.size() / 2);
  std::nth_element(nearest.begin(), middle, nearest.end());
  return *middle;
}

} // namespace aet::core
