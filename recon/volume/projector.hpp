// Projections of a volume at any orientation, exact for band-limited volumes, and the adjoint.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

/// Projections by the Fourier slice theorem without interpolation error: an image's transform at (a, b) is
/// sum_r u(r) exp(-2 pi i ((R r)_x a + (R r)_y b) / M), for all |a|, |b| < M/2, by a non-uniform transform.
/// M = 2n, so that no corner of the cube wraps around into the image; the image is the middle n x n.
/// Sums along the beam of voxel values give image values.
/// \param volume n x n x n, n even. \param orientations rotations, r' = R r.
/// Cost an image: 64 multiply-adds a voxel. Deterministic for any number of threads.
/// \throws DataError if the volume is not a cube of even edge.
[[nodiscard]] std::vector<core::Image>
project(const core::Volume& volume, const std::vector<core::Mat3>& orientations, core::Threads threads);

/// Adjoint of project(): each voxel gets the sum over images of the image, zero outside its n x n pixels and
/// interpolated between them as a trigonometric polynomial of period M, at the voxel's projected position.
/// \return n^3 numbers. \throws DataError if images are not square, even and of one size.
[[nodiscard]] core::AlignedVector<float> back_project(const std::vector<core::Image>& images,
                                                      const std::vector<core::Mat3>& orientations,
                                                      core::Threads threads);

/// Kernel of u -> back_project(project(u)) with the images kept at their full size M: offsets -n ... n-1,
/// [dz+n][dy+n][dx+n] of edge 2n. It is the sum over orientations of D((R d)_x) D((R d)_y) / M^2 with
/// D(s) = sum_{|a| < M/2} exp(2 pi i a s / M) = sin(pi (M-1) s / M) / sin(pi s / M).
[[nodiscard]] core::AlignedVector<float>
back_projected_projection_kernel(const std::vector<core::Mat3>& orientations, int n, core::Threads threads);

/// Published figure of merit of a volume: for each image sum |calc - obs| / sum |obs|.
/// Source: Yang et al., Nature 542, 75 (2017), eq. 5.
[[nodiscard]] std::vector<double> projection_residuals(const core::Volume& volume,
                                                       const std::vector<core::Image>& images,
                                                       const std::vector<core::Mat3>& orientations,
                                                       core::Threads threads);

} // namespace aet::recon
