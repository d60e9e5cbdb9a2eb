// The last stage of pose refinement: against the atoms that can be told apart in the volume.
#pragma once

#include "recon/align/pose_derivatives.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

struct AtomStageOptions {
  double min_distance_a = 1.8;      ///< between atoms [angstrom], in (0, 20]
  double min_relative_height = 0.1; ///< of peaks taken for atoms, of the typical strong peak, in [0, 1)
  std::vector<double> widths_a{0.4, 0.65, 1.1}; ///< sd of the Gaussians that make up an atom's image
                                                ///< [angstrom], each in [0.1, 5]; at least 1, at most 6
  int steps = 25;                               ///< of the joint fit, at most, >= 1
  int rounds_before = 3;                        ///< of the last stage of volumes, >= 1
};

/// \throws ConfigError for options out of range.
void check(const AtomStageOptions& options);

struct AtomStageResult {
  std::vector<Pose> poses;
  std::vector<double> scales;  ///< of images relative to the model
  std::vector<double> misfits; ///< ||image - model|| / ||image||
  std::size_t atoms = 0;
  int steps = 0;
  double misfit = 0.0; ///< mean of misfits
};

/// Trace the volume, fit the atoms to the images, then atoms and poses together (joint_fit.hpp).
///
/// A volume can be stretched a little and the angles with it without leaving the images, as it is free to
/// fill the missing wedge; round atoms of one shape cannot, so they hold the angles much better. \param
/// images without background. \param poses of the volume, one an image. \return none if there are fewer than
/// 10 atoms or they do not explain the images; `note` says what was done in a sentence. Deterministic for any
/// number of threads.
[[nodiscard]] std::optional<AtomStageResult>
refine_with_atoms(const std::vector<core::Image>& images, const core::Volume& volume,
                  const std::vector<Pose>& poses, const std::vector<Pose>& given, bool turns,
                  double volume_misfit, const AtomStageOptions& options, core::Threads threads,
                  const core::ProgressSink& progress, std::string& note);

} // namespace aet::recon
