// The propagation of errors as a picture.
#pragma once

#include "validation/score/propagation.hpp"

#include <string>
#include <vector>

namespace aet::validation {

/// One panel: F1 of the nuclei (left axis) and the relative errors of lambda and of the barrier (right axis,
/// up to 50 %) against one kind of error.
struct PropagationPanel {
  std::string title;
  bool against_species = false; ///< false: against the rms error of positions
  std::vector<PropagationPoint> points;
};

/// Panels side by side, as SVG that stands alone.
[[nodiscard]] std::string propagation_svg(const std::vector<PropagationPanel>& panels);

} // namespace aet::validation
