// Reprojections of a volume in a pose, and how they change with it.
#pragma once

#include "recon/scene/pose.hpp"
#include "recon/volume/projector.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/grid.hpp"

#include <array>
#include <cstddef>

namespace aet::recon {

/// A reprojection and its derivatives by the pose, in the order of PoseChange.
struct Reprojection {
  core::Image image;
  std::array<core::Image, std::size_t{pose_parameters}> derivatives;
};

/// Reprojections of n^3 volumes. Moving points by w x r carries the projection along: with P the projection,
/// Z that of z' u and (x, y) from the shifted rotation centre, dP = w_x dZ/dy - w_y dZ/dx + w_z (y dP/dx - x
/// dP/dy). Both come out of one complex transform (see MomentProjector), so a reprojection with all its
/// derivatives costs no more than without.
class Reprojector {
public:
  /// \param n even.
  explicit Reprojector(int n);

  /// \param volume its voxel size is the pixel of the images, in which shifts [angstrom] are taken.
  /// \param blur sd of a Gaussian that all images are convolved with [pixel], >= 0.
  /// Exact for band-limited volumes (up to the 1e-6 of the non-uniform transform). Safe to call from several
  /// threads.
  [[nodiscard]] Reprojection operator()(const core::Volume& volume, const Pose& pose, double blur) const;

private:
  int n_;
  MomentProjector projector_;
  core::Fft2 fft_;
};

} // namespace aet::recon
