#include "tests/unit/stage_keys/changed_case.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace aet::test {

namespace {

using validation::Case;

/// Other values of texts that are no choice of a few.
const std::map<std::string, std::vector<std::string>>& other_texts() {
  static const std::map<std::string, std::vector<std::string>> texts{
      {"title", {"Another title"}},        {"truth.element", {"Cu"}},
      {"truth.elements", {"Co Pt", "Au"}}, {"truth.potential", {"zhou2004"}},
      {"trace.element", {"Co Pt", "Au"}},  {"reconstruct.compare", {"least_squares", "genfire", "wbp"}},
      {"score.compare", {"other.xyz"}},    {"truth.matrix.file", {"other.xyz"}},
      {"prepare.images", {"0-2"}},
  };
  return texts;
}

std::vector<double> other_numbers(double v) {
  return {v * 1.01, v + 1, v - 1, v + 2, v + 4, v * 0.9, v * 1.5, v * 2, v * 0.5, v + 0.25, v + 0.01, v + 50};
}

const toml::node* find(const toml::table& table, const std::string& dotted) {
  return table.at_path(dotted).node();
}

/// The table and the last part of a dotted key.
std::pair<toml::table*, std::string> place(toml::table& root, const std::string& dotted) {
  const auto dot = dotted.rfind('.');
  if (dot == std::string::npos) return {&root, dotted};
  return {root.at_path(dotted.substr(0, dot)).as_table(), dotted.substr(dot + 1)};
}

/// The words after "allowed are " in a message.
std::vector<std::string> choices_in(const std::string& message) {
  std::vector<std::string> words;
  const std::string intro = "allowed are ";
  const auto at = message.find(intro);
  if (at == std::string::npos) return words;
  std::string word;
  for (const char c : message.substr(at + intro.size())) {
    if (c == ',' || c == ';' || c == '.') {
      words.push_back(word);
      word.clear();
      if (c != ',') break;
    } else if (c != ' ') {
      word += c;
    }
  }
  return words;
}

/// A switch decides which keys its table has: those that another value does not know go with it.
bool erase_unknown(toml::table& table, const std::string& changed, const std::string& message) {
  const std::string intro = "unknown key [";
  const auto at = message.find(intro);
  if (at == std::string::npos) return false;
  const auto close = message.find("] ", at);
  const auto end = message.find_first_of("; ", close + 2);
  const std::string unknown = message.substr(at + intro.size(), close - at - intro.size()) + "." +
                              message.substr(close + 2, end - close - 2);
  if (unknown == changed) return false;
  const auto [inner, last] = place(table, unknown);
  return inner != nullptr && inner->erase(last) > 0;
}

struct Attempt {
  std::optional<Case> read;
  std::string message;
};

Attempt attempt(const toml::table& base, const std::string& key, const toml::node& value) {
  toml::table table = base;
  const auto [inner, last] = place(table, key);
  value.visit([&, t = inner, k = last](const auto& v) { t->insert_or_assign(k, v); });
  for (;;) {
    std::ostringstream text;
    text << table << '\n';
    try {
      return {validation::read_case_text(text.str(), "case.toml"), ""};
    } catch (const core::Error& e) {
      const std::string message = e.what();
      if (!erase_unknown(table, key, message)) return {std::nullopt, message};
    }
  }
}

/// What could stand in the place of a value.
std::vector<std::unique_ptr<toml::node>> others(const toml::table& base, const std::string& key,
                                                const toml::node& is) {
  std::vector<std::unique_ptr<toml::node>> values;
  const auto add = [&](auto v) {
    values.push_back(std::make_unique<toml::value<decltype(v)>>(std::move(v)));
  };
  if (const auto flag = is.value_exact<bool>()) add(!*flag);
  if (const auto whole = is.value_exact<std::int64_t>()) {
    for (const std::int64_t step : {1, -1, 2, 4, -4, 7, 90, 108})
      add(std::int64_t{*whole + step});
    add(std::int64_t{*whole * 2});
    add(std::int64_t{*whole / 2});
  }
  if (const auto number = is.value_exact<double>()) {
    for (const double v : other_numbers(*number))
      add(double{v});
  }
  if (is.is_string()) {
    const auto known = other_texts().find(key);
    const auto texts = known != other_texts().end()
                           ? known->second
                           : choices_in(attempt(base, key, toml::value<std::string>("?")).message);
    for (const std::string& text : texts)
      add(std::string(text));
  }
  if (const toml::array* list = is.as_array()) {
    if (list->empty())
      for (const double v : {0.5, 30.0}) {
        values.push_back(std::make_unique<toml::array>(toml::array{v}));
        values.push_back(std::make_unique<toml::array>(toml::array{0.0, v}));
      }
    for (std::size_t i = 0; i < list->size(); ++i) {
      for (const double v : other_numbers(list->get(i)->value<double>().value_or(0.0))) {
        auto other = std::make_unique<toml::array>(*list);
        other->replace(other->cbegin() + static_cast<std::ptrdiff_t>(i), v);
        values.push_back(std::move(other));
      }
    }
  }
  return values;
}

} // namespace

std::vector<std::string> setting_keys(const Case& c) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : c.values)
    if (value != "{}" && key.find(' ') == std::string::npos) keys.push_back(key);
  return keys;
}

Case changed(const Case& c, const std::string& key) {
  const toml::table base = toml::parse(c.resolved_toml);
  toml::table multislice = base; // some settings of the detector are for images by multislice only
  multislice["images"].as_table()->insert_or_assign("method", "multislice");
  std::string why;
  for (const toml::table* start : {&base, static_cast<const toml::table*>(&multislice)}) {
    for (const auto& value : others(*start, key, *find(*start, key))) {
      Attempt tried = attempt(*start, key, *value);
      if (tried.read && tried.read->values.at(key) != c.values.at(key)) return std::move(*tried.read);
      if (!tried.read) why = tried.message;
    }
  }
  throw std::runtime_error(
      fmt::format("no other value was found for {} = {}: {}", key, c.values.at(key), why));
}

} // namespace aet::test
