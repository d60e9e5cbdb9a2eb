// The poses of a prepared tilt series: as given, or refined against its own images.
#pragma once

#include "recon/align/pose_refinement.hpp"
#include "recon/images/denoise.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

struct AlignmentOptions {
  DenoiseOptions denoise;                      ///< of the images that poses are fitted to
  std::optional<PoseRefinementOptions> refine; ///< none: poses stay as they are given
};

struct Alignment {
  core::TiltSeries series;        ///< the images given, untouched, with the best poses known
  std::vector<RefinedTilt> tilts; ///< what became of each; empty where nothing was refined
  std::vector<PoseRound> rounds;
  bool stopped = false;           ///< by the progress sink, see PoseRefinementOptions
  std::vector<std::string> notes; ///< sentences for the report
};

/// Find the poses of a series with one image a tilt (see prepare_images()).
/// \throws as refine_poses(), denoised() and require_content(). Deterministic for any number of threads.
[[nodiscard]] Alignment align_series(const core::TiltSeries& series, const AlignmentOptions& options,
                                     core::Threads threads, const core::ProgressSink& progress = {});

} // namespace aet::recon
