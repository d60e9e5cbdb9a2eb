#include "validation/cli/setting_options.hpp"

#include "validation/case/reference.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

namespace aet::cli {

namespace {

std::string option_name(std::string key) {
  std::replace_if(
      key.begin(), key.end(), [](char c) { return c == '_' || c == '.'; }, '-');
  return "--" + key;
}

std::string as_toml(const core::Setting& setting, const std::string& value) {
  if (setting.type == "text") return toml_text(value);
  if (setting.type == "list of numbers") return "[" + value + "]";
  return value;
}

std::string help(const core::Setting& setting) {
  std::string text = setting.meaning;
  if (!setting.unit.empty()) text += fmt::format(" [{}]", setting.unit);
  if (!setting.allowed.empty()) text += fmt::format("; {}", setting.allowed);
  if (!setting.fallback.empty() && setting.type != "true or false")
    text += fmt::format("; default {}", setting.fallback);
  return text;
}

} // namespace

std::string toml_text(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

SettingOptions::SettingOptions(CLI::App& command, const std::string& table,
                               const std::map<std::string, std::string>& names, const std::string& kind)
    : given_(std::make_shared<std::map<std::string, std::string>>()) {
  for (const validation::SettingTable& part : validation::tables_called(table)) {
    if (part.kind != kind) continue;
    for (const core::Setting& setting : part.settings) {
      const std::string key = setting.key.substr(table.size() + 1);
      const auto named = names.find(key);
      const std::string name = named == names.end() ? option_name(key) : named->second;
      if (name.empty()) continue;
      const auto take = [given = given_, setting](const std::string& value) {
        (*given)[setting.key] = as_toml(setting, value);
      };
      if (setting.type == "true or false") {
        command.add_flag_function(
            name, [take](std::int64_t count) { take(count > 0 ? "true" : "false"); }, help(setting));
      } else {
        command.add_option_function<std::string>(name, take, help(setting));
      }
    }
  }
}

core::Config SettingOptions::config() const {
  core::Config config = core::Config::from_text("", "command line");
  for (const auto& [key, value] : *given_)
    config.set(key, value);
  return config;
}

} // namespace aet::cli
