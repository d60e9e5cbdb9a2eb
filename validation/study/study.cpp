#include "validation/study/study.hpp"

#include "sim/core/config.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/join.hpp"
#include "validation/case/case.hpp"
#include "validation/score/checks.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_points = 10000;

std::string text_of(const toml::node& node) {
  if (node.is_floating_point()) return fmt::format("{}", *node.value<double>()); // 4e5 as 400000
  if (const toml::array* list = node.as_array()) {
    std::vector<std::string> items;
    for (const toml::node& item : *list)
      items.push_back(text_of(item));
    return fmt::format("[{}]", core::join(items, ", "));
  }
  std::ostringstream out;
  out << toml::node_view<const toml::node>(&node);
  return out.str();
}

/// Reads one file with messages that name it.
struct Reader {
  fs::path file;
  toml::table root;

  [[noreturn]] void fail(const std::string& key, const std::string& message) const {
    throw core::ConfigError(fmt::format("{}: {}: {}.", file.string(), key, message));
  }

  [[nodiscard]] const toml::array& list(const toml::table& table, const std::string& key,
                                        const std::string& name, const std::string& what) const {
    const toml::array* array = table[key].as_array();
    if (array == nullptr || array->empty()) fail(name, "must be a list of at least one " + what);
    return *array;
  }

  void only(const toml::table& table, const std::string& where, const std::vector<std::string>& known) const {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const std::string near = core::nearest_word(name, known);
      fail(where + name, fmt::format("unknown key{}; known here are {}",
                                     near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near),
                                     core::join(known, ", ")));
    }
  }
};

/// One value of one axis.
struct Setting {
  std::string text; ///< as written in TOML
  const toml::node* node = nullptr;
};

struct Axis {
  std::string key;
  std::vector<Setting> values;
};

void put(toml::table& table, const std::string& dotted, const toml::node& value) {
  toml::table* at = &table;
  std::string rest = dotted;
  for (auto dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
    at->insert(rest.substr(0, dot), toml::table{}); // keeps what is there
    toml::table* inner = (*at)[rest.substr(0, dot)].as_table();
    if (inner == nullptr) return; // the case reader will refuse the key
    at = inner;
    rest.erase(0, dot + 1);
  }
  value.visit([&](const auto& v) { at->insert_or_assign(rest, v); });
}

std::vector<Axis> read_grid(const Reader& in) {
  std::vector<Axis> axes;
  if (!in.root.contains("grid")) return axes;
  const toml::table* grid = in.root["grid"].as_table();
  if (grid == nullptr) in.fail("grid", "must be a table of lists");
  for (const auto& [key, node] : *grid) {
    Axis axis{std::string(key.str()), {}};
    const std::string name = "[grid] \"" + axis.key + "\"";
    if (node.is_table())
      in.fail(name, "write the setting's full name in quotes, as in \"images.pixels\" = [64, 96]");
    if (axis.key == "seed") in.fail(name, "seeds have a key of their own: seeds = [1, 2]");
    for (const toml::node& value : in.list(*grid, axis.key, name, "value"))
      axis.values.push_back({text_of(value), &value});
    axes.push_back(std::move(axis));
  }
  return axes;
}

std::vector<std::uint64_t> read_seeds(const Reader& in) {
  if (!in.root.contains("seeds")) return {1};
  std::vector<std::uint64_t> seeds;
  for (const toml::node& node : in.list(in.root, "seeds", "seeds", "whole number")) {
    const auto seed = node.value_exact<std::int64_t>();
    if (!seed || *seed < 0) in.fail("seeds", fmt::format("{} is not a whole number from 0", text_of(node)));
    seeds.push_back(static_cast<std::uint64_t>(*seed));
  }
  return seeds;
}

