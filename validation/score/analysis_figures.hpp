// The comparison of two analyses as JSON, and as figures of the scores.
#pragma once

#include "validation/figures/figure.hpp"
#include "validation/score/analysis_compare.hpp"

#include <nlohmann/json_fwd.hpp>

namespace aet::validation {

/// Counts and errors; what could not be compared is null with a reason.
[[nodiscard]] nlohmann::json to_json(const AnalysisComparison& comparison);

/// {"kinds": [...], "table": rows of the truth, columns of the model; "accuracy"}.
[[nodiscard]] nlohmann::json to_json(const EventConfusion& confusion);

/// Figures from that JSON: "nuclei.missed", "nuclei.spurious", "nuclei.f1", "nuclei.size_rms",
/// "nuclei.surface_rms" (relative), "opg.alpha0_in_interval", "opg.lambda_in_interval",
/// "opg.beta_in_interval" (share of truths within the model's 95 % interval), "opg.barrier_compared" (matched
/// nuclei with a barrier on both sides), "opg.barrier_rms" (relative).
/// \throws nothing for JSON of to_json().
[[nodiscard]] Figures comparison_figures(const nlohmann::json& comparison);

/// "dynamics.event_accuracy", and "dynamics.event_KIND_as_KIND" for every entry of the table that is not 0
/// ("none": there is no such event).
[[nodiscard]] Figures event_figures(const nlohmann::json& confusion);

/// "dynamics.chemical_event_accuracy" of the nuclei of chemical order.
[[nodiscard]] Figure chemical_event_figure(const nlohmann::json& confusion);

} // namespace aet::validation
