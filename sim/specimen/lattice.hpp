// Crystal lattices, and the patterns in which two elements order on a face-centred cubic one.
#pragma once

#include "sim/core/atoms.hpp"

#include <array>
#include <string>
#include <vector>

namespace aet::specimen {

enum class Lattice { fcc, bcc, hcp, sc, diamond };

/// "fcc", "bcc", "hcp", "sc", "diamond"
[[nodiscard]] std::string lattice_name(Lattice lattice);

/// A conventional cell: row i of `vectors` is the i-th edge [angstrom], `basis` in fractions of the edges.
struct UnitCell {
  core::Mat3 vectors = core::Mat3::Identity();
  std::vector<core::Vec3> basis;
};

/// \param a           first edge [angstrom], > 0.
/// \param c_over_a    length of the edge along `unique_axis` over a; sqrt(8/3) is the ideal hcp.
/// \param unique_axis 0, 1 or 2: which edge of a cubic lattice is stretched; hcp has its c along 2 always.
[[nodiscard]] UnitCell unit_cell(Lattice lattice, double a, double c_over_a, int unique_axis = 2);

/// Ideal c/a: sqrt(8/3) for hcp, 1 for the others.
[[nodiscard]] double ideal_c_over_a(Lattice lattice);

/// Distance of nearest neighbours of the undistorted lattice [angstrom].
[[nodiscard]] double nearest_distance(Lattice lattice, double a);

/// What separates the first from the second neighbours: nearest_distance times 1.2 (bcc: 1.08).
[[nodiscard]] double neighbour_cutoff(Lattice lattice, double a);

/// Neighbours of an atom inside the crystal: 12, 8, 12, 6, 4.
[[nodiscard]] int coordination(Lattice lattice);

/// Chemical order. Element A is the first, B the second of the particle's elements.
enum class Phase {
  a1,       ///< disordered solid solution, or one element alone, on any lattice
  l1_0,     ///< AB: layers of A and B alternate along one cube axis (fcc)
  l1_2_a3b, ///< A on the faces, B at the corners (fcc)
  l1_2_ab3, ///< A at the corners, B on the faces (fcc)
};

/// "A1", "L1_0", "L1_2_A3B", "L1_2_AB3"
[[nodiscard]] std::string phase_name(Phase phase);

/// Which of the four sites of the fcc cell belong to element A (0) and to element B (1); all -1 for A1.
/// \param axis    of L1_0, 0..2.
/// \param variant translation variant (antiphase domain): 0..1 for L1_0, 0..3 for L1_2.
[[nodiscard]] std::array<int, 4> sublattices(Phase phase, int axis, int variant);

/// Number of translation variants: 1, 2, 4, 4.
[[nodiscard]] int variants_of(Phase phase);

/// Part of element A in the stoichiometric phase: 0.5, 0.5, 0.75, 0.25.
[[nodiscard]] double ideal_fraction_a(Phase phase);

/// A lattice point.
struct LatticePoint {
  core::Vec3 position = core::Vec3::Zero(); ///< [angstrom]
  int basis = 0;                            ///< index into UnitCell::basis
};

/// All points of the lattice within `radius` [angstrom] of `origin_of_search`; basis point 0 of one cell lies
/// at `shift`. In rising order of cell and basis.
[[nodiscard]] std::vector<LatticePoint> points_in_sphere(const UnitCell& cell, const core::Vec3& shift,
                                                         const core::Vec3& origin_of_search, double radius);

} // namespace aet::specimen
