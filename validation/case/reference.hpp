// Every setting there is, for the command and the page that explain them.
#pragma once

#include "sim/core/config.hpp"

#include <string>
#include <vector>

namespace aet::validation {

/// A table of a case, of one kind where settings depend on a choice.
struct SettingTable {
  std::string name; ///< dotted; "" for the top of the case
  std::string kind; ///< "source = \"md\"", or ""
  std::vector<core::Setting> settings;
};

/// All tables in the order of a case: read from the declarations themselves, by reading cases of every kind.
[[nodiscard]] std::vector<SettingTable> all_settings();

/// Those called `name` and those below it; all for "".
/// \throws core::ConfigError naming the nearest table.
[[nodiscard]] std::vector<SettingTable> tables_called(const std::string& name);

/// As text for the terminal.
[[nodiscard]] std::string settings_text(const std::vector<SettingTable>& tables);

/// As the Markdown page inputs/settings.md.
[[nodiscard]] std::string settings_markdown(const std::vector<SettingTable>& tables);

} // namespace aet::validation
