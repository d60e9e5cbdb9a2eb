// Directions that the symmetry of a cube makes equal.
#pragma once

#include "sim/core/atoms.hpp"

#include <vector>

namespace aet::analysis {

/// All vectors that differ from `v` by the order and the signs of the components, each once, as long as v, in
/// the coordinates whose axes are the rows of `axes` (unit vectors). 6 of <100>, 12 of <110>, 8 of <111>.
[[nodiscard]] std::vector<core::Vec3> cubic_family(const core::Vec3& v,
                                                   const core::Mat3& axes = core::Mat3::Identity());

} // namespace aet::analysis
