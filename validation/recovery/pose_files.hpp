// How the poses of a series were found, on disk, and their comparison with the truth about the acquisition.
#pragma once

#include "recon/chain/alignment.hpp"
#include "validation/score/pose_residual.hpp"

#include <filesystem>
#include <string>

namespace aet::validation {

/// "aetval alignment 1": for each tilt the Euler angles [degree] before and after, the shift [angstrom], the
/// change, scale and misfit; what each round changed; notes. The poses themselves are in the series' own
/// description.
/// \throws core::ExternalError if not written.
void write_alignment_report(const std::filesystem::path& path, const recon::Alignment& found,
                            const core::TiltSeries& given);

/// How far poses are from the true ones, before and after they were refined.
struct PoseScore {
  PoseResidual before;
  PoseResidual after;
};

/// Compare the poses of a series, before and after, with "aetval microscope truth 1".
/// \throws core::DataError if the file cannot be read or the number of tilts differs.
[[nodiscard]] PoseScore score_poses(const core::TiltSeries& before, const core::TiltSeries& after,
                                    const std::filesystem::path& truth);

/// "Tilt angles were off by 0.63 degrees ... (rms an axis) before and 0.05 degrees after refinement; ..."
[[nodiscard]] std::string sentence(const PoseScore& score);

} // namespace aet::validation
