// The last stage of pose refinement: against the atoms that can be told apart in the volume.
#pragma once

#include "recon/align/pose_fit.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace aet::recon {

struct AtomStageOptions {
  double min_distance_a = 1.8;      ///< between atoms [angstrom], in (0, 20]
  double min_relative_height = 0.1; ///< of peaks taken for atoms, of the typical strong peak, in [0, 1)
  std::vector<double> widths_a{0.4, 0.65, 1.1}; ///< sd of the Gaussians that make up an atom's image
                                                ///< [angstrom], each in [0.1, 5]; at least 1, at most 4
  int steps = 25;                               ///< of the joint fit, at most, >= 1
  int rounds_before = 3;                        ///< of the last stage of volumes, >= 1
};

/// \throws ConfigError for options out of range.
void check(const AtomStageOptions& options);

/// Where the stage begins.
struct AtomStageStart {
  const std::vector<core::Image>& images; ///< n x n, without background
  const core::Volume& volume;             ///< its voxel size is the pixel of the images
  const std::vector<Pose>& poses;         ///< of the volume, one an image
  const std::vector<Pose>&
      given;                 ///< by the operator: tilts that fit better from these orientations begin anew
  bool turns = true;         ///< fit the angles; otherwise only shifts
  double misfit = 0.0;       ///< of the volume: mean over images of ||image - reprojection|| / ||image||
  double noise_misfit = 0.0; ///< the same of a perfect model, from the noise of the images; 0: not known
};

struct AtomStage {
  std::vector<PoseFit>
      tilts; ///< pose, scale and misfit of each; none if there are fewer than 10 atoms or
             ///< they explain the images neither as well as the volume nor down to their noise
  std::size_t atoms = 0;
  int steps = 0;       ///< of the joint fit
  double misfit = 0.0; ///< mean over tilts
  std::string note;    ///< what was done, in a sentence
};

/// Trace the volume, fit the atoms to the images, then atoms and poses together (scene_fit.hpp): normal noise
/// of one variance, a strength for each atom, and profiles of one shape.
///
/// A volume can be stretched a little and the angles with it without leaving the images, as it is free to
/// fill the missing wedge; round atoms of one shape cannot, so they hold the angles much better.
/// Deterministic for any number of threads.
[[nodiscard]] AtomStage refine_with_atoms(const AtomStageStart& start, const AtomStageOptions& options,
                                          core::Threads threads, const core::ProgressSink& progress);

} // namespace aet::recon
