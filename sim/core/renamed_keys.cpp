#include "sim/core/renamed_keys.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/text_lines.hpp"

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace aet::core {

namespace {

/// A dotted name as the table it is in and its last part.
std::pair<std::string, std::string> parted(const std::string& dotted) {
  const auto dot = dotted.rfind('.');
  if (dot == std::string::npos) return {"", dotted};
  return {dotted.substr(0, dot), dotted.substr(dot + 1)};
}

std::string with_table(const std::string& dotted) {
  const auto [table, key] = parted(dotted);
  return table.empty() ? key : fmt::format("[{}] {}", table, key);
}

/// Keys of a table one by one, whole values at once.
void move_key(toml::table& root, const std::string& name, const RenamedKey& key,
              std::vector<std::string>& warnings) {
  const auto [old_table, old_key] = parted(key.old_name);
  toml::table* from = old_table.empty() ? &root : root.at_path(old_table).as_table();
  toml::node* node = from == nullptr ? nullptr : from->get(old_key);
  if (node == nullptr) return;
  if (toml::table* inner = node->as_table()) {
    std::vector<std::string> names;
    for (const auto& [part, value] : *inner)
      names.emplace_back(part.str());
    for (const std::string& part : names)
      move_key(root, name, {key.old_name + "." + part, key.new_name + "." + part}, warnings);
    if (names.empty()) table_at(root, key.new_name);
    from->erase(old_key);
    return;
  }
  const auto line = node->source().begin.line;
  const std::string place = line > 0 ? fmt::format("{}:{}", name, line) : name;
  const auto [new_table, new_key] = parted(key.new_name);
  toml::table* to = table_at(root, new_table);
  if (to == nullptr || to->contains(new_key)) {
    throw ConfigError(
        fmt::format("{}: {} is the old name of {}, which stands in the file, too; leave the old "
                    "one out.",
                    place, with_table(key.old_name), with_table(key.new_name)));
  }
  warnings.push_back(fmt::format("{}: {} is an old name that is still read; write {}.", place,
                                 with_table(key.old_name), with_table(key.new_name)));
  to->insert_or_assign(new_key, std::move(*node));
  from->erase(old_key);
}

} // namespace

toml::table* table_at(toml::table& root, const std::string& path) {
  toml::table* at = &root;
  if (path.empty()) return at;
  for (const std::string_view part : split_fields(path, '.')) {
    if (at == nullptr) break;
    at->insert(part, toml::table{}); // keeps what is there
    at = at->get(part)->as_table();
  }
  return at;
}

std::vector<std::string> move_renamed_keys(toml::table& root, const std::string& name,
                                           const std::vector<RenamedKey>& renamed) {
  std::vector<std::string> warnings;
  for (const RenamedKey& key : renamed)
    move_key(root, name, key, warnings);
  return warnings;
}

} // namespace aet::core
