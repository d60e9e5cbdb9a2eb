// scores.json and the matches beside it.
#pragma once

#include "validation/score/run_scores.hpp"

#include <nlohmann/json_fwd.hpp>

namespace aet::validation {

/// scores.json, schema 1:
///
/// - schema, case, verdict
/// - checks[] {name, frame, value, unit, limit, direction, status, reason}; with a baseline also its value
///   (baseline), the change that chance explains (tolerance) and the values of all accepted runs (history)
/// - frames[] {name, atoms{}, volume{}, order{}, nuclei{}, opg{}, alignment{}, mirror{}, chance{},
///   published{}, breakdown{}, error_histogram{}, cutoff_curve[], worst_atoms[], nuclei_pairs[], notes[]}
/// - breakdown {confusion {species[], called[truth][model], missed[], spurious[]}, by_depth_a[],
///   by_neighbours[]}, bands as {low, high, truth, matched, right_species, rmsd_pm, rmsd_axis_pm}
/// - dynamics{} (or null with dynamics_reason), notes[]
///
/// A figure "atoms.recall" is frames[].atoms.recall; its 95 % interval recall_interval [low, high]. A figure
/// without value is null, with recall_reason beside it. rmsd_axis_pm is [x, y, z].
[[nodiscard]] nlohmann::ordered_json score_json(const RunScores& run);

/// The list "checks" alone.
[[nodiscard]] nlohmann::ordered_json checks_json(const std::vector<Check>& checks);

/// analysis/matches_NAME.json: cutoff_a, transform {linear, shift_a} (model to truth), and
/// pairs[] [truth index, model index, dx_pm, dy_pm, dz_pm], indices 0-based, aligned model minus truth.
[[nodiscard]] nlohmann::ordered_json match_json(const MatchResult& match);

/// A document as indented text; bytes that are not UTF-8 are replaced; a newline at the end.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& document);

} // namespace aet::validation
