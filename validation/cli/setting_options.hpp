// Command-line options that are settings of a case: declared there, with the same names, ranges and meanings.
#pragma once

#include "sim/core/config.hpp"

#include <CLI/App.hpp>

#include <map>
#include <memory>
#include <string>

namespace aet::cli {

/// Options of a command for the keys of a table: [trace] min_distance_a is --min-distance-a.
class SettingOptions {
public:
  /// \param kind  of the table, as validation::SettingTable has it.
  /// \param names  other names of keys, as CLI11 has them: {"response", "--response,!--no-response"}; an
  ///   empty one for a key that the command has no option for.
  SettingOptions(CLI::App& command, const std::string& table,
                 const std::map<std::string, std::string>& names = {}, const std::string& kind = "");

  /// A case in which the keys have the values that were given; its readers check them.
  [[nodiscard]] core::Config config() const;

private:
  std::shared_ptr<std::map<std::string, std::string>> given_; ///< dotted key -> value as in TOML
};

/// A text as TOML has it.
[[nodiscard]] std::string toml_text(const std::string& text);

} // namespace aet::cli
