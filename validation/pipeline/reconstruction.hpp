// One door to the reconstruction algorithms, and the .json beside a volume.
#pragma once

#include "recon/images/prepare_images.hpp"
#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"

#include <filesystem>
#include <string>

namespace aet::validation {

enum class Algorithm {
  genfire,      ///< as published
  least_squares ///< non-negative least squares, stopped by withheld images
};

/// "automatic", "none", "gaussian", "bm3d". \throws core::ConfigError for another name.
[[nodiscard]] recon::Denoising denoising_from(const std::string& name);

/// "genfire", "least_squares"
[[nodiscard]] std::string algorithm_name(Algorithm algorithm);

/// An algorithm with its settings; those of the other one are not used.
struct ReconstructionOptions {
  recon::ImageOptions images; ///< what is done to the images first
  Algorithm algorithm = Algorithm::genfire;
  recon::GenfireOptions genfire;
  recon::LeastSquaresOptions least_squares;
};

/// Images are prepared, then the volume reconstructed; notes tell of both. \throws as
/// recon::prepare_images(), recon::reconstruct() and recon::reconstruct_least_squares().
[[nodiscard]] recon::GenfireResult reconstruct(const core::TiltSeries& series,
                                               const ReconstructionOptions& options, core::Threads threads,
                                               const core::ProgressSink& progress);

/// Time and memory for `tilts` images of n x n pixels.
[[nodiscard]] recon::Cost predicted_cost(int n, int tilts, const ReconstructionOptions& options);

/// How a volume was made and how well it fits the images. \throws core::ExternalError if it cannot be
/// written.
void write_volume_report(const std::filesystem::path& path, const recon::GenfireResult& result,
                         const ReconstructionOptions& options);

} // namespace aet::validation
