// Keys of a parsed TOML file that have another name by now.
#pragma once

#include "sim/core/config.hpp"

#include <toml++/toml.h>

#include <string>
#include <vector>

namespace aet::core {

/// Move what stands under an old name to the new one; of a table, every key that it holds.
/// \param name  of the file, for messages.
/// \return a sentence for each key moved: file, line, old and new name.
/// \throws ConfigError where old and new name of one setting both stand.
std::vector<std::string> move_renamed_keys(toml::table& root, const std::string& name,
                                           const std::vector<RenamedKey>& renamed);

/// The table at a dotted path, made where it is missing; nullptr where a value stands on the way.
toml::table* table_at(toml::table& root, const std::string& path);

} // namespace aet::core
