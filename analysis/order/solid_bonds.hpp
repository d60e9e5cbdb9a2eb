// Solid-like atoms by the coherence of neighbouring shells.
#pragma once

#include "sim/core/neighbours/neighbours.hpp"

#include <cstdint>
#include <vector>

namespace aet::analysis {

struct SolidBondOptions {
  double min_coherence =
      0.5;           ///< -1 .. 1: a bond is solid if the cosine between the q_6m of its ends is above
  int more_than = 7; ///< >= 0: a solid atom has more solid bonds than that
};

/// 1 for solid-like atoms. ten Wolde, Ruiz-Montero and Frenkel, J. Chem. Phys. 104, 9932 (1996),
/// doi:10.1063/1.471721, with their thresholds for Lennard-Jones. Atoms at a surface have too few bonds.
/// \throws ConfigError for options out of range.
[[nodiscard]] std::vector<std::uint8_t> solid_atoms(const core::NeighbourList& neighbours,
                                                    const SolidBondOptions& options = {},
                                                    core::Threads threads = {});

/// Connected parts of the marked atoms, by falling size (then lowest atom).
[[nodiscard]] std::vector<std::vector<std::size_t>> connected_parts(const core::NeighbourList& neighbours,
                                                                    const std::vector<std::uint8_t>& marked);

} // namespace aet::analysis
