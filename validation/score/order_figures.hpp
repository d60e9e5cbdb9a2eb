// Figures of the scores that compare two analyses: mean order, OPG profiles of matched nuclei, dynamics.
#pragma once

#include "validation/figures/figure.hpp"
#include "validation/score/nuclei_match.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace aet::validation {

/// "order.q4_truth", "order.q4_model", ...: means over all atoms of q4, q6 and alpha, and the crystalline
/// fractions.
/// \param truth, model one entry of "frames" of the analysis files.
[[nodiscard]] Figures order_figures(const nlohmann::json& truth, const nlohmann::json& model);

/// "opg.compared": matched nuclei with a fit on both sides; "opg.alpha0_rms", "opg.lambda_rms_a",
/// "opg.beta_rms": root mean square differences of their parameters (model minus truth), without value where
/// none could be compared.
[[nodiscard]] Figures opg_figures(const nlohmann::json& truth, const nlohmann::json& model,
                                  const std::optional<NucleiMatch>& nuclei);

/// "dynamics.common_truth", "dynamics.common_model", and the same for growing, dissolving and fluctuating
/// nuclei and for the events merge, divide, nucleate and dissolve.
/// \param truth, model whole analysis files.
[[nodiscard]] Figures dynamics_figures(const nlohmann::json& truth, const nlohmann::json& model);

} // namespace aet::validation
