// Voronoi cells of atoms: volume, surface, faces, and whether the atom lies at the surface of the particle.
#pragma once

#include "sim/core/neighbours/neighbours.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aet::analysis {

struct VoronoiOptions {
  double margin_a = 10.0;      ///< free space around the atoms in open directions [angstrom], > 0
  double probe_radius_a = 3.1; ///< > 0 [angstrom], <= margin; an atom that a ball of this radius can touch
                               ///< without touching another atom's centre lies at the surface (1.12 neighbour
                               ///< distances of Pt: just larger than a vacancy)
  bool faces = true;           ///< false: VoronoiCell::faces stay empty, which is cheaper
  double min_face_fraction = 0.0; ///< 0 .. 1: faces below this fraction of the cell's surface are not counted
};

struct VoronoiFace {
  std::uint32_t neighbour = 0; ///< index of the atom behind the face
  double area = 0.0;           ///< [A^2]
  int edges = 0;
};

struct VoronoiCell {
  double volume = 0.0;            ///< [A^3]; without meaning where `open`
  double surface_area = 0.0;      ///< [A^2]; without meaning where `open`
  double far_vertex_a = 0.0;      ///< distance of the farthest vertex from the atom [angstrom]: radius of the
                                  ///< largest empty ball that touches the atom
  bool open = false;              ///< the cell reaches the end of the box in an open direction
  bool exposed = false;           ///< at the surface: far_vertex_a > probe_radius_a (every open cell is)
  std::vector<VoronoiFace> faces; ///< towards other atoms, sorted by falling area, then neighbour

  /// Voronoi index: number of faces with 3, 4, 5, 6 edges. Small-face rule: a face below min_face_fraction of
  /// the cell's surface is left out; the others keep their edges, those towards a left-out face included.
  [[nodiscard]] std::array<int, 4> index() const;
};

/// Voronoi cell of every atom by Voro++ (Rycroft, Chaos 19, 041111 (2009), doi:10.1063/1.3215722).
/// Periodic directions: an orthogonal cell along the axes, of any mix of periodic and open directions, or any
/// parallelepiped with all of them periodic.
/// \throws ConfigError for options out of range; DataError for no atoms, for two atoms in one place, and for
/// a tilted cell with an open direction.
[[nodiscard]] std::vector<VoronoiCell> voronoi_cells(std::span<const core::Vec3> positions,
                                                     const std::optional<core::Cell>& cell,
                                                     const VoronoiOptions& options = {});

/// Distance of every atom from the nearest exposed one [angstrom], 0 for an exposed atom itself.
/// Empty if no atom is exposed (a bulk without surface).
[[nodiscard]] std::vector<double> depth_below_surface(std::span<const core::Vec3> positions,
                                                      const std::optional<core::Cell>& cell,
                                                      std::span<const VoronoiCell> cells);

struct VoronoiNeighbours {
  core::NeighbourList list;
  std::vector<double> areas; ///< of the face behind which each neighbour lies [A^2]: the weight of its bond
};

/// Atoms whose cells share a face. With a smallest face above 0 not always mutual: a face may be small for
/// one cell and not for the other. Directions of periodic cells are those of the nearest image.
[[nodiscard]] VoronoiNeighbours voronoi_neighbours(std::span<const core::Vec3> positions,
                                                   const std::optional<core::Cell>& cell,
                                                   std::span<const VoronoiCell> cells);

} // namespace aet::analysis
