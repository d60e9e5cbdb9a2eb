// All that is said about the chemical order of one binary particle on fcc lattices; the same for truth and
// model.
#pragma once

#include "analysis/chemistry/chemical_defects.hpp"
#include "analysis/chemistry/order_cells.hpp"
#include "analysis/moment/moment_analysis.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aet::analysis {

struct ChemistryOptions {
  std::optional<double> neighbour_cutoff_a{}; ///< > 0 [angstrom]; not set: first minimum of g(r)
  LatticeOptions lattice{};
  ChemicalOptions chemical{.element_a = 0, .element_b = 0, .kernel_cells = 0.75};
  BoundaryOptions boundary{};
  NucleiOptions nuclei = nuclei_joined_fept();
  AnalysisOptions report{
      .profile_shell_a = 1.0,
      .profile_fit = {.background = false}}; ///< how nuclei are described: sites, profiles,
                                             ///< directions, energies; the rest is not used
  std::optional<ChanceOptions> chance{};     ///< nuclei of chance beside the found ones; none: not asked for
  int min_grain_atoms = 31;                  ///< >= 1: chemical grains below it are only counted
  double depth_shell_a = 2.0;                ///< > 0: shells of anti-site density [angstrom]
};

/// One chemical grain with what is said about it.
struct ChemicalGrainReport {
  ChemicalGrain grain;
  double order = 0.0;                   ///< S of its phase, all atoms alike
  std::vector<DepthPoint> antisites;    ///< against depth
  std::optional<Tetragonality> stretch; ///< of L1_0
};

struct ChemicalAnalysis {
  /// Name, cut-off, nuclei, and the atoms with columns alpha (highest S), phase (its number, -1: on no
  /// lattice), nucleus, antisite, lattice_grain, site_h, site_k, site_l, chemical_grain. The keys of bond
  /// order stay unset.
  MomentAnalysis moment;
  core::NeighbourList shell;
  LatticeSites sites;
  ChemicalOrder order; ///< Zhou et al. 2019: phases by the highest S; nuclei are found from it
  ChemicalOrder
      divided; ///< Yang et al. 2017: thin boundaries divided among grains; grains and boundaries are
  std::vector<ChemicalGrainReport> grains;        ///< of at least min_grain_atoms, by falling size
  std::size_t small_grains = 0;                   ///< the others
  std::map<BoundaryKind, std::size_t> boundaries; ///< pairs of neighbours across, by kind
  std::vector<BoundaryPair> swaps;
  std::vector<std::optional<Tetragonality>> nucleus_stretch; ///< one a nucleus; of L1_0, else none
  std::optional<WeightedMean> c_over_a; ///< over those nuclei, as Zhou et al. 2019 gives it
};

/// Lattice sites, 16 phases, grains, boundaries, defects, nuclei with profile and barrier (profiles of a
/// nucleus hold S of its own phase).
/// \param atoms two elements.
/// \throws DataError for bad atoms, another number of elements, or if no cut-off can be found; ConfigError
///   for options out of range.
[[nodiscard]] ChemicalAnalysis analyze_chemistry(const core::Atoms& atoms,
                                                 const ChemistryOptions& options = {},
                                                 core::Threads threads = {},
                                                 const std::string& name = "t000");

/// "antiphase", "orientation", "phase", "disorder", "lattice"
[[nodiscard]] std::string boundary_name(BoundaryKind kind);

/// One moment: composition, lattice grains, atoms of each phase, chemical grains, boundaries, defects,
/// nuclei.
[[nodiscard]] nlohmann::json to_json(const ChemicalAnalysis& analysis);

} // namespace aet::analysis
