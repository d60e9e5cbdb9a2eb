#include "validation/figures/table.hpp"

#include "sim/core/config.hpp"
#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <utility>

namespace aet::validation {

namespace {

/// Words of a pattern and what stands for them in a name.
using Words = std::vector<std::pair<std::string_view, std::string>>;

constexpr std::array<std::string_view, 4> placeholders{"SYMBOL", "SIDE", "TRUE", "FOUND"};

std::vector<std::string> values_of(std::string_view placeholder) {
  if (placeholder == "SIDE") return {"truth", "model"};
  if (placeholder != "SYMBOL") return {"merge", "divide", "nucleate", "dissolve", "none"};
  std::vector<std::string> symbols;
  for (int z = 1; z <= 118; ++z)
    symbols.push_back(core::element_symbol(z));
  return symbols;
}

/// Place and word of the first placeholder of a pattern.
std::optional<std::pair<std::size_t, std::string_view>> first_placeholder(std::string_view pattern) {
  std::optional<std::pair<std::size_t, std::string_view>> first;
  for (const std::string_view word : placeholders)
    if (const auto at = pattern.find(word); at != std::string_view::npos && (!first || at < first->first))
      first = {at, word};
  return first;
}

/// A name taken apart by a pattern; none if it is not of the family. Any word of letters and digits passes
/// for a symbol: atoms may be of no known element.
std::optional<Words> words_of(std::string_view pattern, std::string_view name) {
  Words words;
  for (auto next = first_placeholder(pattern); next; next = first_placeholder(pattern)) {
    const auto [at, placeholder] = *next;
    if (name.substr(0, at) != pattern.substr(0, at)) return {};
    pattern.remove_prefix(at + placeholder.size());
    name.remove_prefix(at);
    const auto end =
        std::find_if_not(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c); });
    std::string value(name.begin(), end);
    if (value.empty()) return {};
    if (placeholder != "SYMBOL") {
      const auto allowed = values_of(placeholder);
      if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) return {};
    }
    name.remove_prefix(value.size());
    words.emplace_back(placeholder, std::move(value));
  }
  return name == pattern ? std::optional(words) : std::nullopt;
}

std::string filled(std::string_view pattern, const Words& words) {
  std::string text(pattern);
  for (const auto& [placeholder, value] : words)
    if (const auto at = text.find(placeholder); at != std::string::npos)
      text.replace(at, placeholder.size(), value == "none" ? "nothing" : value);
  return text;
}

/// Every name of a family; the name itself where it holds no placeholder.
std::vector<std::string> names_of_pattern(std::string_view pattern) {
  const auto first = first_placeholder(pattern);
  if (!first) return {std::string(pattern)};
  std::vector<std::string> names;
  for (const std::string& value : values_of(first->second)) {
    std::string name(pattern);
    name.replace(first->first, first->second.size(), value);
    for (std::string& inner : names_of_pattern(name))
      names.push_back(std::move(inner));
  }
  return names;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> groups{
    {{"atoms", "Atoms"},
     {"compared_model", "Somebody else's model of the same images"},
     {"volume", "Volume and poses"},
     {"order", "Order"},
     {"nuclei", "Nuclei"},
     {"opg", "Order-parameter gradients"},
     {"chemistry", "Chemical order"},
     {"dynamics", "Dynamics of nuclei over all moments"}}};

std::string stem_of(std::string_view name) {
  constexpr std::string_view atoms = "atoms.";
  std::string stem(name.starts_with(atoms) ? name.substr(atoms.size()) : name);
  std::replace(stem.begin(), stem.end(), '.', '_');
  return stem;
}

std::string with_unit(const std::string& label, const std::string& unit) {
  return unit.empty() ? label : fmt::format("{} [{}]", label, unit);
}

std::string description(const FigureDefinition& d) {
  const std::string kind = d.form == Form::count   ? "count"
                           : d.form == Form::share ? "share, 0 to 1"
                           : d.unit.empty()        ? "pure number"
                                                   : unit_sign(d.unit);
  const std::string_view better = d.better == Better::higher  ? "higher is better"
                                  : d.better == Better::lower ? "lower is better"
                                                              : "neither side is better";
  const std::string keys =
      d.checked ? fmt::format("{0}_min, {0}_max", stem_of(d.name)) : std::string("takes no limit on it");
  return fmt::format("{}  ({}; {})\n    {}: {}\n    baseline: {}\n    [checks]: {}\n", d.name, kind, better,
                     d.label, d.meaning, rule_text(d), keys);
}

} // namespace

const FigureDefinition* find_definition(std::string_view name) {
  for (const FigureDefinition& row : figure_table())
    if (row.name == name || words_of(row.name, name)) return &row;
  return nullptr;
}

const FigureDefinition& definition_of(std::string_view name) {
  const FigureDefinition* row = find_definition(name);
  if (row == nullptr) throw std::logic_error(fmt::format("the table of figures has no '{}'", name));
  return *row;
}

std::string_view unit_of(std::string_view name) {
  const FigureDefinition* row = find_definition(name);
  return row == nullptr ? std::string_view() : row->unit;
}

