// Reprojections of a volume in a pose, and how they change with it.
#pragma once

#include "recon/volume/projector.hpp"
#include "sim/core/atoms.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/grid.hpp"

#include <array>

namespace aet::recon {

/// How a specimen stood when an image was taken: image(x) = projection in `orientation` at (x - shift).
struct Pose {
  core::Mat3 orientation = core::Mat3::Identity(); ///< r' = R r
  std::array<double, 2> shift{};                   ///< along x and y [pixel]
};

/// Turns and shifts in the frame of the image: R -> exp([w]x) R with w = (0, 1, 2) about x', y' and the beam
/// [radian], then the shifts along x' (3) and y' (4) [pixel].
inline constexpr std::size_t pose_parameters = 5;
using PoseChange = std::array<double, pose_parameters>;

/// The pose after a change; the orientation is kept orthonormal.
[[nodiscard]] Pose moved(const Pose& pose, const PoseChange& change);

/// A reprojection and its derivatives by the pose.
struct Reprojection {
  core::Image image;
  std::array<core::Image, pose_parameters> derivatives;
};

/// Reprojections of n^3 volumes. Moving points by w x r carries the projection along: with P the projection,
/// Z that of z' u and (x, y) from the shifted rotation centre, dP = w_x dZ/dy - w_y dZ/dx + w_z (y dP/dx - x
/// dP/dy). Both come out of one complex transform (see MomentProjector), so a reprojection with all its
/// derivatives costs no more than without.
class Reprojector {
public:
  /// \param n even.
  explicit Reprojector(int n);

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
