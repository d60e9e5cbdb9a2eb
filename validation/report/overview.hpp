// The head of the page: the verdict, one sentence, the checks, and a slider per checked quantity.
#pragma once

#include "validation/report/report_data.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aet::validation::page {

enum class Status { pass, fail, not_assessed };

/// A line of the checks table, as scores.json gives it.
struct CheckLine {
  std::string name;
  std::string frame; ///< "" if the check is about the whole run
  std::optional<double> value;
  std::optional<double> limit;
  std::optional<double> baseline;  ///< the value of a stored result, where there is one
  std::vector<double> history;     ///< values of earlier runs, where they were kept
  std::optional<double> tolerance; ///< change from the baseline that chance explains, where it has a size
  bool against_baseline = false;   ///< made by the comparison with a baseline; otherwise a limit of the case
  std::string unit;
  bool at_least = true;
  Status status = Status::not_assessed;
  std::string reason;
};

/// One quantity on a bar whose right end is the better one. Places are fractions of its length.
struct Slider {
  struct Mark {
    double place = 0.0;
    std::string frame;
    double value = 0.0;
    Status status = Status::not_assessed;
  };
  std::string name;
  std::string unit;
  bool at_least = true;
  double limit = 0.0;
  double limit_place = 0.0;
  double left = 0.0;  ///< the value at the left (worse) end
  double right = 0.0; ///< the value at the right (better) end
  std::vector<Mark> marks;
  std::vector<double> history_places;
  std::optional<double> better_than; ///< share of the history that the worst mark beats, 0 to 1
};

struct Overview {
  std::string title;
  Status verdict = Status::not_assessed;
  std::string sentence;
  /// Atoms recovered, RMSD and limit: a sentence for each frame; of more than four frames the worst alone.
  std::vector<std::string> headlines;
  std::vector<CheckLine> checks; ///< failures first, then not assessed, then passes
  std::string no_checks_reason;  ///< why there are none, if there are none
  std::vector<Slider> sliders;   ///< checks that differ only in their frame share one
};

/// \throws DataError if the scores are not JSON.
[[nodiscard]] Overview overview(const Part<JsonText>& scores, const std::vector<std::string>& frames);

/// "recall t001" and "recall" (frame "t001") are both the quantity "recall".
[[nodiscard]] std::string without_frame(const std::string& name, const std::string& frame);

} // namespace aet::validation::page
