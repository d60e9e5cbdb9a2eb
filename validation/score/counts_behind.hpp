// Figures over nuclei and profiles exist only where there are any: the counts that say so, held against
// accepted runs.
#pragma once

#include "validation/score/stored_run.hpp"

#include <span>
#include <string>
#include <vector>

namespace aet::validation {

/// A count on which other figures rest.
struct CountFigure {
  std::string name; ///< "opg.compared"
  std::string of;   ///< the count it is a part of: "nuclei.matched"; "" for none
  std::string what; ///< "matched nuclei with ...", as said after "3 of 5"
};

/// Each after the one it is a part of.
[[nodiscard]] std::span<const CountFigure> count_figures();

/// What a figure rests on.
struct Footing {
  const CountFigure* count = nullptr;
  int least = 1; ///< a count below it leaves the figure without meaning
};

/// None for figures that every run must have. Figures over atoms are among those: a run in which no atom
/// matches fails on every line. Shares of nuclei need one nucleus; means and rms differences over nuclei need
/// three, since over one or two they have no scatter that a history could show.
[[nodiscard]] Footing footing_of(const std::string& figure);

/// Whether a frame has the count that the figure needs, or does not record it.
[[nodiscard]] bool stands(const std::string& figure, const StoredFrame& frame);

/// The count of a run held against those of the same frame of accepted runs, of which the last has it: fails
/// where it is smaller than chance_of_so_few() explains at `level`, or where the run does not record it; not
/// assessed where what it is a part of is 0 in this run, since that has its own check. A loss is thus judged
/// at the place where it happens, and once.
/// \param run null: the run lacks the frame.
[[nodiscard]] Check count_against(const CountFigure& count, const StoredFrame* run,
                                  const std::vector<const StoredFrame*>& accepted, double level);

/// Why a run may lack a figure, or have one that says nothing: the count behind it is recorded as too small
/// in this run, and is judged, as the last accepted run has it too. "" where there is no such excuse.
[[nodiscard]] std::string why_absent(const std::string& figure, const StoredFrame* run,
                                     const StoredFrame& accepted);

} // namespace aet::validation
