#include "sim/core/config.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/join.hpp"
#include "sim/core/renamed_keys.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <utility>

namespace aet::core {

namespace {

std::string dotted(const std::string& table, const std::string& key) {
  return table.empty() ? key : table + "." + key;
}

/// "FILE:LINE", or the name alone of what no file has.
std::string place_of(const std::string& name, const toml::node& node) {
  const auto line = node.source().begin.line;
  return line > 0 ? fmt::format("{}:{}", name, line) : name;
}

} // namespace

/// The parsed file, and what has been asked of it so far.
struct ConfigSection::State {
  std::string name;
  toml::table root;
  std::map<std::string, std::set<std::string>> known; ///< table -> keys asked for
  toml::table resolved;
  std::vector<Setting> settings;
  std::vector<std::string> warnings;
  std::vector<std::set<std::string>*> listeners; ///< of keys_asked() in progress, the innermost last

  /// The table at a dotted path, or nullptr.
  /// \throws ConfigError if a value stands where a table should.
  const toml::table* table(const std::string& path) const {
    if (path.empty()) return &root;
    const auto node = root.at_path(path);
    if (!node) return nullptr;
    if (const toml::table* found = node.as_table()) return found;
    throw ConfigError(fmt::format("{}:{}: '{}' must be a table; write it as [{}].", name,
                                  node.node()->source().begin.line, path, path));
  }

  const toml::node* find(const std::string& path, const std::string& key) {
    known[path].insert(key);
    for (std::set<std::string>* asked : listeners)
      asked->insert(dotted(path, key));
    const toml::table* t = table(path);
    return t == nullptr ? nullptr : t->get(key);
  }

