// How good a volume is, by the definitions of the reference sets' README.
#pragma once

#include "sim/core/grid.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace aet::bench {

struct Quality {
  double cc; ///< Pearson correlation over the cube
  double r1; ///< sum|V - T| / sum|T|
};

[[nodiscard]] Quality quality(const core::Volume& volume, const core::Volume& truth);

struct MatchedMaxima {
  int atoms;
  double rms_px;
};

/// The volume's highest maxima, as many as the truth has, none nearer than 3 voxels to a stronger one (as the
/// truth list was made), refined by a parabola an axis; paired one to one, nearest first, within 2 voxels.
[[nodiscard]] MatchedMaxima matched_maxima(const core::Volume& volume,
                                           const std::vector<std::array<double, 3>>& truth);

} // namespace aet::bench
