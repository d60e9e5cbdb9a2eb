// Nuclei: atoms that lead uphill in the order parameter to the same core.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/parallel.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

/// What happens where two atoms within the radius have the same, highest order parameter.
enum class TieRule {
  join, ///< equal within 1e-9: one core of several atoms (a perfect crystal is one nucleus); does not depend
        ///< on the order of atoms
  lowest_index ///< the atom listed first wins, as in the published code
};

struct NucleiOptions {
  double radius_a = 4.0;  ///< > 0 [angstrom]: how far an atom looks for a better ordered one
  double threshold = 0.3; ///< members have at least this order parameter
  int min_atoms = 31;     ///< >= 1: smaller clusters are no nuclei
  double core_share =
      0.95; ///< 0 .. 1: core atoms have at least this share of the nucleus' highest order parameter
  TieRule ties = TieRule::join;
  bool fold_above_one = false; ///< take 2 - alpha where alpha > 1, and at least the smallest alpha
};

/// Zhou et al. 2019 (Nature 570, 500 (2019), doi:10.1038/s41586-019-1317-x), Methods, "Order parameter
/// determination and nuclei identification": FePt, radius of one unit cell.
[[nodiscard]] NucleiOptions nuclei_zhou2019_fept();
/// Zhou et al. 2019, Methods, "Order parameter definition and nuclei identification for the MD simulation
/// results": Pt.
[[nodiscard]] NucleiOptions nuclei_zhou2019_md();
/// The code published with the high-entropy-alloy particles (reference/hea_*): 4 A, threshold 0.5, 13 atoms,
/// alpha above 1 folded back, the atom listed first wins a tie.
[[nodiscard]] NucleiOptions nuclei_published_hea();

struct Nucleus {
  std::size_t root = 0;                ///< atom of the highest order parameter, where all climbs end
  std::vector<std::size_t> atoms;      ///< members, rising
  std::vector<std::size_t> core_atoms; ///< rising
  core::Vec3 core_position = core::Vec3::Zero(); ///< mean of the core atoms [angstrom], near the root's image
  double alpha0 = 0.0;                           ///< highest order parameter
  double effective_atoms = 0.0;                  ///< sum of the order parameter over the members
};

struct Nuclei {
  std::vector<Nucleus> nuclei;         ///< by falling effective number of atoms, then core position
  std::vector<int> nucleus_of_atom;    ///< index into `nuclei`, -1 for none
  std::vector<long long> root_of_atom; ///< where the climb of each atom at or above the threshold ends,
                                       ///< whatever the size of that cluster; -1 below the threshold
};

/// Steepest ascent: every atom moves to the atom of the highest order parameter within the radius (of the
/// same phase, itself included) until none is higher; atoms that end together form a cluster; members at or
/// above the threshold count; clusters of at least min_atoms members are nuclei.
/// \param alpha  one finite number an atom.
/// \param phases empty, or one label an atom; climbs never change phase.
/// \throws ConfigError for options out of range or a radius longer than half the periodic box; DataError for
///   a wrong number of values or values that are not finite.
[[nodiscard]] Nuclei find_nuclei(std::span<const core::Vec3> positions, const std::optional<core::Cell>& cell,
                                 std::span<const double> alpha, const NucleiOptions& options = {},
                                 std::span<const int> phases = {}, core::Threads threads = {});

} // namespace aet::analysis
