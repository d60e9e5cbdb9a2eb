#include "validation/pipeline/reconstruction.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

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
  switch (algorithm) {
  case Algorithm::genfire:
    return "genfire";
  case Algorithm::least_squares:
    return "least_squares";
  case Algorithm::back_projection:
    break;
  }
  return "back_projection";
}

Algorithm algorithm_from(const std::string& name) {
  for (const Algorithm a : {Algorithm::genfire, Algorithm::least_squares, Algorithm::back_projection}) {
    if (name == algorithm_name(a)) return a;
  }
  throw core::ConfigError(fmt::format(
      "algorithm = '{}' is unknown; allowed are genfire, least_squares and back_projection.", name));
}

namespace {

recon::GenfireResult volume_of(const core::TiltSeries& series, const ReconstructionOptions& options,
                               core::Threads threads, const core::ProgressSink& progress) {
  switch (options.algorithm) {
  case Algorithm::genfire:
    return recon::reconstruct(series, options.genfire, threads, progress);
  case Algorithm::least_squares:
    return recon::reconstruct_least_squares(series, options.least_squares, threads, progress);
  case Algorithm::back_projection:
    break;
  }
  return recon::reconstruct_back_projection(series, options.back_projection, threads, progress);
}

} // namespace

recon::GenfireResult reconstruct(const core::TiltSeries& series, const ReconstructionOptions& options,
                                 core::Threads threads, const core::ProgressSink& progress,
                                 const std::function<void(const recon::RefineResult&)>& on_refined) {
  const recon::PreparedImages images = recon::prepare_images(series, options.images, threads);
  recon::GenfireResult result;
  if (options.refine) {
    const recon::RefineResult refined =
        recon::refine_poses(images.series, *options.refine, threads, progress);
    if (on_refined) on_refined(refined);
    // The refined series has its background off and is marked so: no algorithm takes it off twice.
    result = volume_of(refined.series, options, threads, progress);
    result.notes.insert(result.notes.begin(), refined.notes.begin(), refined.notes.end());
  } else {
    result = volume_of(images.series, options, threads, progress);
  }
  result.notes.insert(result.notes.begin(), images.notes.begin(), images.notes.end());
  return result;
}

recon::Cost predicted_cost(int n, int tilts, const ReconstructionOptions& options) {
  recon::Cost cost;
  switch (options.algorithm) {
  case Algorithm::genfire:
    cost = recon::predicted_cost(n, tilts, options.genfire);
    break;
  case Algorithm::least_squares:
    cost = recon::predicted_cost(n, tilts, options.least_squares);
    break;
  case Algorithm::back_projection:
    cost = recon::predicted_cost(n, tilts, options.back_projection);
    break;
  }
  if (!options.refine) return cost;
  const recon::Cost refine = recon::predicted_cost(n, tilts, *options.refine);
  return {cost.cpu_seconds + refine.cpu_seconds, std::max(cost.bytes, refine.bytes)};
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
