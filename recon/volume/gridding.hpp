// GENFIRE's assembly of projections into an oversampled three-dimensional Fourier grid.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <cstdint>
#include <vector>

namespace aet::recon {

/// How a grid point gets its value from a projection.
enum class GriddingMethod {
  dft, ///< the projection's transform at the foot of the perpendicular, weight 1/distance
  fft, ///< the projection's transform at the integer points within the threshold, weight 1/distance^2
};

struct GriddingOptions {
  int size = 0;           ///< N, edge of the padded grid [voxel]; even, >= image size
  double threshold = 0.5; ///< D_th, largest distance to a plane [voxel of the grid], in (0, 4]
  GriddingMethod method = GriddingMethod::dft;
  double withheld_fraction = 0.01; ///< of the measured points, kept for R_free in blocks, in [0, 0.5]
  std::uint64_t seed = 1;          ///< chooses the withheld points
};

/// A measured point of a slab ky: position kz * (N/2+1) + kx in the slab (kz wrapped) and the transform of
/// the projections there, with the rotation centre as origin.
struct GridPoint {
  std::uint32_t index;
  core::Complex value;
};

/// All measured points with kx >= 0; those with kx < 0 follow by conjugation. Points with a coordinate at the
/// Nyquist frequency -N/2 are left unknown.
struct GriddedSpectrum {
  int size = 0;                                 ///< N
  int box = 0;                                  ///< n, edge of the images and of the volume
  std::vector<std::vector<GridPoint>> enforced; ///< [ky], ky wrapped, ascending index
  std::vector<std::vector<GridPoint>> withheld; ///< [ky]
  double largest_radius = 0.0;                  ///< of a measured point [voxel]
  /// Per shell of radius r (nearest integer to |k|), over the whole grid (both half spaces):
  std::vector<double> shell_points;   ///< grid points
  std::vector<double> shell_enforced; ///< of them measured and enforced
  std::vector<double> shell_withheld; ///< of them measured and withheld
};

/// Grid point k takes every projection j whose plane passes within D_th: D = (R_j k)_z, foot (u, v) = (R_j
/// k)_xy, value = sum_j w_j F_j(u, v) / sum_j w_j with w = 1/D, F_j(u, v) = sum_xy f_j(x, y) exp(-2 pi i (x u
/// + y v) / N), x and y from the rotation centre. Only points near planes are visited: O(tilts x N^2 x D_th).
///
/// Withheld are blocks of points, 3 size / box voxels a side, chosen within each shell of blocks (not the
/// innermost) by a counter-based random number, a point and its Hermitian mate always together: points nearer
/// to each other than size / box voxels say the same of a volume of that box, so that single withheld points
/// would be told by their fitted neighbours. A shell with few blocks may lack its part, which the next shells
/// make up for.
/// \param images n x n, n even.
/// \param orientations one rotation an image.
/// \throws ConfigError for options out of range. Deterministic for any number of threads. Source: Yang et
///   al., Nature 542, 75 (2017), eq. 1, doi:10.1038/nature21042; Pryor et al., Sci. Rep. 7, 10409 (2017),
///   doi:10.1038/s41598-017-09847-1.
[[nodiscard]] GriddedSpectrum grid_projections(const std::vector<core::Image>& images,
                                               const std::vector<core::Mat3>& orientations,
                                               const GriddingOptions& options, core::Threads threads);

} // namespace aet::recon
