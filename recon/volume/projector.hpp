// Projections of a volume at any orientation, exact for band-limited volumes, and the adjoint.
#pragma once

#include "recon/volume/nufft.hpp"
#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

/// Projections by the Fourier slice theorem without interpolation error: an image's transform at (a, b) is
/// sum_r u(r) exp(-2 pi i ((R r)_x a + (R r)_y b) / M), for all |a|, |b| < M/2, by a non-uniform transform. M
/// = 2n, so that no corner of the cube wraps around into the image; the image is the middle n x n. Sums along
/// the beam of voxel values give image values.
/// \param volume n x n x n, n even.
/// \param orientations rotations, r' = R r. Cost an image: 64 multiply-adds a voxel. Deterministic for any
///   number of threads.
/// \throws DataError if the volume is not a cube of even edge.
[[nodiscard]] std::vector<core::Image>
project(const core::Volume& volume, const std::vector<core::Mat3>& orientations, core::Threads threads);

/// Transforms of projections, together with those of the volume's first moment along the beam, which is what
/// their derivatives by the orientation need.
class MomentProjector {
public:
  /// \param n edge of the volumes, even.
  explicit MomentProjector(int n);
  /// The transform of P + i Z, where P is the projection and Z that of z' u [voxel]: M x M modes, M = 2n,
  /// mode (0,0) in the middle, modes -M/2 zero. P and Z are the real and the imaginary part of its inverse.
  /// \throws DataError if the volume is not a cube of even edge.
  [[nodiscard]] core::AlignedVector<core::Complex> modes(const core::Volume& volume,
                                                         const core::Mat3& orientation) const;
  [[nodiscard]] int n() const { return n_; }

private:
  int n_;
  Nufft2 transform_;
};

/// Adjoint of project(): each voxel gets the sum over images of the image, zero outside its n x n pixels and
/// interpolated between them as a trigonometric polynomial of period M, at the voxel's projected position.
/// \param support n^3 factors; voxels where it is zero are not computed and stay zero. Empty: all are.
/// \return n^3 numbers.
/// \throws DataError if images are not square, even and of one size.
[[nodiscard]] core::AlignedVector<float> back_project(const std::vector<core::Image>& images,
                                                      const std::vector<core::Mat3>& orientations,
                                                      core::Threads threads,
                                                      const core::AlignedVector<float>& support = {});

/// Kernel of u -> back_project(project(u)) with the images kept at their full size M: offsets -n ... n-1
/// (those with a component -n never occur between voxels of one box and may be zero),
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
