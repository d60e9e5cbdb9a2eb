#include "validation/report/figures.hpp"

#include "validation/figures/table.hpp"
#include "validation/report/lenient_json.hpp"
#include "validation/report/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace aet::validation::page {
namespace {

constexpr std::size_t longest_list = 6;
constexpr const char* reason_suffix = "_reason";
constexpr const char* interval_suffix = "_interval";

/// True for "KEY_reason" beside "KEY": it belongs to that figure's row.
bool belongs_to_another(const Json& json, const std::string& key, std::string_view suffix) {
  return key.ends_with(suffix) && json.contains(key.substr(0, key.size() - suffix.size()));
}

std::string interval_of(const Json& json, const std::string& key) {
  const std::vector<double> ends = numbers_at(json, (key + interval_suffix).c_str());
  return ends.size() == 2 ? fmt::format("{} to {}", format_number(ends[0]), format_number(ends[1])) : "";
}

bool is_short_list(const Json& value) {
  return value.is_array() && !value.empty() && value.size() <= longest_list &&
         std::all_of(value.begin(), value.end(),
                     [](const Json& v) { return v.is_number() || v.is_string(); });
}

std::string text_of(const Json& value) {
  if (value.is_number()) return format_number(value.get<double>());
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  std::string text;
  for (const Json& item : value) // one below the other: beside each other they would widen every column
    text += (text.empty() ? "" : "\n") + text_of(item);
  return text;
}

/// The number of a key, or why there is none.
FigureCell cell_of(const Json& json, const std::string& key) {
  const Json& value = json.at(key);
  if (!value.is_null()) return {text_of(value), interval_of(json, key), ""};
  return {"", "",
          text_at(json, (key + reason_suffix).c_str(), text_at(json, "reason", "no reason was recorded"))};
}

constexpr std::size_t both_sides = 2;

/// Column of a figure of the whole run: 0 the truth's, 1 the model's, 2 of both.
std::size_t side_of(const std::string& key) {
  return key.ends_with("_truth") ? 0 : key.ends_with("_model") ? 1 : both_sides;
}

/// Where a row stands, and what it is called. `name` is the whole name of a figure, or of another record.
struct RowHead {
  std::size_t rank = 0;
  std::string label;
  std::string unit;
  std::string meaning;
};

std::optional<RowHead> head_of_figure(const std::string& name) {
  const FigureDefinition* row = find_definition(name);
  if (row == nullptr) return {};
  const auto rank = static_cast<std::size_t>(row - figure_table().data());
  return RowHead{rank, label_of(name), unit_sign(row->unit), std::string(row->meaning)};
}

RowHead head_of(const std::string& group, const std::string& path, const std::string& key) {
  if (auto figure = head_of_figure(group + "." + path + key)) return *figure;
  if (key == "rmsd_axis_pm") { // three figures in one list
    RowHead axes = *head_of_figure("atoms.rmsd_x_pm");
    axes.label = "RMSD along x, y, z";
    axes.meaning = "Root of the mean squared error along x, y (the tilt axis) and z (the beam at zero tilt).";
    return axes;
  }
  Label label = label_of_key(key);
  std::string inside; // of which object it is a part
  for (std::string_view rest = path; !rest.empty(); rest.remove_prefix(rest.find('.') + 1))
    inside += label_of_key(rest.substr(0, rest.find('.'))).words + " \u00b7 ";
  return {figure_table().size() + rank_of_key(key), inside + label.words, label.unit, ""};
}

/// Rows of one group, figures in the order of their table.
class RowCollector {
public:
  /// `absent` is the reason of cells that no frame fills.
  RowCollector(std::string group, std::size_t columns, std::string absent)
      : group_(std::move(group)), columns_(columns), absent_(std::move(absent)) {}

  /// `path` names the objects that `json` lies in: "by_species.Pt.".
  void add(const Json& json, std::size_t column, const std::string& path = "") {
    for (const auto& [key, value] : json.items()) {
      if (belongs_to_another(json, key, reason_suffix) || belongs_to_another(json, key, interval_suffix))
        continue;
      if (key == "source" || key == "reason") continue; // about the object, not a figure of it
      if (value.is_object())
        add(value, column, path + key + ".");
      else if (!value.is_array() || is_short_list(value))
        row(path, key, head_of(group_, path, key)).cells[column] = cell_of(json, key);
    }
  }

  /// Truth and model beside each other, and what is about both: keys that end in _truth and _model share a
  /// row.
  void add_sides(const Json& json) {
    for (const auto& [key, value] : json.items()) {
      if (belongs_to_another(json, key, reason_suffix) || belongs_to_another(json, key, interval_suffix))
        continue;
      RowHead head = head_of(group_, "", key);
      const std::size_t side = side_of(key);
      if (side < both_sides) head.label.erase(std::min(head.label.size(), head.label.rfind(", ")));
      row("", side < both_sides ? key.substr(0, key.rfind('_')) : key, std::move(head)).cells[side] =
          cell_of(json, key);
    }
  }

  std::vector<FigureRow> take() {
    std::vector<FigureRow> sorted;
    for (auto& [place, row] : rows_)
      sorted.push_back(std::move(row));
    return sorted;
  }

private:
  FigureRow& row(const std::string& path, const std::string& key, RowHead head) {
    const auto [found, is_new] = rows_.try_emplace({path, head.rank, key});
    if (is_new)
      found->second = {std::move(head.label), std::move(head.unit), std::move(head.meaning),
                       std::vector<FigureCell>(columns_, FigureCell{"", "", absent_})};
    return found->second;
  }

  std::string group_;
  std::size_t columns_;
  std::string absent_;
  std::map<std::tuple<std::string, std::size_t, std::string>, FigureRow> rows_;
};

} // namespace

FigureTable frame_figures(const Part<JsonText>& scores) {
  FigureTable table;
  if (!scores.value) {
    table.missing = scores.reason;
    return table;
  }
  const Json json = parse_json(scores.value->text, "scores.json");
  const Json& frames = items_at(json, "frames");
  if (frames.empty()) {
    table.missing = "scores.json holds no frames";
    return table;
  }
  std::vector<std::pair<std::string, std::string>> groups;
  for (const std::string& group : frame_groups())
    groups.emplace_back(group, group_heading(group));
  groups.insert(groups.end(), {{"published", "By published definitions"},
                               {"alignment", "Alignment of model and truth"},
                               {"mirror", "Mirror image"}});
  for (const Json& frame : frames)
    table.columns.push_back(text_at(frame, "name", "?"));
  for (const auto& [key, name] : groups) {
    RowCollector rows(key, frames.size(), "this frame has no such figure");
    for (std::size_t i = 0; i < frames.size(); ++i)
      rows.add(object_at(frames[i], key.c_str()), i);
    FigureGroup group{name, rows.take()};
    if (!group.rows.empty()) table.groups.push_back(std::move(group));
  }
  if (table.groups.empty()) table.missing = "the frames of scores.json hold no figures";
  return table;
}

FigureTable dynamics_figures(const Part<JsonText>& scores) {
  FigureTable table;
  if (!scores.value) {
    table.missing = scores.reason;
    return table;
  }
  const Json json = parse_json(scores.value->text, "scores.json");
  const Json& dynamics = object_at(json, "dynamics");
  if (dynamics.empty()) {
    table.missing = text_at(json, "dynamics_reason", "scores.json holds no dynamics");
    return table;
  }
  table.columns = {"truth", "model", "both"};
  RowCollector rows("dynamics", table.columns.size(), "");
  rows.add_sides(dynamics);
  table.groups.push_back({"", rows.take()});
  return table;
}

} // namespace aet::validation::page
