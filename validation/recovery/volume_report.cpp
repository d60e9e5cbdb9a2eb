#include "validation/recovery/volume_report.hpp"

#include "sim/core/io/file.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace aet::validation {

using nlohmann::json;

void write_volume_report(const std::filesystem::path& path, const recon::Reconstruction& reconstruction,
                         const recon::ReconstructionOptions& options) {
  const recon::VolumeResult& result = reconstruction.result;
  json j{{"algorithm", recon::algorithm_name(options.algorithm)},
         {"iterations", result.iterations},
         {"r_k", result.r_k},
         {"r_free_curve", result.r_free},
         {"r1_k", result.r1_k},
         {"notes", result.notes}};
  if (options.algorithm == recon::Algorithm::genfire) {
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
  if (reconstruction.half_sets) {
    const recon::ShellCorrelation& c = *reconstruction.half_sets;
    const auto number = [](const std::optional<double>& v) { return v ? json(*v) : json(nullptr); };
    j["half_set_fsc"] = {{"frequency_per_a", c.frequency},
                         {"correlation", c.correlation},
                         {"resolution_0.5_a", number(c.resolution_05_a)},
                         {"resolution_0.143_a", number(c.resolution_0143_a)}};
  } else {
    j["half_set_fsc"] = nullptr;
  }
  core::write_file(path, j.dump(1) + "\n");
}

} // namespace aet::validation
