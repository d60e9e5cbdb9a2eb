// The scores of a run: all frames, the checks, the verdict.
#pragma once

#include "validation/score/checks.hpp"
#include "validation/score/frame_score.hpp"

#include <string>
#include <vector>

namespace aet::validation {

struct RunScores {
  std::string case_name;
  std::vector<FrameScore> frames;
  Figures dynamics; ///< named "dynamics.KEY"; may be empty
  std::string dynamics_reason = "dynamics were not given to the score"; ///< why there are none
  std::vector<Check> checks;                                            ///< of evaluate_checks, and others
  std::vector<std::string> notes; ///< what the score leaves out, as sentences
};

} // namespace aet::validation
