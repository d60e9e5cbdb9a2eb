// Chemical order of a binary alloy on fcc lattices: how much the surroundings of an atom are like each of the
// 16 phases of Zhou et al. 2019, and which phase it belongs to.
#pragma once

#include "analysis/chemistry/lattice_sites.hpp"
#include "analysis/nuclei/nuclei.hpp"

#include <array>
#include <string>
#include <vector>

namespace aet::analysis {

enum class PhaseKind { l1_0, l1_2_a3b, l1_2_ab3, a1_a, a1_b };

/// Which element each of the four sublattices holds in a phase: 0 = A, 1 = B.
struct ChemicalPhase {
  std::string name; ///< "L1_0 z 1", "L1_2 AB3 2", "A1 B", ...
  PhaseKind kind = PhaseKind::l1_0;
  int axis = -1;   ///< of L1_0: 0, 1, 2
  int variant = 0; ///< 0, 1 of L1_0; 0 .. 3 of L1_2: the sublattice of the minority
  std::array<int, 4> owner{};

  /// Part of A among its sites.
  [[nodiscard]] double fraction_a() const;
  [[nodiscard]] bool ordered() const { return kind != PhaseKind::a1_a && kind != PhaseKind::a1_b; }
};

/// L1_0 (six), L1_2 A3B (four), L1_2 AB3 (four), A-rich A1, B-rich A1, in this order.
[[nodiscard]] const std::array<ChemicalPhase, 16>& chemical_phases();

struct ChemicalOptions {
  int element_a = 26; ///< atomic number; 0: the lighter one of the two that are there
  int element_b = 78; ///< atomic number; 0: the heavier one
  double kernel_cells =
      0.75; ///< > 0: standard deviation of the Gaussian kernel in cube edges (Zhou et al. 2019)
};

struct ChemicalOrder {
  double fraction_a = 0.0;                ///< over all atoms on lattices
  std::vector<std::vector<double>> order; ///< order[phase][atom]: S_j; 0 for atoms on no lattice
  std::vector<int> phase;                 ///< of highest S_j, -1 on no lattice; the first of equals
  std::vector<double> alpha;              ///< that S_j; 0 on no lattice
  std::vector<double> sd;   ///< its standard error by the number of sites that the kernel sees, were each of
                            ///< them right with the same probability; 0 on no lattice
  std::vector<int> species; ///< 0 = A, 1 = B
  std::vector<std::uint8_t> antisite; ///< 1: an ordered phase wants the other element here

  /// Whether the atom's phase, an ordered one, wants the other element on this sublattice.
  [[nodiscard]] bool wants_other(int sublattice, std::size_t atom) const;
};

/// 0 for A, 1 for B.
/// \throws DataError if there are not exactly two elements, or not the two of the options.
[[nodiscard]] std::vector<int> species_of(const core::Atoms& atoms, const ChemicalOptions& options);

/// S_j = (f - f_rand) / (1 - f_rand), f the Gaussian-weighted part of the sites around an atom, itself
/// included and of its own lattice grain, that hold the element which phase j wants there, f_rand what chance
/// would give: Zhou et al. 2019, Methods, eq. 5 and 6. The kernel reaches four standard deviations.
/// \throws ConfigError for a kernel that is not positive; DataError if there are not exactly two elements
///   (one is not enough for chemical order), or the sites are those of other atoms.
[[nodiscard]] ChemicalOrder chemical_order(const core::Atoms& atoms, const LatticeSites& sites,
                                           const ChemicalOptions& options = {}, core::Threads threads = {});

struct BoundaryOptions {
  double min_order = 0.3; ///< atoms whose highest S is below it lie in a boundary, -1 .. 1
  int min_atoms = 13; ///< >= 1: so do those of smaller regions of one phase, and of regions without inside
                      ///< (an atom all of whose neighbours are of the region)
  int layers = 2;     ///< 0 .. 20: boundaries of at most twice so many atoms are divided among grains
};

/// The same with the atoms of thin boundaries given to the grains beside them. Where two grains meet, the
/// kernel sees half of each: every S is small, and which of the 16 is highest says nothing (at an anti-phase
/// boundary beside {100} two phases of L1_2 are exactly as high as L1_0 itself), so that boundaries look like
/// thin grains of their own. Yang et al. 2017 therefore calls atoms of low order, in thin "pancakes" between
/// grains or at the surface, boundary first, then gives each to the neighbouring grain whose phase has the
/// highest S there (Methods, "Determining the short-range order parameter"). Done layer by layer, and only
/// where that S is above 0, so a disordered matrix stays what it is. Zhou et al. 2019 does without: nuclei
/// are found from the result of chemical_order().
/// \throws ConfigError for options out of range; DataError for neighbours of other atoms.
[[nodiscard]] ChemicalOrder divide_boundaries(const ChemicalOrder& chemistry, const LatticeSites& sites,
                                              const core::NeighbourList& neighbours,
                                              const BoundaryOptions& options = {});

/// S_j of a set of atoms with equal weights, e.g. of one grain.
/// \param members not empty, all on lattices.
[[nodiscard]] double order_of_set(const ChemicalOrder& chemistry, const LatticeSites& sites,
                                  std::span<const std::size_t> members, const ChemicalPhase& phase);

/// Atoms of one phase, tied together by neighbours of the same phase and lattice grain.
struct ChemicalGrain {
  int phase = 0;
  std::vector<std::size_t> atoms; ///< rising
};

/// All of them, by falling number of atoms; `grain_of_atom` is -1 on no lattice.
struct ChemicalGrains {
  std::vector<ChemicalGrain> grains;
  std::vector<int> grain_of_atom;
};
[[nodiscard]] ChemicalGrains chemical_grains(const ChemicalOrder& chemistry, const LatticeSites& sites,
                                             const core::NeighbourList& neighbours);

/// Nuclei of the ordered phases: climbs among atoms of the same phase. Atoms on no lattice and of the A1
/// phases are in none.
[[nodiscard]] Nuclei find_chemical_nuclei(const core::Atoms& atoms, const ChemicalOrder& chemistry,
                                          const NucleiOptions& options = nuclei_joined_fept(),
                                          core::Threads threads = {});

} // namespace aet::analysis
