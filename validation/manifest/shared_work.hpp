// Work that several runs need alike, such as the runs of a study that share a specimen, is done once.
#pragma once

#include "validation/manifest/manifest.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace aet::validation {

struct SharedWork {
  std::filesystem::path folder; ///< empty: runs are on their own
  std::string program;          ///< hash of the program's code

  explicit operator bool() const { return !folder.empty(); }
};

/// Copy the files of a finished stage with this key from the run that did it, if there is one and its files
/// are still what it left.
[[nodiscard]] std::optional<StageRecord> adopt_stage(const SharedWork& shared, const std::string& stage,
                                                     const std::string& key,
                                                     const std::filesystem::path& run_dir);

/// Tell other runs where a finished stage's files are. \throws ExternalError if that cannot be written.
void offer_stage(const SharedWork& shared, const StageRecord& record, const std::filesystem::path& run_dir);

} // namespace aet::validation
