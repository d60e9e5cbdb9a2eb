// Nuclei of crystalline order that chance makes in place of a particle, and its own beside them.
#pragma once

#include "analysis/moment/moment_analysis.hpp"

#include <map>
#include <span>
#include <string>
#include <utility>

namespace aet::analysis {

/// Nuclei by the same rule in a fluid of soft spheres of the same number, density and outline. Where the
/// order of a moment is a mean over frames, so is that of the fluid, and its atoms move as far from frame to
/// frame as those of the moment (as far as 60 sweeps do: less motion makes more nuclei of chance, not fewer).
/// \param frames what `moment` was made from.
/// \throws DataError if every atom lies at the surface (no density is known), and as analyze_frames().
[[nodiscard]] ChanceNuclei fluid_chance(std::span<const core::Atoms> frames, const MomentAnalysis& moment,
                                        const AnalysisOptions& options, const ChanceOptions& chance = {},
                                        core::Threads threads = {});

/// Writes the probability of chance into each nucleus.
void set_chance(MomentAnalysis& moment, const ChanceNuclei& chance);

/// Found nuclei beside those of chance.
struct ChanceSummary {
  std::size_t found = 0;
  double expected = 0.0;
  std::size_t left = 0; ///< found ones that chance makes with a probability of at most max_chance
  struct Site {
    std::size_t found = 0;        ///< of the nuclei that are left
    double share_by_chance = 0.0; ///< part of the nuclei of chance
  };
  std::map<std::string, Site> sites;                    ///< by site_name()
  std::optional<double> surface_share;                  ///< of the nuclei that are left, near the surface
  std::pair<double, double> surface_interval{0.0, 1.0}; ///< its 95 % interval
  std::optional<double> surface_by_chance;              ///< the same share of the nuclei of chance
  std::optional<double> surface_p_value;                ///< of a share so far from that of chance, two-sided
  std::optional<double> core_rank;                      ///< mean of the nuclei that are left
  std::optional<ChanceNuclei::Spread> core_rank_by_chance; ///< of one nucleus of chance
};

/// \param moment with a chance set.
[[nodiscard]] ChanceSummary chance_summary(const MomentAnalysis& moment);

} // namespace aet::analysis