std::vector<StudyFigure> read_figures(const Reader& in, const std::vector<std::string>& axes) {
  std::vector<StudyFigure> figures;
  if (!in.root.contains("figure")) return figures;
  for (const toml::node& node : in.list(in.root, "figure", "[[figure]]", "table")) {
    const toml::table* table = node.as_table();
    if (table == nullptr) in.fail("[[figure]]", "must be tables");
    in.only(*table, "[[figure]] ", {"title", "x", "y", "log_x", "log_y"});
    StudyFigure figure;
    figure.x = (*table)["x"].value_or(std::string());
    figure.y = (*table)["y"].value_or(std::string());
    figure.title = (*table)["title"].value_or(figure.y + " against " + figure.x);
    figure.log_x = (*table)["log_x"].value_or(false);
    figure.log_y = (*table)["log_y"].value_or(false);
    if (std::find(axes.begin(), axes.end(), figure.x) == axes.end())
      in.fail("[[figure]] x", fmt::format("'{}' is no setting of the grid; there are: {}", figure.x,
                                          axes.empty() ? "none" : core::join(axes, ", ")));
    try {
      check(CheckSpec{figure.y, Direction::at_least, 0.0});
    } catch (const core::ConfigError& e) {
      in.fail("[[figure]] y", e.what());
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

toml::table parse(const fs::path& file) {
  if (!fs::is_regular_file(file))
    throw core::ConfigError(
        fmt::format("'{}' does not exist; give the path of a .toml file.", file.string()));
  try {
    return toml::parse(core::read_file(file), file.string());
  } catch (const toml::parse_error& e) {
    throw core::ConfigError(
        fmt::format("{}:{}: not valid TOML: {}.", file.string(), e.source().begin.line, e.description()));
  }
}

/// The point with one choice on each axis.
StudyPoint point_of(const fs::path& case_file, const toml::table& base, const std::vector<Axis>& axes,
                    const std::vector<std::size_t>& choice, std::uint64_t seed) {
  StudyPoint point;
  point.seed = seed;
  point.case_file = case_file;
  point.settings["case"] = case_file.stem().string();
  toml::table table = base;
  table.insert_or_assign("seed", static_cast<std::int64_t>(seed));
  std::string exactly;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const Setting& setting = axes[a].values[choice[a]];
    put(table, axes[a].key, *setting.node);
    point.settings[axes[a].key] = setting.text;
    exactly += axes[a].key + " = " + setting.text + ";";
  }
  std::ostringstream text;
  text << table << '\n';
  point.case_toml = text.str();
  constexpr std::size_t digits = 8;
  point.name =
      fmt::format("{}_{}_s{}", case_file.stem().string(), core::sha256(exactly).substr(0, digits), seed);
  try {
    (void)read_case_text(point.case_toml, case_file);
  } catch (const core::ConfigError& e) {
    throw core::ConfigError(
        fmt::format("a point of the study ({}) is not a valid case: {}",
                    exactly.empty() ? "the case as it is" : exactly.substr(0, exactly.size() - 1), e.what()));
  }
  return point;
}

} // namespace

Study read_study(const fs::path& file) {
  const Reader in{file, parse(file)};
  in.only(in.root, "", {"title", "cases", "seeds", "grid", "figure"});
  Study study;
  study.title = in.root["title"].value_or(file.stem().string());
  const std::vector<Axis> axes = read_grid(in);
  const std::vector<std::uint64_t> seeds = read_seeds(in);
  const toml::array& cases = in.list(in.root, "cases", "cases", "path of a case");
  if (cases.size() > 1) study.axes.emplace_back("case");
  std::size_t count = cases.size() * seeds.size();
  for (const Axis& axis : axes) {
    study.axes.push_back(axis.key);
    count *= axis.values.size();
    if (count > most_points)
      in.fail("grid", fmt::format("it has more than {} points; take fewer values", most_points));
  }
  study.figures = read_figures(in, study.axes);
  for (const toml::node& node : cases) {
    const auto name = node.value<std::string>();
    if (!name) in.fail("cases", fmt::format("{} is not a path", text_of(node)));
    const fs::path case_file = file.parent_path() / *name;
    const toml::table base = parse(case_file);
    std::vector<std::size_t> choice(axes.size(), 0);
    for (bool more = true; more;) {
      for (const std::uint64_t seed : seeds)
        study.points.push_back(point_of(case_file, base, axes, choice, seed));
      more = false; // the next choice, the last axis fastest
      for (std::size_t a = axes.size(); a-- > 0 && !more;) {
        more = ++choice[a] < axes[a].values.size();
        if (!more) choice[a] = 0;
      }
    }
  }
  return study;
}

} // namespace aet::validation
