// Order parameter and nuclei of one moment, from one frame or the mean over several.
#pragma once

#include "analysis/moment/moment_analysis.hpp"

#include <span>
#include <vector>

namespace aet::analysis {

/// Bonds by the rule asked for.
struct Bonds {
  core::NeighbourList list;
  std::vector<double> weights; ///< empty: all alike
};

struct MomentOrder {
  core::Atoms atoms;           ///< where the atoms are, see mean_on_sites()
  std::size_t moved_atoms = 0; ///< kept no site over the frames
  core::NeighbourList shell;   ///< within the cut-off, at those places
  Bonds bonds;                 ///< at those places
  BondOrder order;             ///< mean over the frames
  std::vector<double> alpha;   ///< mean over the frames, 0 .. 1
  std::vector<double> alpha_sd;
  Nuclei nuclei;
};

/// \param frames >= 1, of the same atoms.
/// \throws as bond_order(), find_nuclei(), mean_on_sites().
[[nodiscard]] MomentOrder moment_order(std::span<const core::Atoms> frames, double cutoff_a,
                                       const AnalysisOptions& options, core::Threads threads = {});

} // namespace aet::analysis
