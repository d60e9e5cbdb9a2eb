// The analysis as JSON, for files, scores and the report.
#pragma once

#include "analysis/moment/moment_analysis.hpp"

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace aet::analysis {

/// One moment: keys name, atoms, neighbour_cutoff_a, ..., nuclei. Numbers that could not be computed are
/// null, with the reason under "<key>_reason".
[[nodiscard]] nlohmann::json to_json(const MomentAnalysis& moment);

/// One nucleus, numbered `id`.
[[nodiscard]] nlohmann::json to_json(const NucleusReport& nucleus, std::size_t id);

/// {"common_nuclei": [...], "events": [...], "graph": [[moment, nucleus, later moment, nucleus, overlap],
/// ...]}, the moments of the graph by number.
[[nodiscard]] nlohmann::json to_json(const Dynamics& dynamics);

/// {"frames": [...]} and the keys of the dynamics. A common nucleus names in each moment its
/// largest member
/// ("ids", null where there is none) and all of them ("members").
[[nodiscard]] nlohmann::json to_json(const std::vector<MomentAnalysis>& moments, const Dynamics& dynamics);

/// Found nuclei beside those of chance.
/// \param moment with a chance set.
[[nodiscard]] nlohmann::json chance_json(const MomentAnalysis& moment);

} // namespace aet::analysis
