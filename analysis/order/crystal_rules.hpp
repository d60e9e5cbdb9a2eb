// How much the crystalline part and its nuclei depend on the rule by which they are found.
#pragma once

#include "analysis/nuclei/nuclei.hpp"

#include <string>
#include <vector>

namespace aet::analysis {

struct CrystalRuleResult {
  std::string rule;
  double crystalline_fraction = 0.0; ///< of all atoms
  std::size_t nuclei = 0;            ///< of at least NucleiOptions::min_atoms
  std::size_t largest_atoms = 0;     ///< members of the largest; 0 without nuclei
  double members_shared = 1.0; ///< atoms of nuclei here and by the first rule over those of either; 1 if
                               ///< neither has any
};

/// alpha with maxima joined (the given options), alpha with every local maximum a nucleus (published), solid
/// bonds (solid_atoms()), and common neighbours (fcc, hcp and bcc atoms). Nuclei of the last two are
/// connected parts.
/// \param alpha, known as for find_nuclei().
/// \throws as find_nuclei(), neighbours_within(), common_neighbour_structures().
[[nodiscard]] std::vector<CrystalRuleResult> crystal_rules(std::span<const core::Vec3> positions,
                                                           const std::optional<core::Cell>& cell,
                                                           double cutoff_a, std::span<const double> alpha,
                                                           const PerAtom& known, const NucleiOptions& options,
                                                           core::Threads threads = {});

} // namespace aet::analysis
