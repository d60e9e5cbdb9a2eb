// Which site of which face-centred cubic lattice every atom sits on: grains, strain and all.
#pragma once

#include "sim/core/neighbours/neighbours.hpp"

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace aet::analysis {

/// (h, k, l) of a site in halves of the cube edges, h + k + l even.
using LatticeSite = std::array<int, 3>;

/// A lattice of cubes, distorted or not; site (h, k, l) lies at origin + (h e1 + k e2 + l e3) / 2, h + k + l
/// even.
struct CubicLattice {
  core::Mat3 edges = core::Mat3::Identity(); ///< row k: k-th cube edge [angstrom]
  core::Vec3 origin = core::Vec3::Zero();    ///< [angstrom]

  [[nodiscard]] core::Vec3 position(const LatticeSite& site) const;
};

struct LatticeOptions {
  double tolerance = 0.3; ///< 0.05 .. 0.45, of the neighbour distance: how far an atom may be from where its
                          ///< neighbours put it
  int min_atoms = 13;     ///< >= 4: smaller patches are no grain
  std::optional<CubicLattice> reference{}; ///< cube axes and sites are named as in this one, as far as a
                                           ///< grain's own lattice allows; none: axes nearest to x, y, z
};

struct LatticeGrain {
  CubicLattice lattice;           ///< best affine fit to its atoms
  std::vector<std::size_t> atoms; ///< rising
  double rms_a = 0.0; ///< distance of the atoms from that fit [angstrom]; strain gradients add to it
};

struct LatticeSites {
  std::vector<LatticeGrain> grains; ///< by falling number of atoms
  std::vector<int> grain_of_atom;   ///< -1: on no lattice
  std::vector<LatticeSite> site;    ///< (h, k, l) in the atom's grain; 0 0 0 where there is none

  /// 0 .. 3: corner of the cube, middle of the face between e1 and e2, e1 and e3, e2 and e3.
  [[nodiscard]] int sublattice(std::size_t atom) const;
};

/// Grows each grain from the atom whose shell is most like a cuboctahedron: the nearest predicted site first,
/// each prediction by the lattice of the atom next to it, which is fitted anew from its own bonds. So strain
/// and bending do not add up, and nothing global is assumed. An atom joins if at least half of its bonds fit,
/// and stays if five of its neighbours (at a free surface at least half) are members on the very sites its
/// lattice has there, off by no more than a crystal's bonds are (a seventh of their length, or three times
/// the grain's own median). So a grain ends at twins, grain boundaries and liquids: an atom of a melt in a
/// hollow of the crystal has three or four such neighbours; in the smallest crystal, a centre and its shell,
/// each atom has five.
/// \param neighbours first shell, mutual, e.g. within the first minimum of g(r).
/// \throws ConfigError for options out of range; DataError for a wrong number of atoms.
[[nodiscard]] LatticeSites lattice_sites(std::span<const core::Vec3> positions,
                                         const core::NeighbourList& neighbours,
                                         const LatticeOptions& options = {});

} // namespace aet::analysis
