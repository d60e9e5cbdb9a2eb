// The tilt series of one moment: simulated, spoiled as the microscope does, compared with the linear model,
// written.
#pragma once

#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"
#include "sim/md/vibrations.hpp"
#include "sim/stem/acquisition.hpp"
#include "sim/stem/linear_deviation.hpp"
#include "validation/case/case_images.hpp"
#include "validation/synthesis/ranks.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace aet::validation {

struct ImagedMoment {
  stem::Acquisition acquisition;
  std::vector<stem::TiltTruth> truth;
  stem::ModelError model_error;                ///< of the true images, before background and counts
  std::vector<stem::CheckedSettings> settings; ///< that each tilt was imaged with; fast method only
  /// What else was recorded of the same beam, before scan distortion, drift and counts: for each tilt one
  /// image a further range, then one a ring of the diffraction pattern.
  std::vector<std::vector<core::Image>> further;
  double further_pixel_a = 0.0;
};

/// \param images of_frame().
/// \param partial folder of checkpoints, one for each tilt and frozen-phonon configuration: those found there
///   are taken from it, others put there.
/// \param ranks share the work, each taking every size-th checkpoint; the folder must be the same for all.
///   Only rank 0 gets the result.
/// \param vibrations where images.phonon_trajectory asks for them, else none: each image takes as many of its
///   snapshots as it needs, drawn without repetition from the stream (seed, "phonon.snapshot", {frame,
///   tilt}).
/// \throws core::ConfigError before work starts if an atom leaves the field; as stem::simulate_image();
///   core::ExternalError if a checkpoint cannot be written.
[[nodiscard]] ImagedMoment image_atoms(const core::Atoms& atoms, const ImagesCase& images,
                                       const std::filesystem::path& partial, const Ranks& ranks,
                                       core::Threads threads, const core::ProgressSink& progress,
                                       const md::Vibrations& vibrations = {});

/// Vibrations of a moment where images.phonon_trajectory asks for them, else none.
/// \param trajectory file of its moments.
/// \throws as md::read_snapshots(), md::vibrations_about(); core::DataError for fewer snapshots than an image
///   needs.
[[nodiscard]] md::Vibrations read_vibrations(const core::Atoms& atoms, const ImagesCase& images,
                                             const std::filesystem::path& trajectory);

/// Write NAME.mrc with .rawtlt (single-axis series) and .json: all that reconstruction may read. Beside it,
/// where there are several exposures a tilt, NAME_exposures.mrc with the same companions: exposure f of tilt
/// t is image t x exposures + f, under its tilt's angle. And the truth: NAME_truth.json, NAME_clean.mrc
/// (expected counts of NAME.mrc), NAME_background.mrc (their part that is not the specimen) and
/// NAME_model_error.json.
/// \return the paths written.
std::vector<std::filesystem::path> write_imaged_moment(const std::filesystem::path& mrc,
                                                       const ImagedMoment& moment, const ImagesCase& images);

/// Which images run along columns of atoms, and what was done about it; empty if none does.
[[nodiscard]] std::string columns_note(const std::vector<stem::CheckedSettings>& settings);

/// What was done with the moments of a trajectory.
[[nodiscard]] std::string vibrations_note(const md::Vibrations& vibrations, const ImagesCase& images);

/// What was simulated of a real microscope and what was left out, one sentence each.
[[nodiscard]] std::vector<std::string> imaging_notes(const ImagesCase& images);

} // namespace aet::validation
