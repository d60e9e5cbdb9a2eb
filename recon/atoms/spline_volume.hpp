// A volume as a continuous function: cubic B-spline interpolation with the exact prefilter.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <array>
#include <vector>

namespace aet::recon {

/// The four cubic B-spline weights of the coefficients i-1, i, i+1, i+2 at the point i + t, 0 <= t < 1.
[[nodiscard]] std::array<double, 4> cubic_bspline_weights(double t);

/// The cubic spline through all voxels of a volume (mirror continuation at the faces).
///
/// Coordinates are voxel indices of the input volume; inside [0, n-1] the spline goes through every voxel
/// value (to single precision) and has continuous second derivatives. Source: Unser, Aldroubi, Eden, IEEE
/// Trans. Signal Process. 41, 821 (1993), doi:10.1109/78.193220.
class SplineVolume {
public:
  /// Prefilter: three recursive passes. Memory: one float a voxel.
  /// \throws DataError for fewer than 4 voxels a side.
  SplineVolume(const core::Volume& volume, core::Threads threads);

  [[nodiscard]] int nx() const { return coefficients_.nx; }
  [[nodiscard]] int ny() const { return coefficients_.ny; }
  [[nodiscard]] int nz() const { return coefficients_.nz; }

  /// Value at one point [voxels]; any finite point (mirrored).
  [[nodiscard]] double value(const core::Vec3& voxel) const;

  /// Values on a cubic lattice of (2 half + 1)^3 points with the given step [voxels] around a centre
  /// [voxels]. `out` is resized; out[(k * L + j) * L + i], L = 2 half + 1, i along x.
  void sample_cube(const core::Vec3& centre, double step, int half, std::vector<double>& out) const;

  /// Upsampled plane `plane` of the grid with `factor` points a voxel: (factor*(nx-1)+1) x (factor*(ny-1)+1)
  /// floats at z = plane / factor, x fastest. `scratch` is workspace that may be reused.
  void upsampled_plane(int plane, int factor, std::vector<float>& out, std::vector<float>& scratch) const;

private:
  core::Volume coefficients_;
};

} // namespace aet::recon
