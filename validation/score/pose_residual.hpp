// How far refined poses of a tilt series are from the true ones.
#pragma once

#include "sim/core/atoms.hpp"

#include <array>
#include <vector>

namespace aet::validation {

/// Orientation r' = R r of a tilt, and where the rotation centre's projection lies, off pixel n/2.
struct TiltPose {
  core::Mat3 orientation = core::Mat3::Identity();
  std::array<double, 2> shift_px{}; ///< along x and y [pixel]
};

/// Differences that no turn or shift of the whole specimen explains.
struct PoseResidual {
  double angle_rms_deg = 0.0; ///< per axis: root of the mean square of the rotation vectors, over sqrt(3)
  double angle_max_deg = 0.0; ///< largest rotation between an orientation and the true one
  std::array<double, 3> euler_rms_deg{};    ///< of phi, theta, psi
  double shift_rms_px = 0.0;                ///< per axis
  double shift_max_px = 0.0;                ///< longest shift vector
  core::Mat3 turn = core::Mat3::Identity(); ///< true R = orientation * turn^T: the turn taken off
  core::Vec3 offset = core::Vec3::Zero();   ///< the specimen's shift taken off [pixel]
};

/// Compare poses. A volume turned by Q (r -> Q r) and shifted has the same projections in orientations R Q^T;
/// the turn and the shift that explain most of the differences are taken off first: Q by the singular value
/// decomposition of sum R_true^T R, the shift by least squares.
/// \throws DataError unless both lists have the same length >= 1.
[[nodiscard]] PoseResidual pose_residual(const std::vector<TiltPose>& poses,
                                         const std::vector<TiltPose>& truth);

} // namespace aet::validation
