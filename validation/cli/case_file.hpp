// The case file that a command is given.
#pragma once

#include "validation/case/case.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace aet::cli {

/// Like validation::read_case(); settings under old names are named on standard error.
[[nodiscard]] validation::Case read_case_file(const std::filesystem::path& path,
                                              std::optional<std::uint64_t> seed = {});

/// Name the settings of a case file that have old names, on standard error.
/// \throws ConfigError for a file that cannot be read.
void warn_of_old_names(const std::filesystem::path& path);

} // namespace aet::cli
