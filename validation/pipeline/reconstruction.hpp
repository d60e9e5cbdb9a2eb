// One door to the reconstruction algorithms, and the .json beside a volume.
#pragma once

#include "recon/align/refine.hpp"
#include "recon/images/prepare_images.hpp"
#include "recon/volume/back_projection.hpp"
#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace aet::validation {

enum class Algorithm {
  genfire,        ///< as published
  least_squares,  ///< non-negative least squares, stopped by withheld images
  back_projection ///< weighted back-projection, the naive baseline
};

/// "automatic", "none", "gaussian", "bm3d". \throws core::ConfigError for another name.
[[nodiscard]] recon::Denoising denoising_from(const std::string& name);

/// "genfire", "least_squares", "back_projection"
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
  std::optional<recon::RefineOptions> refine; ///< of the poses, before the volume; none: as they are given
};

/// Images are prepared, poses refined where asked for, then the volume reconstructed; notes tell of all.
/// \param on_refined called with the refined poses, if they are to be refined. \throws as
/// recon::prepare_images(), recon::refine_poses() and the algorithms.
[[nodiscard]] recon::GenfireResult
reconstruct(const core::TiltSeries& series, const ReconstructionOptions& options, core::Threads threads,
            const core::ProgressSink& progress,
            const std::function<void(const recon::RefineResult&)>& on_refined = {});

/// Time and memory for `tilts` images of n x n pixels.
[[nodiscard]] recon::Cost predicted_cost(int n, int tilts, const ReconstructionOptions& options);

/// How a volume was made and how well it fits the images. \throws core::ExternalError if it cannot be
/// written.
void write_volume_report(const std::filesystem::path& path, const recon::GenfireResult& result,
                         const ReconstructionOptions& options);

} // namespace aet::validation