std::vector<std::string> names_of(const FigureDefinition& definition) {
  return names_of_pattern(definition.name);
}

std::string_view group_of(std::string_view name) {
  return name.substr(0, name.find('.'));
}

std::string_view group_heading(std::string_view group) {
  for (const auto& [key, heading] : groups)
    if (key == group) return heading;
  throw std::logic_error(fmt::format("the table of figures has no group '{}'", group));
}

std::vector<std::string> frame_groups() {
  std::vector<std::string> names;
  for (const auto& [group, heading] : groups)
    if (!of_whole_run(group)) names.emplace_back(group);
  return names;
}

bool of_whole_run(std::string_view name) {
  return group_of(name) == "dynamics";
}

std::string label_of(std::string_view name) {
  const FigureDefinition* row = find_definition(name);
  if (row == nullptr) return std::string(name);
  const auto words = words_of(row->name, name);
  return words ? filled(row->label, *words) : std::string(row->label);
}

std::string label_of_check(std::string_view name) {
  if (!name.ends_with(against_baseline)) return label_of(name);
  name.remove_suffix(against_baseline.size());
  return label_of(name) + std::string(against_baseline);
}

std::string unit_sign(std::string_view unit) {
  if (unit == "A") return "\u00c5";
  return unit == "deg" ? "\u00b0" : std::string(unit);
}

std::string axis_label_of(std::string_view name) {
  return with_unit(label_of(name), unit_sign(unit_of(name)));
}

std::string column_heading_of(std::string_view name) {
  const FigureDefinition* row = find_definition(name);
  return row != nullptr && row->form == Form::share ? with_unit(label_of(name), "%") : axis_label_of(name);
}

std::string digits_of(const FigureDefinition& definition, double value) {
  switch (definition.form) {
  case Form::count:
    return fmt::format("{:.0f}", value);
  case Form::share:
    return fmt::format("{:.2f}", 100.0 * value);
  case Form::number:
    break;
  }
  return fmt::format("{:.{}f}", value, definition.decimals);
}

std::string text_of(const FigureDefinition& definition, double value) {
  const std::string unit = definition.form == Form::share ? "%" : std::string(definition.unit);
  return unit.empty() ? digits_of(definition, value) : digits_of(definition, value) + " " + unit;
}

std::vector<CheckKey> check_keys(const std::vector<std::string>& elements) {
  constexpr std::string_view symbol = "SYMBOL";
  std::vector<CheckKey> keys;
  for (const FigureDefinition& row : figure_table()) {
    if (!row.checked) continue;
    std::vector<std::string> names;
    if (const auto at = row.name.find(symbol); at == std::string_view::npos)
      names = names_of(row);
    else
      for (const std::string& element : elements)
        names.push_back(
            fmt::format("{}{}{}", row.name.substr(0, at), element, row.name.substr(at + symbol.size())));
    for (const std::string& name : names) {
      keys.push_back({stem_of(name) + "_min", name, true});
      keys.push_back({stem_of(name) + "_max", name, false});
    }
  }
  return keys;
}

std::vector<std::string> checked_figures() {
  std::vector<std::string> names;
  for (const FigureDefinition& row : figure_table())
    if (row.checked) names.emplace_back(row.name);
  return names;
}

std::string rule_text(const FigureDefinition& d) {
  const std::string footing =
      d.rests_on.count.empty() ? "" : fmt::format("; from {} of {} on", d.rests_on.least, d.rests_on.count);
  switch (d.rule) {
  case Rule::none:
    return "not judged";
  case Rule::interval:
    return "may not be worse than the 95 % intervals of both values explain, nor than accepted runs scatter" +
           footing;
  case Rule::scatter: {
    const double first = 100.0 * std::max(d.scatter.relative, d.scatter.at_first);
    const std::string later =
        d.scatter.at_first > d.scatter.relative
            ? fmt::format(", {:g} % once three runs are accepted", 100.0 * d.scatter.relative)
            : std::string();
    return fmt::format(
        "may not be worse than accepted runs scatter; a standard deviation of at least {:g} % is "
        "granted{}{}",
        first, later, footing);
  }
  case Rule::count:
    break;
  }
  return fmt::format("exact test that chance makes so {} of them{}",
                     d.better == Better::lower ? "many" : "few",
                     d.part_of.empty() ? "" : fmt::format(", as a part of {}", d.part_of));
}

std::string describe_figures(const std::string& name) {
  if (const FigureDefinition* row = find_definition(name)) return description(*row);
  std::string text;
  for (const auto& [group, heading] : groups) {
    if (!name.empty() && name != group) continue;
    text += fmt::format("{}{}\n\n", text.empty() ? "" : "\n", heading);
    for (const FigureDefinition& row : figure_table())
      if (group_of(row.name) == group) text += description(row);
  }
  if (!text.empty()) return text;
  std::vector<std::string> known;
  for (const auto& [group, heading] : groups)
    known.emplace_back(group);
  for (const FigureDefinition& row : figure_table())
    known.emplace_back(row.name);
  const std::string near = core::nearest_word(name, known);
  throw core::ConfigError(fmt::format("no score has a figure or a group of figures called '{}'{}.", name,
                                      near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

} // namespace aet::validation
