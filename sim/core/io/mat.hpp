// MATLAB's .mat files, v4, v5 and v7.3, through matio.
#pragma once

#include "sim/core/io/numeric_array.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace aet::core {

/// Every real numeric (or logical) array at the top level, by name; other variables are left out.
/// \throws DataError naming the path if it cannot be read as a .mat file.
[[nodiscard]] std::map<std::string, NumericArray> read_mat(const std::filesystem::path& path);

} // namespace aet::core
