// What accuracy a claim about nuclei needs: the truth is displaced and relabelled at random, analysed again,
// and compared with itself.
#pragma once

#include "validation/score/analysis_compare.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace aet::validation {

struct PropagationOptions {
  std::vector<double> rms_pm{0, 10, 20, 30, 40, 60, 80, 100}; ///< each 0 .. 300 [pm]
  std::vector<double> wrong_percent{0};                       ///< each 0 .. 100
  int trials = 3;                                             ///< 1 .. 1000
  double min_overlap = 1.0 / 3.0;                             ///< of matched nuclei
  std::uint64_t seed = 1;
};

/// Means (F1, alpha) and rms over all trials and matched nuclei at one size of error.
struct PropagationPoint {
  double rms_pm = 0.0;
  double wrong_percent = 0.0;
  double f1 = 0.0;
  double f1_sd = 0.0; ///< over the trials; 0 for one
  double nuclei_missed = 0.0;
  double nuclei_spurious = 0.0;
  std::optional<double> alpha_rms; ///< of the atoms
  std::optional<double> size_rms;  ///< relative, as the next three where nothing else is said
  std::optional<double> surface_rms;
  std::optional<double> lambda_rms;
  std::optional<double> barrier_rms;
  std::optional<double> alpha0_rms; ///< absolute
  std::optional<double> beta_rms;   ///< absolute
};

/// The analysis of one set of atoms, of crystalline or chemical order.
using Analyse = std::function<analysis::MomentAnalysis(const core::Atoms&)>;

/// Every pair of errors of position and species, positions first. Atoms keep their identity, so nothing here
/// is an error of matching: it is the least that such errors do. Trials of all sizes of error use the same
/// deviates.
/// \throws ConfigError for options out of range, and what the analysis throws.
[[nodiscard]] std::vector<PropagationPoint> propagate_errors(const core::Atoms& truth, const Analyse& analyse,
                                                             const PropagationOptions& options = {});

/// A list of objects; what could not be compared is null with a reason.
[[nodiscard]] nlohmann::json to_json(const std::vector<PropagationPoint>& points);

} // namespace aet::validation
