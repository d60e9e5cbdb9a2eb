// Counts of nuclei and of fits are few: whether chance makes them so small is an exact test. Figures over
// them exist only where there are enough.
#pragma once

#include "validation/score/stored_run.hpp"

#include <string>
#include <vector>

namespace aet::validation {

/// Whether a frame has as many as the figure needs, or does not record the count. Figures over atoms need
/// nothing: a run in which no atom matches fails on every line. Shares of nuclei need one nucleus; means and
/// rms differences over nuclei need three, since over one or two they have no scatter that a history could
/// show.
[[nodiscard]] bool stands(const std::string& figure, const StoredFrame& frame);

/// The count `figure` of a run held against those of the same frame of accepted runs, of which the last has
/// it: fails where it is smaller (or larger, where lower is better) than chance_of_so_few() explains at
/// `level`, or where the run does not record it; not assessed where what it is a part of is 0 in this run,
/// since that has its own check. A loss is thus judged at the place where it happens.
/// \param run null: the run lacks the frame.
[[nodiscard]] Check count_against(const std::string& figure, const StoredFrame* run,
                                  const std::vector<const StoredFrame*>& accepted, double level);

/// Why a run may lack a figure, or have one that says nothing: the count behind it is recorded as too small
/// in this run, and is judged, as the last accepted run has it too. "" where there is no such excuse.
[[nodiscard]] std::string why_absent(const std::string& figure, const StoredFrame* run,
                                     const StoredFrame& accepted);

} // namespace aet::validation
