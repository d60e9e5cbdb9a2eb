// The figures of a finished run, as read back from its scores.json: what a baseline is made of.
#pragma once

#include "validation/score/checks.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace aet::validation {

/// One frame's figures that have a value.
struct StoredFrame {
  std::string name; ///< "" for the figures of the whole run (dynamics)
  Figures figures;
};

struct StoredRun {
  std::string case_name;
  std::string version; ///< of aetval
  std::string date;    ///< when it was recorded, YYYY-MM-DD, UTC
  std::uint64_t seed = 0;
  std::map<std::string, std::string> settings; ///< every setting but the seed: "images.pixels" -> "80"
  std::vector<StoredFrame> frames;
};

/// The frame of that name, or null.
[[nodiscard]] const StoredFrame* frame_of(const StoredRun& run, const std::string& name);

/// What RUN holds: scores.json, and, where they are, config.toml (settings, seed) and manifest.json
/// (version).
/// \throws DataError naming the file if scores.json is missing or unusable.
[[nodiscard]] StoredRun read_stored_run(const std::filesystem::path& run_dir);

/// The run's own checks, from its scores.json.
/// \throws DataError as above.
[[nodiscard]] std::vector<Check> read_checks(const std::filesystem::path& run_dir);

[[nodiscard]] nlohmann::ordered_json stored_run_json(const StoredRun& run);
/// \throws nlohmann::json::exception if the document is not of this form.
[[nodiscard]] StoredRun stored_run_of(const nlohmann::ordered_json& document);

} // namespace aet::validation
