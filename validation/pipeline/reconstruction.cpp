#include "validation/pipeline/reconstruction.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace aet::validation {

using nlohmann::json;

recon::Denoising denoising_from(const std::string& name) {
  if (name == "automatic") return recon::Denoising::automatic;
  if (name == "none") return recon::Denoising::none;
  if (name == "gaussian") return recon::Denoising::gaussian;
  if (name == "bm3d") return recon::Denoising::bm3d;
  throw core::ConfigError(
      fmt::format("denoise = '{}' is unknown; allowed are automatic, none, gaussian and bm3d.", name));
}

std::string algorithm_name(Algorithm algorithm) {
  return algorithm == Algorithm::genfire ? "genfire" : "least_squares";
}

recon::GenfireResult reconstruct(const core::TiltSeries& series, const ReconstructionOptions& options,
                                 core::Threads threads, const core::ProgressSink& progress) {
  const recon::PreparedImages images = recon::prepare_images(series, options.images, threads);
  recon::GenfireResult result =
      options.algorithm == Algorithm::genfire
          ? recon::reconstruct(images.series, options.genfire, threads, progress)
          : recon::reconstruct_least_squares(images.series, options.least_squares, threads, progress);
  result.notes.insert(result.notes.begin(), images.notes.begin(), images.notes.end());
  return result;
}

recon::Cost predicted_cost(int n, int tilts, const ReconstructionOptions& options) {
  return options.algorithm == Algorithm::genfire ? recon::predicted_cost(n, tilts, options.genfire)
                                                 : recon::predicted_cost(n, tilts, options.least_squares);
}

void write_volume_report(const std::filesystem::path& path, const recon::GenfireResult& result,
                         const ReconstructionOptions& options) {
  json j{{"algorithm", algorithm_name(options.algorithm)},
         {"iterations", result.iterations},
         {"r_k", result.r_k},
         {"r_free_curve", result.r_free},
         {"r1_k", result.r1_k},
         {"notes", result.notes}};
  if (options.algorithm == Algorithm::genfire) {
    j["oversampling"] = options.genfire.oversampling;
    j["threshold_voxel"] = options.genfire.threshold;
    j["grid_size"] = result.counts.grid_size;
    j["points_enforced"] = result.counts.enforced;
    j["points_withheld"] = result.counts.withheld;
  }
  if (result.r_free.empty()) {
    j["r_free"] = nullptr;
    j["r_free_reason"] = "no measured data were withheld";
  } else {
    j["r_free"] = result.r_free.back();
  }
  core::write_file(path, j.dump(1) + "\n");
}

} // namespace aet::validation
