// How a specimen stood when an image was taken.
#pragma once

#include "sim/core/atoms.hpp"

#include <Eigen/Core>

#include <vector>

namespace aet::recon {

/// image(x) = projection of the specimen in `orientation` at (x - shift), x from the rotation centre.
struct Pose {
  core::Mat3 orientation = core::Mat3::Identity(); ///< r' = R r
  Eigen::Vector2d shift = Eigen::Vector2d::Zero(); ///< along x' and y' [angstrom]
};

/// A change in the axes of the image: R -> exp([w]x) R with w = (0, 1, 2) about x', y' and the beam
/// [radian], then the shifts along x' (3) and y' (4) [angstrom].
inline constexpr int pose_parameters = 5;
using PoseChange = Eigen::Matrix<double, pose_parameters, 1>;

/// The pose after a change; the orientation is kept orthonormal.
[[nodiscard]] Pose moved(const Pose& pose, const PoseChange& change);

/// Axis times angle of a rotation [radian].
[[nodiscard]] core::Vec3 rotation_vector(const core::Mat3& rotation);

/// A motion of the whole specimen: p -> turn p + shift [angstrom].
struct RigidMotion {
  core::Mat3 turn = core::Mat3::Identity();
  core::Vec3 shift = core::Vec3::Zero();
};

/// Take off the turn and shift of the whole specimen by which poses differ from others: no image tells them
/// from atoms that moved the other way.
/// \param reference as many poses.
/// \return the motion of the atoms that leaves all images as they are.
RigidMotion remove_common(std::vector<Pose>& poses, const std::vector<Pose>& reference);

} // namespace aet::recon
