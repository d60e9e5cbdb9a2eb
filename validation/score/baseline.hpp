// A run held against an accepted earlier one, within what chance explains.
#pragma once

#include "validation/score/stored_run.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

/// Accepted runs of one case, oldest first; the last is what new runs are compared with, all together tell
/// how much a figure scatters.
struct Baseline {
  std::vector<StoredRun> history;
};

struct BaselineOptions {
  /// Chance that a run which is no worse fails, all figures together; (0, 0.5].
  double false_alarm = 0.01;
};

/// The wanted direction of a figure, if the table of figures gives it one.
[[nodiscard]] std::optional<Direction> wanted_direction(const std::string& figure);

/// One check a guarded figure and frame of the baseline. The limit is the accepted value moved to the bad
/// side by what chance explains, so that a run which is no worse fails with probability `false_alarm` over
/// all checks together (Bonferroni). Where both values state their uncertainty (95 % intervals) it is the
/// over all checks together (Bonferroni). How a figure is judged stands in the table of figures:
/// - by its 95 % intervals, which make the normal distribution of the change; where one of the values states
///   none, it is taken to be as uncertain as the other. Widened to the scatter over the history (three runs
///   or more) where that is larger.
/// - by scatter: Student's t of that of the history, and no less than the normal distribution of the assumed
///   one.
/// - counts by an exact test (counts_behind.hpp). A figure or frame that the run no longer has fails; but a
///   figure over nuclei or profiles is not assessed in a run that records that there are none or too few:
///   their number is held against the accepted runs by itself, and all that is lost with it is judged there.
///   The reason says by how much a figure is better, worse or as before.
/// \throws DataError if the baseline is empty.
[[nodiscard]] std::vector<Check> compare_with_baseline(const StoredRun& run, const Baseline& baseline,
                                                       const BaselineOptions& options = {});

/// The text of a run's scores.json with the checks against the baseline appended, the verdict of all of them,
/// and for every check the values of the accepted runs ("history"): what a report shows.
/// \throws DataError as read_stored_run and compare_with_baseline.
[[nodiscard]] std::string scores_against(const std::filesystem::path& run_dir, const Baseline& baseline,
                                         const BaselineOptions& options = {});

/// Settings that differ, as sentences: "reconstruct.iterations: 100 in the baseline, 1 now".
[[nodiscard]] std::vector<std::string> changed_settings(const StoredRun& run, const Baseline& baseline);

/// Place of a value among those of the history, worst first: 0 worse than all, 1 better than all; none for
/// fewer than three entries or a figure without direction.
[[nodiscard]] std::optional<double> rank_in_history(const Baseline& baseline, const std::string& frame,
                                                    const std::string& figure, double value);

/// \throws DataError naming the file and what is wrong.
[[nodiscard]] Baseline read_baseline(const std::filesystem::path& file);

/// Add a run to the baseline in `file` (made if missing). The oldest entries beyond 100 are dropped.
/// \throws DataError if the file is there but unusable; ExternalError if it cannot be written.
void record_in_baseline(const std::filesystem::path& file, StoredRun run);

} // namespace aet::validation