  template <class T> void record(const std::string& path, const std::string& key, T&& value) {
    table_at(resolved, path)->insert_or_assign(key, std::forward<T>(value));
  }
};

namespace {

/// As TOML; numbers with no more digits than it takes to read the same again.
std::string to_text(const toml::node& node) {
  if (node.is_floating_point()) {
    const std::string digits = fmt::format("{}", *node.value<double>());
    return digits.find_first_not_of("-0123456789") == std::string::npos ? digits + ".0" : digits;
  }
  if (const toml::array* list = node.as_array()) {
    std::vector<std::string> items;
    for (const toml::node& item : *list)
      items.push_back(to_text(item));
    return fmt::format("[{}]", join(items, ", "));
  }
  std::ostringstream out;
  out << toml::node_view<const toml::node>(&node);
  return out.str();
}

std::string in_brackets(const std::string& table) {
  return table.empty() ? "" : fmt::format("[{}] ", table);
}

std::string limits(Range range) {
  if (std::isfinite(range.min) && std::isfinite(range.max))
    return fmt::format("{} to {}", range.min, range.max);
  if (std::isfinite(range.min)) return fmt::format("{} or more", range.min);
  return std::isfinite(range.max) ? fmt::format("{} or less", range.max) : "";
}

std::string describe(Range range) {
  const std::string text = limits(range);
  return text.empty() ? "any number is allowed" : "allowed is " + text;
}

std::string list_text(const std::vector<double>& values) {
  return fmt::format("[{}]", join(values, ", "));
}

bool inside(double value, Range range) {
  return value >= range.min && value <= range.max;
}

/// Letters to change, to put in, to leave out, or neighbours to swap. Source: Damerau, Commun. ACM 7, 171
/// (1964), doi:10.1145/363958.363994, no letter being changed twice.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

} // namespace

std::string nearest_word(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1; // farther is no typing error
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string unit_of(const std::string& key) {
  static const std::vector<std::pair<std::string, std::string>> endings{{"_e_per_a2", "e/A^2"},
                                                                        {"_per_a3", "1/A^3"},
                                                                        {"_a_per_exposure", "A per exposure"},
                                                                        {"_t_over_tm", "melting_k"},
                                                                        {"_a", "A"},
                                                                        {"_k", "K"},
                                                                        {"_ps", "ps"},
                                                                        {"_fs", "fs"},
                                                                        {"_deg", "degree"},
                                                                        {"_mrad", "mrad"},
                                                                        {"_kv", "kV"},
                                                                        {"_mm", "mm"},
                                                                        {"_um", "um"},
                                                                        {"_nm", "nm"},
                                                                        {"_bar", "bar"},
                                                                        {"_voxel", "voxel"},
                                                                        {"_voxels", "voxel"},
                                                                        {"_percent", "%"},
                                                                        {"_counts", "counts"},
                                                                        {"_cells", "cells"}};
  for (const auto& [ending, unit] : endings)
    if (key.ends_with(ending)) return unit;
  return "";
}

std::string Setting::comment() const {
  std::string text = unit.empty() ? "" : fmt::format("[{}] ", unit);
  text += allowed;
  if (!allowed.empty() && !meaning.empty()) text += ": ";
  return text + meaning;
}

ConfigSection::ConfigSection(std::shared_ptr<State> state, std::string path)
    : state_(std::move(state)), path_(std::move(path)) {}

void ConfigSection::fail(const std::string& key, const std::string& message) const {
  const char* stop = message.ends_with('.') ? "" : "."; // some messages are whole sentences already
  const toml::node* node = state_->find(path_, key);
  if (node == nullptr) {
    throw ConfigError(fmt::format("{}: {}{}: {}{}", state_->name, in_brackets(path_), key, message, stop));
  }
  throw ConfigError(fmt::format("{}: {}{} = {}: {}{}", place_of(state_->name, *node), in_brackets(path_), key,
                                to_text(*node), message, stop));
}

bool ConfigSection::has(const std::string& key) const {
  return state_->find(path_, key) != nullptr;
}

void ConfigSection::declare(const std::string& key, const std::string& type, const std::string& allowed,
                            const std::string& fallback, const std::string& meaning) const {
  const std::string name = dotted(path_, key);
  const auto known = std::find_if(state_->settings.begin(), state_->settings.end(),
                                  [&](const Setting& s) { return s.key == name; });
  if (known == state_->settings.end())
    state_->settings.push_back({name, type, unit_of(key), allowed, fallback, meaning});
}

double ConfigSection::number(const std::string& key, Range allowed, const std::string& meaning) const {
  declare(key, "number", limits(allowed), "", meaning);
  const toml::node* node = state_->find(path_, key);
  if (node == nullptr) fail(key, fmt::format("is missing; {}", describe(allowed)));
  const auto value = node->value<double>();
  if (!value || !node->is_number()) fail(key, fmt::format("a number is expected; {}", describe(allowed)));
  if (!inside(*value, allowed)) fail(key, fmt::format("out of range; {}", describe(allowed)));
  state_->record(path_, key, *value);
  return *value;
}

double ConfigSection::number(const std::string& key, double fallback, Range allowed,
                             const std::string& meaning) const {
  declare(key, "number", limits(allowed), fmt::format("{}", fallback), meaning);
  if (has(key)) return number(key, allowed, meaning);
  state_->record(path_, key, fallback);
  return fallback;
}

std::optional<double> ConfigSection::optional_number(const std::string& key, Range allowed,
                                                     const std::string& meaning) const {
  declare(key, "number", limits(allowed), "", meaning);
  return has(key) ? std::optional(number(key, allowed, meaning)) : std::nullopt;
}

long ConfigSection::integer(const std::string& key, Range allowed, const std::string& meaning) const {
  declare(key, "whole number", limits(allowed), "", meaning);
  const toml::node* node = state_->find(path_, key);
  if (node == nullptr) fail(key, fmt::format("is missing; a whole number, {}", describe(allowed)));
  const auto value = node->value_exact<std::int64_t>();
  if (!value) fail(key, fmt::format("a whole number is expected; {}", describe(allowed)));
  if (!inside(static_cast<double>(*value), allowed)) {
    fail(key, fmt::format("out of range; {}", describe(allowed)));
  }
  state_->record(path_, key, *value);
  return *value;
}

long ConfigSection::integer(const std::string& key, long fallback, Range allowed,
                            const std::string& meaning) const {
  declare(key, "whole number", limits(allowed), fmt::format("{}", fallback), meaning);
  if (has(key)) return integer(key, allowed, meaning);
  state_->record(path_, key, std::int64_t{fallback});
  return fallback;
}

bool ConfigSection::flag(const std::string& key, bool fallback, const std::string& meaning) const {
  declare(key, "true or false", "", fmt::format("{}", fallback), meaning);
  bool result = fallback;
  if (const toml::node* node = state_->find(path_, key)) {
    const auto value = node->value_exact<bool>();
    if (!value) fail(key, "true or false is expected");
    result = *value;
  }
  state_->record(path_, key, result);
  return result;
}

std::string ConfigSection::required_text(const std::string& key, const std::string& meaning) const {
  declare(key, "text", "", "", meaning);
  const toml::node* node = state_->find(path_, key);
  if (node == nullptr) fail(key, "is missing; a text in quotes is expected");
  const auto value = node->value_exact<std::string>();
  if (!value) fail(key, "a text in quotes is expected");
  state_->record(path_, key, *value);
  return *value;
}

std::string ConfigSection::text(const std::string& key, const std::string& fallback,
                                const std::string& meaning) const {
  declare(key, "text", "", fmt::format("\"{}\"", fallback), meaning);
  if (has(key)) return required_text(key, meaning);
  state_->record(path_, key, fallback);
  return fallback;
}

std::string ConfigSection::choice(const std::string& key, const std::string& fallback,
                                  const std::vector<std::string>& allowed, const std::string& meaning) const {
  declare(key, "text", join(allowed, ", "), fmt::format("\"{}\"", fallback), meaning);
  std::string value = text(key, fallback, meaning);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    const std::string near = nearest_word(value, allowed);
    fail(key, fmt::format("allowed are {}{}", join(allowed, ", "),
                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
  return value;
}

std::vector<double> ConfigSection::numbers(const std::string& key, const std::vector<double>& fallback,
                                           Range allowed, const std::string& meaning) const {
  declare(key, "list of numbers", limits(allowed), list_text(fallback), meaning);
  std::vector<double> values = fallback;
  if (const toml::node* node = state_->find(path_, key)) {
    values.clear();
    const toml::array* array = node->as_array();
    if (array == nullptr) fail(key, "a list of numbers such as [1, 2.5] is expected");
    for (const toml::node& item : *array) {
      const auto value = item.value<double>();
      if (!value || !item.is_number() || !inside(*value, allowed)) {
        fail(key, fmt::format("'{}' does not fit; {}", to_text(item), describe(allowed)));
      }
      values.push_back(*value);
    }
  }
  toml::array recorded;
  for (const double v : values)
    recorded.push_back(v);
  state_->record(path_, key, std::move(recorded));
  return values;
}

std::optional<std::vector<double>> ConfigSection::optional_numbers(const std::string& key, Range allowed,
                                                                   const std::string& meaning) const {
  declare(key, "list of numbers", limits(allowed), "", meaning);
  return has(key) ? std::optional(numbers(key, {}, allowed, meaning)) : std::nullopt;
}

ConfigSection ConfigSection::section(const std::string& key) const {
  state_->known[path_].insert(key);
  ConfigSection child(state_, dotted(path_, key));
  static_cast<void>(state_->table(child.path_)); // a value in place of a table is an error at once
  state_->known[child.path_];
  return child;
}

Config::Config(std::shared_ptr<ConfigSection::State> state) : state_(std::move(state)) {}

Config Config::from_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw ConfigError(fmt::format("case file '{}' does not exist; give the path of a .toml file, for example "
                                  "inputs/quickstart.toml.",
                                  path.string()));
  }
  return from_text(read_file(path), path.string());
}

Config Config::from_text(const std::string& toml, const std::string& name) {
  auto state = std::make_shared<ConfigSection::State>();
  state->name = name;
  try {
    state->root = toml::parse(toml, name);
  } catch (const toml::parse_error& e) {
    throw ConfigError(
        fmt::format("{}:{}: not valid TOML: {}.", name, e.source().begin.line, e.description()));
  }
  return Config(std::move(state));
}

ConfigSection Config::root() const {
  return {state_, ""};
}

void Config::set(const std::string& key, const std::string& value) {
  toml::table parsed;
  try {
    parsed = toml::parse("value = " + value, state_->name);
  } catch (const toml::parse_error&) {
    throw ConfigError(fmt::format("{}: {} = {}: not a value as TOML has them.", state_->name, key, value));
  }
  const auto dot = key.rfind('.');
  toml::table* table = table_at(state_->root, dot == std::string::npos ? "" : key.substr(0, dot));
  parsed.get("value")->visit([&](const auto& v) {
    table->insert_or_assign(dot == std::string::npos ? key : key.substr(dot + 1), v);
  });
}

void Config::accept_old_names(const std::vector<RenamedKey>& renamed) {
  state_->warnings = move_renamed_keys(state_->root, state_->name, renamed);
}

const std::vector<std::string>& Config::warnings() const {
  return state_->warnings;
}

void Config::reject_unknown_keys() const {
  for (const auto& [path, keys] : state_->known) {
    const toml::table* table = state_->table(path);
    if (table == nullptr) continue;
    for (const auto& [key, node] : *table) {
      const std::string text(key.str());
      if (keys.contains(text)) continue;
      const std::string near = nearest_word(text, {keys.begin(), keys.end()});
      throw ConfigError(fmt::format(
          "{}: unknown key {}{}{}; known here are {}.", place_of(state_->name, node), in_brackets(path), text,
          near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near), join(keys, ", ")));
    }
  }
}

std::vector<Setting> Config::settings() const {
  return state_->settings;
}

std::string Config::resolved() const {
  std::map<std::string, std::string> comments;
  for (const Setting& setting : state_->settings)
    comments[setting.key] = setting.comment();
  std::string out;
  const std::function<void(const std::string&, const toml::table&)> write = [&](const std::string& path,
                                                                                const toml::table& table) {
    for (const auto& [key, node] : table) {
      if (node.is_table()) continue;
      constexpr int column = 40; // where comments begin, unless the value is longer
      const std::string& comment = comments[dotted(path, std::string(key.str()))];
      const std::string line = fmt::format("{} = {}", key.str(), to_text(node));
      out += comment.empty() ? line + "\n" : fmt::format("{:<{}} # {}\n", line, column, comment);
    }
    for (const auto& [key, node] : table) {
      const toml::table* inner = node.as_table();
      if (inner == nullptr) continue;
      const std::string name = dotted(path, std::string(key.str()));
      out += fmt::format("\n[{}]\n", name);
      write(name, *inner);
    }
  };
  write("", state_->resolved);
  return out;
}

std::map<std::string, std::string> Config::values() const {
  std::map<std::string, std::string> flat;
  const std::function<void(const std::string&, const toml::table&)> add = [&](const std::string& path,
                                                                              const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string name = dotted(path, std::string(key.str()));
      if (const toml::table* inner = node.as_table()) {
        flat[name] = "{}";
        add(name, *inner);
      } else {
        flat[name] = to_text(node);
      }
    }
  };
  add("", state_->resolved);
  return flat;
}

std::set<std::string> Config::keys_asked(const std::function<void()>& read) const {
  std::set<std::string> asked;
  state_->listeners.push_back(&asked);
  try {
    read();
  } catch (...) {
    state_->listeners.pop_back();
    throw;
  }
  state_->listeners.pop_back();
  return asked;
}

const std::string& Config::name() const {
  return state_->name;
}

} // namespace aet::core
