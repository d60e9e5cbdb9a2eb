// Peaks as Gaussians: the fit of Yang et al. 2017, and the volume with atoms taken out.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

/// height * exp(-sum_k (r_k - centre_k)^2 / (2 width_k^2)) + base
struct GaussianPeak {
  core::Vec3 centre = core::Vec3::Zero(); ///< [voxels, from the first voxel]
  core::Vec3 width = core::Vec3::Ones();  ///< standard deviations along x, y, z [voxels]
  double height = 0.0;
  double base = 0.0;
  int iterations = 0;
  bool converged = false; ///< false: no minimum in 60 steps, no peak, or the centre moved over 2 voxels
};

/// Least squares fit to the voxels of a cube of (2 half + 1)^3 around the voxel nearest to `start` [voxels].
/// Widths along the three axes (0.5 to 3 voxels) differ, since the missing wedge makes peaks longer along the
/// beam. Levenberg-Marquardt from the cube's own height and a width of 1.2 voxels. The cube must lie in the
/// volume; otherwise not converged. Source: Yang et al. 2017, step i (Yang et al., Nature 542, 75 (2017),
/// doi:10.1038/nature21042): 3D Gaussian in 5 x 5 x 5 voxels, half = 2.
[[nodiscard]] GaussianPeak fit_gaussian(const core::Volume& volume, const core::Vec3& start, int half = 2);

/// The volume minus every peak that converged (without its base), out to four widths.
[[nodiscard]] core::Volume subtract_peaks(const core::Volume& volume, const std::vector<GaussianPeak>& peaks,
                                          core::Threads threads);

} // namespace aet::recon
