// How much the findings depend on what is called a neighbour.
#pragma once

#include "analysis/nuclei/nuclei.hpp"
#include "analysis/structure/voronoi.hpp"

#include <string>
#include <vector>

namespace aet::analysis {

/// What one neighbour rule finds.
struct RuleResult {
  std::string rule; ///< "within 3.50 A", "nearest 12", "Voronoi faces", "Voronoi areas"
  double mean_neighbours = 0.0;
  double q4_mean = 0.0; ///< averaged parameters, mean over the atoms
  double q6_mean = 0.0;
  double alpha_mean = 0.0;
  double crystalline_fraction = 0.0; ///< atoms at or above the threshold of the nuclei
  std::size_t nuclei = 0;
  double largest_effective_atoms = 0.0; ///< 0 without nuclei
  double alpha_rms_change = 0.0;        ///< of the atoms, from the first rule
  double members_shared = 0.0; ///< atoms of nuclei here and by the first rule over those of either; 1 if
                               ///< neither has any
};

struct SensitivityOptions {
  std::vector<double> cutoff_factors{1.0, 0.95, 1.05}; ///< > 0, times the cut-off; the first is the reference
  std::vector<int> nearest{12, 13, 14}; ///< >= 1; those that the atoms are too few for are left out
  bool voronoi = true; ///< faces alike, and weighted with their areas (Mickel et al., doi:10.1063/1.4774084)
  VoronoiOptions cells{.min_face_fraction = 0.01}; ///< faces below 1 % of the surface do not make a neighbour
  NucleiOptions nuclei = nuclei_joined();
};

/// The same order parameter and nuclei by several neighbour rules, the given cut-off first.
/// \param cutoff_a > 0 [angstrom].
/// \throws as neighbours_within(), voronoi_cells(), find_nuclei(); ConfigError for no cut-off factor.
[[nodiscard]] std::vector<RuleResult>
neighbour_sensitivity(std::span<const core::Vec3> positions, const std::optional<core::Cell>& cell,
                      double cutoff_a, const SensitivityOptions& options = {}, core::Threads threads = {});

} // namespace aet::analysis
