// The analysis as JSON, for files, scores and the report.
#pragma once

#include "analysis/frame/frame_analysis.hpp"

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace aet::analysis {

/// One frame: keys name, atoms, neighbour_cutoff_a, ..., nuclei. Numbers that could not be computed are null,
/// with the reason under "<key>_reason".
[[nodiscard]] nlohmann::json to_json(const FrameAnalysis& frame);

/// One nucleus, numbered `id`.
[[nodiscard]] nlohmann::json to_json(const NucleusReport& nucleus, std::size_t id);

/// {"common_nuclei": [...], "events": [...], "graph": [[frame, nucleus, later frame, nucleus, overlap],
/// ...]}, the frames of the graph by number.
[[nodiscard]] nlohmann::json to_json(const Dynamics& dynamics);

/// {"frames": [...]} and the keys of the dynamics. A common nucleus names in each frame its
/// largest member
/// ("ids", null where there is none) and all of them ("members").
[[nodiscard]] nlohmann::json to_json(const std::vector<FrameAnalysis>& frames, const Dynamics& dynamics);

} // namespace aet::analysis
