// One door to the reconstruction algorithms.
#pragma once

#include "recon/images/denoise.hpp"
#include "recon/volume/back_projection.hpp"
#include "recon/volume/fourier_shell.hpp"
#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

enum class Algorithm {
  genfire,       ///< as published
  least_squares, ///< non-negative least squares, stopped by withheld images: the best there is
  wbp            ///< weighted back-projection, the naive baseline
};

/// "genfire", "least_squares", "wbp"
[[nodiscard]] std::string algorithm_name(Algorithm algorithm);

/// \throws core::ConfigError for another name.
[[nodiscard]] Algorithm algorithm_from(const std::string& name);

/// An algorithm with its settings; those of the others are not used.
struct ReconstructionOptions {
  DenoiseOptions denoise; ///< of the images that the volume is made of
  Algorithm algorithm = Algorithm::least_squares;
  /// Least squares take blobs as wide as the images' atoms (image_resolution.hpp), in the place of what their
  /// own options say. GENFIRE stays as published and back-projection naive.
  bool choose_blobs = false;
  GenfireOptions genfire;
  LeastSquaresOptions least_squares;
  BackProjectionOptions back_projection;
  std::vector<Algorithm> compared; ///< volumes by these, too, from the same images; not `algorithm` itself
  bool half_set_fsc = true; ///< also of every other image each, without positivity and support, to compare
                            ///< them by Fourier shells
  double memory_limit_bytes = 0.0; ///< refuse to start if more is needed; 0: no limit
};

/// Who is told what while a reconstruction runs.
struct ReconstructionEvents {
  core::ProgressSink progress;
  DescentControl control; ///< where the volume begins, and who keeps its states
};

struct Reconstruction {
  VolumeResult result;                       ///< notes tell of all that was done
  std::vector<core::Volume> compared;        ///< one for each of ReconstructionOptions::compared
  std::optional<ShellCorrelation> half_sets; ///< none if not asked for, or of fewer than 6 images
};

/// The volume of a series with one image a tilt, in the poses it has, of its images with their noise taken
/// off as the options say.
/// \throws core::ConfigError naming what would fit if more memory is needed than allowed; as require_content()
///   (recon/images/image_content.hpp), denoised() and the algorithms.
[[nodiscard]] Reconstruction reconstruct_series(const core::TiltSeries& series,
                                                const ReconstructionOptions& options, core::Threads threads,
                                                ReconstructionEvents events = {});

/// Time and memory for `tilts` images of n x n pixels.
[[nodiscard]] Cost predicted_cost(int n, int tilts, const ReconstructionOptions& options);

} // namespace aet::recon
