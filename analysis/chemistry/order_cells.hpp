// Cells of 2 x 2 x 2 cubes cut out of a particle, for first-principles codes.
#pragma once

#include "analysis/chemistry/chemical_order.hpp"

#include <array>
#include <filesystem>
#include <vector>

namespace aet::analysis {

/// 32 atoms that fill every site of 2 x 2 x 2 cubes.
struct OrderCell {
  int grain = 0;                          ///< lattice grain
  std::array<int, 3> corner{};            ///< lowest site, half edges
  std::vector<std::size_t> atoms;         ///< 32, by site
  std::array<double, 3> l1_0{};           ///< larger S of the two variants of L1_0 along each axis
  core::Vec3 centre = core::Vec3::Zero(); ///< [angstrom]

  /// L1_0 order-parameter difference: along `axis` minus the larger one of the other two. Yang et al. 2017,
  /// Fig. 4b: it goes with the local magnetic anisotropy.
  [[nodiscard]] double difference(int axis) const;
};

/// All complete cells, slid by half an edge along each axis (Yang et al. 2017, Methods, "DFT calculations"),
/// by grain and corner. The order parameters are those of the 32 atoms, all with the same weight.
[[nodiscard]] std::vector<OrderCell> order_cells(const core::Atoms& atoms, const ChemicalOrder& chemistry,
                                                 const LatticeSites& sites);

/// The atoms of a cell where they are, moved into a periodic cell of twice the cube edges that fit them best.
[[nodiscard]] core::Atoms cell_atoms(const core::Atoms& atoms, const LatticeSites& sites,
                                     const OrderCell& cell);

/// FOLDER/cell_0000.vasp (POSCAR) and .xyz (extended XYZ) for each cell, numbered as given. Returns the
/// paths.
/// \throws ExternalError if not written.
std::vector<std::filesystem::path> write_order_cells(const std::filesystem::path& folder,
                                                     const core::Atoms& atoms, const LatticeSites& sites,
                                                     std::span<const OrderCell> cells);

} // namespace aet::analysis
