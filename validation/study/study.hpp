// A study: cases run over a grid of settings and seeds, to see how accuracy depends on them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace aet::validation {

/// A figure drawn from a study: y against x, one curve for each combination of the other settings.
struct StudyFigure {
  std::string title;
  std::string x; ///< a setting of the grid
  std::string y; ///< a figure of the score, "atoms.recall"
  bool log_x = false;
  bool log_y = false;
};

/// One run of a study.
struct StudyPoint {
  std::string name;                            ///< of its folder: the case, a hash of the settings, the seed
  std::map<std::string, std::string> settings; ///< "case" and every setting of the grid, as written in TOML
  std::uint64_t seed = 0;
  std::filesystem::path case_file; ///< what messages call it
  std::string case_toml;           ///< the case with the settings in place
};

struct Study {
  std::string title;
  std::vector<std::string> axes;  ///< in the order of the file; "case" first if there are several
  std::vector<StudyPoint> points; ///< seeds fastest, then the last axis
  std::vector<StudyFigure> figures;
};

/// Read STUDY.toml:
///
/// - title: text
/// - cases: paths of cases, relative to the study's file
/// - seeds: whole numbers, [1] if left out
/// - [grid]: "table.key" = [values], each with every other
/// - [[figure]]: title, x, y, log_x, log_y
///
/// Every point is read as a case, so that a wrong setting is found before anything runs.
/// \throws core::ConfigError naming file, key, value and what is allowed; for more than 10,000 points.
[[nodiscard]] Study read_study(const std::filesystem::path& file);

} // namespace aet::validation
