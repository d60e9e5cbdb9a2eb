#include "validation/report/figures.hpp"

#include "validation/report/lenient_json.hpp"
#include "validation/report/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
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

/// Rows sorted as rank_of_key says, those of inner objects last.
class RowCollector {
public:
  /// `absent` is the reason of cells that no frame fills.
  RowCollector(std::size_t columns, std::string absent) : columns_(columns), absent_(std::move(absent)) {}

  /// `prefix` names the objects that `json` lies in, for words ("Pt") and for keys ("by_species.Pt.").
  void add(const Json& json, std::size_t column, const std::string& words = "",
           const std::string& path = "") {
    for (const auto& [key, value] : json.items()) {
      if (belongs_to_another(json, key, reason_suffix) || belongs_to_another(json, key, interval_suffix))
        continue;
      if (key == "source" || key == "reason") continue; // about the object, not a figure of it
      if (value.is_object()) {
        const std::string inner =
            key.starts_with("by_") ? words : words + label_of_key(key).words + " \u00b7 ";
        const bool by_name = path.ends_with("by_species."); // the key itself is a name, not a key of ours
        add(value, column, by_name ? words + key + " \u00b7 " : inner, path + key + ".");
      } else if (value.is_null()) {
        row(key, words, path).cells[column].reason =
            text_at(json, (key + reason_suffix).c_str(), text_at(json, "reason", "no reason was recorded"));
      } else if (!value.is_array() || is_short_list(value)) {
        FigureCell& cell = row(key, words, path).cells[column];
        cell.text = text_of(value);
        cell.interval = interval_of(json, key);
      }
    }
  }

  std::vector<FigureRow> take() {
    std::vector<FigureRow> sorted;
    for (auto& [place, row] : rows_)
      sorted.push_back(std::move(row));
    return sorted;
  }

private:
  FigureRow& row(const std::string& key, const std::string& words, const std::string& path) {
    const auto [found, is_new] = rows_.try_emplace({path, rank_of_key(key), key});
    if (is_new) {
      const Label label = label_of_key(key);
      found->second = {words + label.words, label.unit,
                       std::vector<FigureCell>(columns_, FigureCell{"", "", absent_})};
    }
    return found->second;
  }

  std::size_t columns_;
  std::string absent_;
  std::map<std::tuple<std::string, std::size_t, std::string>, FigureRow> rows_;
};

/// "growing_truth" -> growing, 0; "growing_model" -> growing, 1; "matched" -> matched, 2. A "_reason" or
/// "_interval" goes with its figure.
std::pair<std::string, std::size_t> split_side(const std::string& key) {
  for (const std::string_view suffix : {std::string_view(reason_suffix), std::string_view(interval_suffix)})
    if (key.ends_with(suffix)) {
      const auto [name, side] = split_side(key.substr(0, key.size() - suffix.size()));
      return {name + std::string(suffix), side};
    }
  if (key.ends_with("_truth")) return {key.substr(0, key.size() - 6), 0};
  if (key.ends_with("_model")) return {key.substr(0, key.size() - 6), 1};
  return {key, 2};
}

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
  constexpr std::array<std::pair<const char*, const char*>, 9> groups{
      {{"atoms", "Atoms"},
       {"compared_model", "Somebody else's model of the same images"},
       {"volume", "Volume"},
       {"order", "Order"},
       {"nuclei", "Nuclei"},
       {"opg", "Order-parameter gradients"},
       {"published", "By published definitions"},
       {"alignment", "Alignment of model and truth"},
       {"mirror", "Mirror image"}}};
  for (const Json& frame : frames)
    table.columns.push_back(text_at(frame, "name", "?"));
  for (const auto& [key, name] : groups) {
    RowCollector rows(frames.size(), "this frame has no such figure");
    for (std::size_t i = 0; i < frames.size(); ++i)
      rows.add(object_at(frames[i], key), i);
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
  table.columns = {"truth", "model"};
  for (const auto& [key, value] : dynamics.items())
    if (split_side(key).second == 2) {
      table.columns.emplace_back("both");
      break;
    }
  RowCollector rows(table.columns.size(), "");
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    Json part = Json::object(); // the figures of this column, under names without the side
    for (const auto& [key, value] : dynamics.items()) {
      const auto [name, side] = split_side(key);
      if (side == column) part[name] = value;
    }
    rows.add(part, column);
  }
  table.groups.push_back({"", rows.take()});
  return table;
}

} // namespace aet::validation::page
