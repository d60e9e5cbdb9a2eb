// Refined poses on disk, and their comparison with the truth about the acquisition.
#pragma once

#include "recon/align/pose_refinement.hpp"
#include "validation/score/pose_residual.hpp"

#include <filesystem>
#include <string>

namespace aet::validation {

/// "aetval poses 1": for each tilt the orientation given and found, its Euler angles [degree], the shift
/// [pixel], the change, scale and misfit; and what each round changed. \throws core::ExternalError if not
/// written.
void write_poses(const std::filesystem::path& path, const recon::PoseRefinement& refined,
                 const core::TiltSeries& given);

/// How far poses are from the true ones, before and after refinement.
struct PoseScore {
  PoseResidual before; ///< orientations as given, no shifts
  PoseResidual after;
};

/// Compare a file of write_poses() with "aetval microscope truth 1". \throws core::DataError if a file cannot
/// be read or they differ in the number of tilts.
[[nodiscard]] PoseScore score_poses(const std::filesystem::path& poses, const std::filesystem::path& truth);

/// "Tilt angles were off by 0.63 degrees ... (rms an axis) before and 0.05 degrees after refinement; ..."
[[nodiscard]] std::string sentence(const PoseScore& score);

} // namespace aet::validation
