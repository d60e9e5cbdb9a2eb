// Who is whose neighbour: by cut-off or by number.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/parallel.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aet::core {

/// Neighbours of every atom, one after the other. The neighbours of one atom are sorted by geometry
/// (distance, then displacement), never by index, so nothing computed from them depends on the order of
/// atoms.
struct NeighbourList {
  std::vector<std::size_t> first;   ///< of atom i: entries first[i] .. first[i + 1]; one more than atoms
  std::vector<std::uint32_t> index; ///< neighbour's index
  std::vector<double> dx;           ///< neighbour (nearest image) minus atom [angstrom]
  std::vector<double> dy;
  std::vector<double> dz;
  std::vector<double> distance; ///< [angstrom]

  [[nodiscard]] std::size_t atoms() const { return first.empty() ? 0 : first.size() - 1; }
  [[nodiscard]] std::size_t count(std::size_t i) const { return first[i + 1] - first[i]; }
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t i) const {
    return std::span(index).subspan(first[i], count(i));
  }
};

/// The periodic image of `point` next to `reference`; `point` itself for open boundaries.
[[nodiscard]] Vec3 nearest_image(const Vec3& point, const Vec3& reference, const std::optional<Cell>& cell);

/// All neighbours with distance strictly below the cut-off. Periodic directions of `cell` use the nearest
/// image. Mutual: j is a neighbour of i exactly if i is one of j.
/// \param cutoff > 0 [angstrom], at most half the height of the cell over each periodic direction.
/// \throws ConfigError for a cut-off out of range; DataError if two atoms lie in the same place (1e-6 A).
[[nodiscard]] NeighbourList neighbours_within(std::span<const Vec3> positions,
                                              const std::optional<Cell>& cell, double cutoff,
                                              Threads threads = {});

/// The k nearest neighbours of every atom. Among equally near ones (to the last bit) the displacement
/// decides. Not mutual.
/// \param k 1 .. atoms - 1.
/// \throws ConfigError for k out of range; DataError if two atoms lie in the same place, or if in a periodic
///   cell the k-th neighbour is farther than half the cell.
[[nodiscard]] NeighbourList nearest_neighbours(std::span<const Vec3> positions,
                                               const std::optional<Cell>& cell, int k, Threads threads = {});

} // namespace aet::core
