// Which crystal an atom's surroundings are most like, and how far a surface spoils the answer.
#pragma once

#include "analysis/order/bond_order.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

enum class Structure : std::uint8_t { none, fcc, hcp, bcc, sc, icosahedron };

/// "none", "fcc", "hcp", "bcc", "sc", "icosahedron"
[[nodiscard]] std::string structure_name(Structure structure);

/// Directions to the neighbours of an atom of the ideal structure, nearest neighbours at distance 1: 12 of
/// fcc, hcp and the icosahedron, 14 of bcc (two shells), 6 of sc; none of Structure::none.
[[nodiscard]] std::vector<core::Vec3> ideal_shell(Structure structure);

/// Q_l of the ideal shell.
[[nodiscard]] double ideal_order(Structure structure, int degree);

struct StructureOptions {
  bool averaged = true; ///< compare averaged Q_l; false: those of the atom's own shell, icosahedra included
                        ///< (the neighbours of an icosahedron's centre are not themselves such, so it has no
                        ///< averaged reference)
  double min_amplitude = 0.5; ///< 0 .. 1: below it is "none" (liquids: the averaged Q6 is near 0.17, a third
                              ///< of that of the crystals)
  double max_distance = 0.1;  ///< > 0: farther from every reference is "none"
};

/// The reference nearest in the space of all computed degrees. Heat and errors of position shrink all Q_l of
/// a crystal nearly alike, which moves hot fcc closer to cold hcp than to cold fcc; so each reference may
/// shrink by an amplitude a of its own, at most 1, and the distance is sqrt(sum over l of (Q_l - a ideal
/// Q_l)^2). Flagged atoms are "none".
/// \throws ConfigError for options out of range.
[[nodiscard]] std::vector<Structure> structure_labels(const BondOrder& order,
                                                      const StructureOptions& options = {});

enum class Validity : std::uint8_t {
  whole,          ///< the atom and all its neighbours lie below the surface
  beside_surface, ///< a neighbour at the surface enters the averaged values
  surface         ///< the atom's own shell is cut off
};

/// How much of what an atom's averaged order is made from is cut off by the surface.
/// \param exposed 1 for atoms at the surface, e.g. VoronoiCell::exposed.
/// \throws DataError for a wrong number of them.
[[nodiscard]] std::vector<Validity> surface_validity(const core::NeighbourList& neighbours,
                                                     std::span<const std::uint8_t> exposed);

} // namespace aet::analysis
