// The analysis of a model beside the analysis of the truth: what an error of the model does to order, nuclei,
// their profiles, barriers and events.
#pragma once

#include "analysis/moment/moment_analysis.hpp"
#include "validation/score/match.hpp"
#include "validation/score/nuclei_match.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aet::validation {

/// How wrong one quantity is over the nuclei that have it on both sides; no values for none.
struct ErrorSummary {
  std::size_t compared = 0;
  std::optional<double> mean; ///< model minus truth
  std::optional<double> rms;
  std::optional<double> in_interval; ///< part of the truths within the model's confidence interval
  std::size_t with_interval = 0;     ///< of those compared, how many have such an interval
};

struct AnalysisComparison {
  std::size_t atoms = 0;                  ///< matched
  std::optional<double> alpha_mean_error; ///< of matched atoms, model minus truth
  std::optional<double> alpha_rms_error;
  std::size_t nuclei_truth = 0;
  std::size_t nuclei_model = 0;
  std::size_t nuclei_matched = 0;
  std::size_t nuclei_missed = 0;
  std::size_t nuclei_spurious = 0;
  double f1 = 1.0;      ///< 2 matched / (truth + model); 1 where neither has a nucleus
  ErrorSummary size;    ///< effective atoms, relative
  ErrorSummary surface; ///< effective surface area, relative
  ErrorSummary alpha0;  ///< of the fitted profile
  ErrorSummary lambda;  ///< relative
  ErrorSummary beta;
  ErrorSummary barrier; ///< of the OPG model at the same gamma and delta_g, relative
  NucleiMatch nuclei;
};

/// Nuclei are matched by the atoms they share, from `min_overlap` (shared over united) on.
/// \throws DataError if the matching is that of other atoms.
[[nodiscard]] AnalysisComparison compare_analyses(const analysis::MomentAnalysis& truth,
                                                  const analysis::MomentAnalysis& model,
                                                  const MatchResult& match, double min_overlap = 1.0 / 3.0);

/// Rows: events of the truth, columns: of the model; merge, divide, nucleate, dissolve, and last "none". An
/// event of the model belongs to one of the truth at the same moment if they name a common nucleus, by the
/// matches of nuclei; of several the one of the same kind, then the first.
using EventConfusion = std::array<std::array<int, 5>, 5>;
/// \param nuclei of each moment.
/// \throws DataError for fewer moments than the events name.
[[nodiscard]] EventConfusion event_confusion(const analysis::Dynamics& truth, const analysis::Dynamics& model,
                                             std::span<const NucleiMatch> nuclei);

/// Correct events over all that happened or were reported; 1 if there were none.
[[nodiscard]] double event_accuracy(const EventConfusion& confusion);

/// The truth with errors of position and species as a reconstruction leaves them.
/// \param rms_a root of the mean squared error in space, >= 0 [angstrom]; normal, the same along all axes.
/// \param wrong_species part of atoms that get another of the elements present, 0 .. 1 (none if there is only
///   one).
/// \throws ConfigError for values out of range.
[[nodiscard]] core::Atoms disturbed(const core::Atoms& truth, double rms_a, double wrong_species,
                                    std::uint64_t seed, std::uint32_t trial);

} // namespace aet::validation
