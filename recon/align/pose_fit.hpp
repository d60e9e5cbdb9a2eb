// The pose in which a volume's reprojection looks most like an image.
#pragma once

#include "recon/align/reprojector.hpp"

namespace aet::recon {

struct PoseFitOptions {
  double blur = 0.0;  ///< sd of a Gaussian that reprojections are convolved with [pixel], >= 0; the image is
                      ///< taken to be convolved with it already
  int steps = 2;      ///< Gauss-Newton steps, >= 1
  bool turns = true;  ///< fit the three angles
  bool shifts = true; ///< fit the two shifts
  double max_turn = 0.05; ///< longest step of a rotation vector [radian], > 0
  double max_shift = 2.0; ///< longest step of a shift along an axis [pixel of the volume], > 0
};

struct PoseFit {
  Pose pose;
  double scale = 1.0;  ///< factor on the reprojection that fits best
  double misfit = 0.0; ///< ||image - scale * reprojection|| / ||image|| in that pose
};

/// Minimise sum over pixels (image - s reprojection(pose))^2 over pose and scale s, from `start`, by
/// Gauss-Newton steps on analytic derivatives, shortened (Levenberg's damping, tenfold) until they lower the
/// misfit. The scale is eliminated within each step. A pose that cannot be improved is returned as it is.
/// \param image n x n, n as the reprojector's.
[[nodiscard]] PoseFit fit_pose(const Reprojector& reprojector, const core::Volume& volume,
                               const core::Image& image, const Pose& start, const PoseFitOptions& options);

} // namespace aet::recon
