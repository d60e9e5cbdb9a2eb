// One door to the reconstruction algorithms, and the .json beside a volume.
#pragma once

#include "recon/align/pose_refinement.hpp"
#include "recon/images/prepare_images.hpp"
#include "recon/volume/back_projection.hpp"
#include "recon/volume/fourier_shell.hpp"
#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

enum class Algorithm {
  genfire,       ///< as published
  least_squares, ///< non-negative least squares, stopped by withheld images: the best there is
  wbp            ///< weighted back-projection, the naive baseline
};

/// "automatic", "none", "gaussian", "bm3d". \throws core::ConfigError for another name.
[[nodiscard]] recon::Denoising denoising_from(const std::string& name);

/// "genfire", "least_squares", "wbp"
[[nodiscard]] std::string algorithm_name(Algorithm algorithm);

/// \throws core::ConfigError for another name.
[[nodiscard]] Algorithm algorithm_from(const std::string& name);

/// An algorithm with its settings; those of the others are not used.
struct ReconstructionOptions {
  recon::ImageOptions images; ///< what is done to the images first
  Algorithm algorithm = Algorithm::genfire;
  recon::GenfireOptions genfire;
  recon::LeastSquaresOptions least_squares;
  recon::BackProjectionOptions back_projection;
  std::optional<recon::PoseRefinementOptions>
      refine;                      ///< of the poses, before the volume; none: as they are given
  std::vector<Algorithm> compared; ///< volumes by these, too, from the same images; not `algorithm` itself
  bool half_set_fsc = true;        ///< also of every other image each, to compare them by Fourier shells
  double memory_limit_bytes = 0.0; ///< refuse to start if more is needed; 0: no limit
};

/// Who is told what while a reconstruction runs.
struct ReconstructionEvents {
  core::ProgressSink progress;
  /// The refined poses, if they are refined, and the series (one image a tilt) as it was before.
  std::function<void(const recon::PoseRefinement& refined, const core::TiltSeries& given)> refined;
  recon::DescentControl control; ///< where the volume begins, and who keeps its states
};

struct Reconstruction {
  recon::VolumeResult result;                       ///< notes tell of all that was done
  std::vector<core::Volume> compared;               ///< one for each of ReconstructionOptions::compared
  std::optional<recon::ShellCorrelation> half_sets; ///< none if not asked for, or of fewer than 6 images
};

/// Images are prepared, poses refined where asked for, then the volume reconstructed. \throws
/// core::ConfigError naming what would fit if more memory is needed than allowed; as recon::prepare_images(),
/// recon::refine_poses() and the algorithms.
[[nodiscard]] Reconstruction reconstruct(const core::TiltSeries& series, const ReconstructionOptions& options,
                                         core::Threads threads, ReconstructionEvents events = {});

/// Time and memory for `tilts` images of n x n pixels.
[[nodiscard]] recon::Cost predicted_cost(int n, int tilts, const ReconstructionOptions& options);

/// How a volume was made and how well it fits the images. \throws core::ExternalError if it cannot be
/// written.
void write_volume_report(const std::filesystem::path& path, const Reconstruction& reconstruction,
                         const ReconstructionOptions& options);

} // namespace aet::validation
