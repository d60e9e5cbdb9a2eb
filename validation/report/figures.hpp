// Every figure of scores.json as tables: a row for a quantity, a column for a frame.
#pragma once

#include "validation/report/report_data.hpp"

#include <string>
#include <vector>

namespace aet::validation::page {

struct FigureCell {
  std::string text;     ///< empty if there is no number; a line each for several
  std::string interval; ///< "low to high", 95 %; empty if there is none
  std::string reason;   ///< why there is no number; empty too where the row has no such figure
};

struct FigureRow {
  std::string label;
  std::string unit;
  std::string meaning;           ///< one sentence about a figure; empty for other records
  std::vector<FigureCell> cells; ///< one per column of the table
};

struct FigureGroup {
  std::string name; ///< "Volume", "Atoms", ...
  std::vector<FigureRow> rows;
};

struct FigureTable {
  std::vector<std::string> columns;
  std::vector<FigureGroup> groups;
  std::string missing; ///< why there is no table, if there is none
};

/// Figures of the frames. Lists of more than six entries (curves) are left to the plots.
[[nodiscard]] FigureTable frame_figures(const Part<JsonText>& scores);

/// Figures of the whole run (key "dynamics"). Keys that end in _truth and _model share a row; what is about
/// both stands in a third column. Cells that do not apply are empty.
[[nodiscard]] FigureTable dynamics_figures(const Part<JsonText>& scores);

} // namespace aet::validation::page
