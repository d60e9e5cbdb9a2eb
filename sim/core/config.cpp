#include "sim/core/config.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

namespace aet::core {

namespace {

std::string dotted(const std::string& table, const std::string& key) {
  return table.empty() ? key : table + "." + key;
}

} // namespace

/// The parsed file, and what has been asked of it so far.
struct ConfigSection::State {
  std::string name;
  toml::table root;
  std::map<std::string, std::set<std::string>> known; ///< table -> keys asked for
  toml::table resolved;
  std::vector<std::set<std::string>*> listeners; ///< of keys_asked() in progress, the innermost last

  /// The table at a dotted path, or nullptr. \throws ConfigError if a value stands where a table should.
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

  toml::table& resolved_table(const std::string& path) {
    toml::table* at = &resolved;
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, '.');) {
      at->insert(part, toml::table{}); // keeps what is there
      at = at->get(part)->as_table();
    }
    return *at;
  }

  template <class T> void record(const std::string& path, const std::string& key, T&& value) {
    resolved_table(path).insert_or_assign(key, std::forward<T>(value));
  }
};

namespace {

std::string to_text(const toml::node& node) {
  std::ostringstream out;
  out << toml::node_view<const toml::node>(&node);
  return out.str();
}

std::string in_brackets(const std::string& table) {
  return table.empty() ? "" : fmt::format("[{}] ", table);
}

std::string describe(Range range) {
  const bool low = std::isfinite(range.min);
  const bool high = std::isfinite(range.max);
  if (low && high) return fmt::format("allowed is {} to {}", range.min, range.max);
  if (low) return fmt::format("allowed is {} or more", range.min);
  if (high) return fmt::format("allowed is {} or less", range.max);
  return "any number is allowed";
}

bool inside(double value, Range range) {
  return value >= range.min && value <= range.max;
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
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

ConfigSection::ConfigSection(std::shared_ptr<State> state, std::string path)
    : state_(std::move(state)), path_(std::move(path)) {}

void ConfigSection::fail(const std::string& key, const std::string& message) const {
  const char* stop = message.ends_with('.') ? "" : "."; // some messages are whole sentences already
  const toml::node* node = state_->find(path_, key);
  if (node == nullptr) {
    throw ConfigError(fmt::format("{}: {}{}: {}{}", state_->name, in_brackets(path_), key, message, stop));
  }
  throw ConfigError(fmt::format("{}:{}: {}{} = {}: {}{}", state_->name, node->source().begin.line,
                                in_brackets(path_), key, to_text(*node), message, stop));
}

bool ConfigSection::has(const std::string& key) const {
  return state_->find(path_, key) != nullptr;
}

double ConfigSection::number(const std::string& key, Range allowed) const {
  const toml::node* node = state_->find(path_, key);
  if (node == nullptr) fail(key, fmt::format("is missing; {}", describe(allowed)));
  const auto value = node->value<double>();
  if (!value || !node->is_number()) fail(key, fmt::format("a number is expected; {}", describe(allowed)));
  if (!inside(*value, allowed)) fail(key, fmt::format("out of range; {}", describe(allowed)));
  state_->record(path_, key, *value);
  return *value;
}

double ConfigSection::number(const std::string& key, double fallback, Range allowed) const {
  if (has(key)) return number(key, allowed);
  state_->record(path_, key, fallback);
  return fallback;
}

long ConfigSection::integer(const std::string& key, Range allowed) const {
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

long ConfigSection::integer(const std::string& key, long fallback, Range allowed) const {
  if (has(key)) return integer(key, allowed);
  state_->record(path_, key, std::int64_t{fallback});
  return fallback;
}

bool ConfigSection::flag(const std::string& key, bool fallback) const {
  bool result = fallback;
  if (const toml::node* node = state_->find(path_, key)) {
    const auto value = node->value_exact<bool>();
    if (!value) fail(key, "true or false is expected");
    result = *value;
  }
  state_->record(path_, key, result);
  return result;
}

std::string ConfigSection::text(const std::string& key) const {
  const toml::node* node = state_->find(path_, key);
  if (node == nullptr) fail(key, "is missing; a text in quotes is expected");
  const auto value = node->value_exact<std::string>();
  if (!value) fail(key, "a text in quotes is expected");
  state_->record(path_, key, *value);
  return *value;
}

std::string ConfigSection::text(const std::string& key, const std::string& fallback) const {
  if (has(key)) return text(key);
  state_->record(path_, key, fallback);
  return fallback;
}

std::string ConfigSection::choice(const std::string& key, const std::string& fallback,
                                  const std::vector<std::string>& allowed) const {
  std::string value = text(key, fallback);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    const std::string near = nearest_word(value, allowed);
    fail(key, fmt::format("allowed are {}{}", fmt::join(allowed, ", "),
                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
  return value;
}

std::vector<double> ConfigSection::numbers(const std::string& key, const std::vector<double>& fallback,
                                           Range allowed) const {
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

void Config::replace(const std::string& key, long value) {
  state_->root.insert_or_assign(key, std::int64_t{value});
}

void Config::reject_unknown_keys() const {
  for (const auto& [path, keys] : state_->known) {
    const toml::table* table = state_->table(path);
    if (table == nullptr) continue;
    for (const auto& [key, node] : *table) {
      const std::string text(key.str());
      if (keys.contains(text)) continue;
      const std::string near = nearest_word(text, {keys.begin(), keys.end()});
      throw ConfigError(fmt::format("{}:{}: unknown key {}{}{}; known here are {}.", state_->name,
                                    node.source().begin.line, in_brackets(path), text,
                                    near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near),
                                    fmt::join(keys, ", ")));
    }
  }
}

std::string Config::resolved() const {
  std::ostringstream out;
  out << state_->resolved << '\n';
  return out.str();
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
