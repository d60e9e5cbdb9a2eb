// Atoms: positions, elements, an optional cell, and any number of named per-atom columns.
#pragma once

#include <Eigen/Core>

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aet::core {

using Vec3 = Eigen::Vector3d;
using Mat3 = Eigen::Matrix3d;

/// A parallelepiped; row i of `vectors` is the i-th edge [angstrom].
struct Cell {
  Mat3 vectors = Mat3::Identity();
  std::array<bool, 3> periodic{false, false, false};
};

/// Atoms in the specimen axes [angstrom].
/// Invariant (checked by validate()): all per-atom arrays have the same length, all positions finite.
struct Atoms {
  std::vector<Vec3> positions;
  std::vector<int> atomic_numbers;
  std::optional<Cell> cell;
  std::map<std::string, std::vector<double>> columns; ///< e.g. "alpha", "nucleus", "u_rms"

  [[nodiscard]] std::size_t size() const { return positions.size(); }
};

/// \throws DataError naming `source` if array lengths differ or a coordinate is not finite.
void validate(const Atoms& atoms, const std::string& source);

/// Mean position [angstrom]; zero for no atoms.
[[nodiscard]] Vec3 centroid(const Atoms& atoms);

/// Median distance from an atom to its nearest neighbour [angstrom], open boundaries.
/// \throws DataError for fewer than two atoms.
[[nodiscard]] double median_nearest_distance(const std::vector<Vec3>& positions);

} // namespace aet::core
