// Everything that can be said about one model and its truth.
#pragma once

#include "sim/core/atoms.hpp"
#include "validation/figures/figure.hpp"
#include "validation/score/breakdown.hpp"
#include "validation/score/match.hpp"
#include "validation/score/nuclei_match.hpp"
#include "validation/score/published.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

struct ScoreOptions {
  MatchOptions match;
  int bootstrap = 400;            ///< resamples for the uncertainties of errors, 2..100000
  int chance_rotations = 10;      ///< random turns for the chance level, 1..1000
  std::uint64_t seed = 1;         ///< of bootstrap and chance level
  int worst_atoms = 20;           ///< listed, 0..10000
  double histogram_bin_pm = 5.0;  ///< (0, 1000]
  double nucleus_overlap = 0.25;  ///< least overlap of matched nuclei, (0, 1]
  double common_cutoff_a = 1.4;   ///< (0, 20]
  double yang2021_cutoff_a = 1.5; ///< (0, 20]; some scripts 1.0 or 0.9
};

/// \throws ConfigError naming the option out of range.
void check(const ScoreOptions& options);

/// Number of matched atoms by size of error.
struct ErrorHistogram {
  double bin_pm = 0.0;
  std::vector<std::size_t> counts; ///< bin i holds errors in [i, i + 1) bin_pm; reaches the cutoff
};

struct FrameScore {
  std::string name; ///< "t000", or what stands for it
  MatchResult match;
  /// In the order of the table of figures: all of it but what belongs to the whole run or to a model beside
  /// this one. What score_frame cannot know (volume, limit, opg, comparison_figures()) is there without a
  /// value; set() fills it in.
  Figures figures;
  Breakdown breakdown;
  ErrorHistogram histogram;
  std::vector<MatchPair> worst; ///< largest error first
  std::vector<CutoffPoint> curve;
  MirrorTest mirror;
  ChanceLevel chance;
  ScoreYang2017 yang2017;
  ScoreZhou2019 zhou2019;
  ScoreYang2021 yang2021;
  std::optional<NucleiMatch> nuclei;
  std::vector<std::string> notes; ///< sentences a reader must know, e.g. that the model is a mirror image
};

/// Score one model against its truth.
///
/// Order figures come from the columns "q4", "q6" and "alpha", nuclei from the column "nucleus" (negative:
/// none), where truth and model both have them; an atom whose value is not finite in either is left out.
/// \throws ConfigError for options out of range; DataError as match_atoms and match_nuclei.
/// 25,000 atoms take about a second.
[[nodiscard]] FrameScore score_frame(const std::string& name, const core::Atoms& truth,
                                     const core::Atoms& model, const ScoreOptions& options = {});

/// Record the physical limit of the RMSD [pm] (Cramer-Rao, same atoms and axes as atoms.rmsd_pm); sets
/// efficiency too.
void set_limit(FrameScore& score, double limit_rmsd_pm);

/// Score somebody else's model of the same truth beside ours: sets compared_model.{model, recall, precision,
/// identified, rmsd_pm}.
/// \throws as match_atoms.
void set_compared_model(FrameScore& score, const core::Atoms& truth, const core::Atoms& model,
                        const MatchOptions& options = {});

} // namespace aet::validation
