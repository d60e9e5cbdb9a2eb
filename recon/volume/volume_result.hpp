// What every reconstruction algorithm returns, and what it costs.
#pragma once

#include "sim/core/grid.hpp"

#include <string>
#include <vector>

namespace aet::recon {

/// Points of the Fourier grid (whole grid, both half spaces).
struct GridCounts {
  int grid_size = 0;     ///< edge of the padded grid, N
  double points = 0.0;   ///< N^3
  double enforced = 0.0; ///< measured and used
  double withheld = 0.0; ///< measured and kept for R_free
};

/// A reconstructed volume, how well it agrees with the images, and what was done to make it. Each algorithm
/// says in its own header what the figures mean there.
struct VolumeResult {
  core::Volume volume; ///< n x n x n, rotation centre on voxel n/2; sums along the beam give image values
  std::vector<double>
      r_k; ///< ||F_calc - F_obs|| / ||F_obs|| over the fitted data, at the start of each iteration
  std::vector<double> r_free; ///< the same over the withheld data; empty if none
  double r1_k = 0.0;          ///< sum|F_calc - F_obs| / sum|F_obs| of the result over the enforced points
  double r1_magnitude = 0.0; ///< sum||F_calc| - |F_obs|| / sum|F_obs|, the form that published packages print
  double r1_free = 0.0;      ///< the same over the withheld points; 0 if none
  GridCounts counts;
  int iterations = 0;
  std::vector<std::string> notes; ///< what was done to the images, why it stopped: sentences for the report
};

/// What a reconstruction will take.
struct Cost {
  double cpu_seconds = 0.0; ///< on one core of a 2023 server; divide by threads for a wall time
  double bytes = 0.0;       ///< peak memory beyond the tilt series itself
};

} // namespace aet::recon
