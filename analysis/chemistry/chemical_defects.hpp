// What disturbs chemical order: boundaries between grains, atoms on wrong sites, and how cubes are stretched.
#pragma once

#include "analysis/chemistry/chemical_order.hpp"

#include <optional>
#include <vector>

namespace aet::analysis {

enum class BoundaryKind {
  antiphase,   ///< the same phase shifted: other variant of the same L1_0 axis or of the same L1_2
  orientation, ///< L1_0 with another axis
  phase,       ///< different ordered phases
  disorder,    ///< one side is an A1 phase
  lattice      ///< two lattice grains: a grain boundary in the common sense
};

/// Neighbouring atoms on two sides of a boundary.
struct BoundaryPair {
  std::size_t a = 0; ///< a < b
  std::size_t b = 0;
  BoundaryKind kind = BoundaryKind::antiphase;
};

/// All neighbours, both on lattices, of different phase or lattice grain; by a, then b.
[[nodiscard]] std::vector<BoundaryPair> phase_boundaries(const ChemicalOrder& chemistry,
                                                         const LatticeSites& sites,
                                                         const core::NeighbourList& neighbours);

/// Nearest neighbours of the same ordered phase on each other's sites (Yang et al. 2017, Fig. 3c). No atom is
/// in two pairs: the closer pair wins.
[[nodiscard]] std::vector<BoundaryPair> swap_pairs(const ChemicalOrder& chemistry, const LatticeSites& sites,
                                                   const core::NeighbourList& neighbours);

/// One shell at a distance from the surface of a chemical grain.
struct DepthPoint {
  double depth_a = 0.0; ///< mean [angstrom]; negative outside
  std::size_t atoms = 0;
  double antisite_fraction = 0.0; ///< atoms that are not what the grain's phase wants on their site
  double order_mean = 0.0;        ///< of S of the grain's phase
};

/// Anti-site density and order against the distance from the surface of a grain, which goes on outside of it
/// on the same lattice (Yang et al. 2017, Fig. 3e-h: it comes to the share that chance and the neighbouring
/// phase give there). The surface is the members with a neighbour that is none, or fewer than 12 neighbours;
/// depth is the distance to the nearest of them, outside atoms count negative distances to the nearest
/// member.
/// \param width of the shells > 0 [angstrom];
/// \param beyond outside atoms up to there, >= 0 [angstrom].
[[nodiscard]] std::vector<DepthPoint>
antisites_by_depth(const core::Atoms& atoms, const ChemicalOrder& chemistry, const LatticeSites& sites,
                   const core::NeighbourList& neighbours, const ChemicalGrain& grain, double width = 2.0,
                   double beyond = 8.0);

/// How a set of atoms stretches the cube.
struct Tetragonality {
  double c_over_a = 1.0; ///< edge along the axis over the mean of the other two
  double a = 0.0;        ///< [angstrom]
  double c = 0.0;
  std::size_t atoms = 0;
};

/// Affine fit of the sites to the positions. None if the atoms do not span space (fewer than 4 layers'
/// worth).
/// \param members of one lattice grain;
/// \param axis 0 .. 2.
[[nodiscard]] std::optional<Tetragonality> tetragonality(const core::Atoms& atoms, const LatticeSites& sites,
                                                         std::span<const std::size_t> members, int axis);

/// Mean and standard deviation weighted with the numbers of atoms, as Zhou et al. 2019 gives c/a of its
/// nuclei.
struct WeightedMean {
  double mean = 0.0;
  double deviation = 0.0;
};
/// \throws DataError for an empty list.
[[nodiscard]] WeightedMean weighted_c_over_a(std::span<const Tetragonality> list);

} // namespace aet::analysis
