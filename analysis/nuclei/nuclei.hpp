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
  join, ///< maxima that meet at their own height, within 1e-9, are one (a perfect crystal is one nucleus);
        ///< does not depend on the order of atoms
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
  /// >= 0 [standard deviations]: two maxima are one where the way between them dips below the lower one by no
  /// more than so many standard deviations of that dip (PerAtom::sd of maximum and saddle, added in squares),
  /// and their surroundings are turned alike. 0: every local maximum is a nucleus of its own, as published.
  /// Needs TieRule::join.
  double persistence = 0.0;
  double coherence = 0.7; ///< -1 .. 1: least cosine between PerAtom::turn of two maxima that are one
};

/// What may be known of each atom beside its order parameter; empty, or one entry an atom.
struct PerAtom {
  std::span<const int> phases{};  ///< climbs never change phase
  std::span<const double> sd{};   ///< >= 0: standard error of the order parameter
  std::span<const double> turn{}; ///< a vector of `turn_size` numbers an atom that tells how its surroundings
                                  ///< are turned, e.g. BondOrder::averaged_six
  std::size_t turn_size = 13;
};

/// The rule of nuclei_zhou2019_md() with maxima joined that heat and errors of position make: persistence 4,
/// at which each of 80 fcc balls displaced at random by 0.06 to 0.14 A rms per axis is one nucleus.
[[nodiscard]] NucleiOptions nuclei_joined();
/// The rule of nuclei_zhou2019_fept() with maxima joined at persistence 1; the error is that of the number of
/// sites that the kernel sees.
[[nodiscard]] NucleiOptions nuclei_joined_fept();

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
  std::vector<long long> root_of_atom; ///< highest atom of the cluster of each atom at or above the
                                       ///< threshold, whatever the cluster's size; -1 below the threshold
};

/// Steepest ascent: every atom moves to the atom of the highest order parameter within the radius (of the
/// same phase, itself included) until none is higher; atoms that end together form a cluster; members at or
/// above the threshold count; clusters of at least min_atoms members are nuclei. With persistence, clusters
/// are joined as Chazal et al. do it (J. ACM 60, 41 (2013), doi:10.1145/2535927): atoms from the highest to
/// the lowest, each to the cluster of its highest neighbour; where it touches several, those join whose lower
/// maximum stands out by too little.
/// \param alpha  one finite number an atom.
/// \throws ConfigError for options out of range or a radius longer than half the periodic box; DataError for
///   a wrong number of values or values that are not finite.
[[nodiscard]] Nuclei find_nuclei(std::span<const core::Vec3> positions, const std::optional<core::Cell>& cell,
                                 std::span<const double> alpha, const NucleiOptions& options = {},
                                 const PerAtom& known = {}, core::Threads threads = {});

} // namespace aet::analysis
