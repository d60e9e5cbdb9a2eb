// Crystals to start from.
#pragma once

#include "sim/core/atoms.hpp"

#include <array>
#include <vector>

namespace aet::md {

/// The `count` sites of an fcc lattice nearest to a point that is no symmetry centre, so that no two are
/// equally far and any count can be had; centred on the origin, periodic cubic box with `margin` on each
/// side.
[[nodiscard]] core::Atoms fcc_sphere(int atomic_number, double lattice_constant, int count, double margin);

/// Conventional cells of bulk fcc, cells^3 x 4 atoms, periodic.
/// \throws ConfigError unless 1 <= cells <= 100 and 2 <= lattice_constant <= 10.
[[nodiscard]] core::Atoms fcc_bulk(int atomic_number, double lattice_constant, int cells);

/// An atom of a unit cell, in parts of its edges.
struct CellAtom {
  int atomic_number;
  core::Vec3 place;
};

[[nodiscard]] std::vector<CellAtom> fcc_cell(int atomic_number);
[[nodiscard]] std::vector<CellAtom> bcc_cell(int atomic_number);
/// Four sites of the fcc cell: L1_0 along z is (A, A, B), L1_2 is (A, B, B), A3B's minority atom at the
/// corners.
[[nodiscard]] std::vector<CellAtom> l1_cell(int corners, int z_faces, int side_faces);

/// Orthogonal unit cells side by side, periodic, centre of the box at the origin, no atom on its faces.
/// \throws ConfigError unless every count is 1..200 and every edge 1..100 A.
[[nodiscard]] core::Atoms bulk(const std::vector<CellAtom>& basis, const core::Vec3& edges,
                               const std::array<int, 3>& cells);

} // namespace aet::md
