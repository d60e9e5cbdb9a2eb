// Work that several runs need alike, such as the runs of a study that share a specimen, is done once.
#pragma once

#include "validation/manifest/manifest.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace aet::validation {

struct SharedWork {
  std::filesystem::path folder; ///< empty: runs are on their own

  explicit operator bool() const { return !folder.empty(); }
};

/// Copy the files of a finished stage from another run, if one did it with a record that is `valid` here too
/// and its files are still what it left.
[[nodiscard]] std::optional<StageRecord> adopt_stage(const SharedWork& shared, const std::string& stage,
                                                     const std::function<bool(const ReadRecord&)>& valid,
                                                     const std::filesystem::path& run_dir);

/// Tell other runs where a finished stage's files are.
/// \throws ExternalError if that cannot be written.
void offer_stage(const SharedWork& shared, const StageRecord& record, const std::filesystem::path& run_dir);

} // namespace aet::validation
