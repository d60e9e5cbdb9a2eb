// What the points of a study came to: figures averaged over seeds, as a table, as data and as curves.
#pragma once

#include "validation/study/study.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

/// A figure over the seeds (and frames) of one combination of settings.
struct MeanFigure {
  double mean = 0.0;
  std::optional<double> standard_error; ///< from the scatter; none for a single value
  std::size_t values = 0;
};

struct StudyRow {
  std::map<std::string, std::string> settings;
  std::size_t runs = 0;              ///< finished
  std::vector<std::string> failures; ///< "NAME: why", of runs without scores
  std::map<std::string, MeanFigure> figures;
};

/// One row a combination of settings, in the order of the study.
/// \param failures why a point has no scores, by its name; a point with neither is "not run yet".
[[nodiscard]] std::vector<StudyRow> collect_results(const Study& study,
                                                    const std::filesystem::path& points_dir,
                                                    const std::map<std::string, std::string>& failures);

/// One line a row: settings, runs, then mean and standard error of every figure any row has.
[[nodiscard]] std::string results_csv(const Study& study, const std::vector<StudyRow>& rows);

/// One self-contained page: the figures as SVG, the table, what failed. Text is escaped.
[[nodiscard]] std::string results_page(const Study& study, const std::vector<StudyRow>& rows);

/// The chart of one figure of the study; with y = atoms.rmsd_pm the physical limit is drawn too.
[[nodiscard]] std::string results_chart(const Study& study, const StudyFigure& figure,
                                        const std::vector<StudyRow>& rows);

} // namespace aet::validation
