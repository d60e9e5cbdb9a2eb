// Files that commands write beside what they were asked for.
#pragma once

#include <filesystem>

namespace aet::cli {

/// NAME.json, where a command tells of its output NAME.xyz or NAME.mrc.
/// \throws ConfigError if it is there already and tells of something else: of a tilt series, or of the NAME.mrc
///   beside NAME.xyz. To be called before work starts.
[[nodiscard]] std::filesystem::path report_beside(const std::filesystem::path& out);

/// For a command that writes a series NAME.mrc with its NAME.json.
/// \throws ConfigError if NAME.json is there already and describes other images, as aligned poses do.
void check_description_beside(const std::filesystem::path& out);

} // namespace aet::cli
