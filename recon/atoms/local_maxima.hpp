// Local maxima of the upsampled volume, found plane by plane so that the upsampled volume never lies in
// memory.
#pragma once

#include "recon/atoms/spline_volume.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

/// Which neighbours on the upsampled grid a maximum must exceed.
enum class Neighbourhood { faces_6, cube_26 };

/// A grid maximum; x, y, z are indices of the upsampled grid.
struct GridMaximum {
  int x = 0;
  int y = 0;
  int z = 0;
  float height = 0.0F;
};

/// All maxima with height > floor, strongest first (equal heights: in order of z, y, x).
///
/// Where neighbours are equal (an atom half way between two grid points), the first in order of z, y, x
/// counts. Points on the faces of the volume are never maxima. The same for any number of threads.
[[nodiscard]] std::vector<GridMaximum> find_local_maxima(const SplineVolume& spline, int factor,
                                                         Neighbourhood neighbourhood, float floor,
                                                         core::Threads threads);

} // namespace aet::recon
