#include "validation/report/report.hpp"

#include "sim/core/io/file.hpp"
#include "validation/report/assets.hpp"
#include "validation/report/figures.hpp"
#include "validation/report/overview.hpp"
#include "validation/report/page_data.hpp"
#include "validation/report/provenance.hpp"
#include "validation/report/text.hpp"

#include <fmt/core.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace aet::validation {
namespace {

using namespace page;
using View = kainjow::mustache::data;
using ViewList = kainjow::mustache::list;

// In this template library an empty text is "true", so a key is set only where there is something to say.
void set_text(View& view, const std::string& key, const std::string& text) {
  if (!text.empty()) view.set(key, text);
}

void set_list(View& view, const std::string& key, const ViewList& list) {
  view.set("has_" + key, !list.empty());
  view.set(key, View(list));
}

struct StatusWords {
  std::string css_class;
  std::string word;
  std::string sign; ///< so that the result does not hang on colour alone
};

StatusWords words_of(Status status) {
  switch (status) {
  case Status::pass:
    return {"pass", "pass", "\u2713"};
  case Status::fail:
    return {"fail", "fail", "\u2715"};
  case Status::not_assessed:
    break;
  }
  return {"open", "not assessed", "\u2013"};
}

std::string percent(double share) {
  return fmt::format("{:.2f}", 100.0 * share);
}

std::string limit_text(bool at_least, double limit) {
  return (at_least ? "\u2265\u2009" : "\u2264\u2009") + format_number(limit);
}

std::string number_or_dash(const std::optional<double>& value) {
  return value ? format_number(*value) : "\u2013";
}

View view_of(const Slider& slider) {
  View view;
  view.set("name", slider.name);
  view.set("unit", slider.unit);
  view.set("limit_text", "limit " + limit_text(slider.at_least, slider.limit) +
                             (slider.unit.empty() ? "" : "\u00a0" + slider.unit));
  view.set("limit_percent", percent(slider.limit_place));
  view.set("left", format_number(slider.left));
  view.set("right", format_number(slider.right));
  ViewList marks;
  for (const Slider::Mark& mark : slider.marks) {
    View item;
    item.set("percent", percent(mark.place));
    item.set("value", format_number(mark.value));
    item.set("status_class", words_of(mark.status).css_class);
    set_text(item, "frame", mark.frame);
    marks.push_back(std::move(item));
  }
  view.set("marks", View(marks));
  ViewList history;
  for (const double place : slider.history_places)
    history.emplace_back(percent(place));
  view.set("history", View(history));
  if (slider.better_than) view.set("better_than", fmt::format("{:.0f}", 100.0 * *slider.better_than));
  return view;
}

View view_of(const CheckLine& check) {
  const StatusWords words = words_of(check.status);
  View view;
  view.set("status_class", words.css_class);
  view.set("status_word", words.word);
  view.set("sign", words.sign);
  view.set("name", check.name);
  view.set("frame", check.frame);
  view.set("value", number_or_dash(check.value));
  view.set("limit", check.limit ? limit_text(check.at_least, *check.limit) : "\u2013");
  view.set("unit", check.unit);
  view.set("reason", check.reason);
  return view;
}

View change_of(const CheckLine& check) {
  const double change = *check.value - *check.baseline;
  View view;
  view.set("name", check.name);
  view.set("frame", check.frame);
  view.set("before", format_number(*check.baseline));
  view.set("now", format_number(*check.value));
  view.set("change", fmt::format("{}{}", change > 0 ? "+" : "", format_number(change)));
  view.set("unit", check.unit);
  // A count has no size of change that chance explains, only a least number.
  view.set("chance", check.tolerance ? "\u00b1\u2009" + format_number(*check.tolerance)
                     : check.limit   ? limit_text(check.at_least, *check.limit)
                                     : "");
  view.set("status_class", words_of(check.status).css_class);
  view.set("direction", check.status == Status::not_assessed                       ? "not assessed"
                        : check.status == Status::fail                             ? "worse"
                        : !check.tolerance || std::abs(change) <= *check.tolerance ? "as before"
                        : (change > 0) == check.at_least                           ? "better"
                                                                                   : "worse");
  return view;
}

void set_overview(View& view, const Overview& overview) {
  const StatusWords words = words_of(overview.verdict);
  view.set("title", overview.title);
  view.set("verdict_class", words.css_class);
  view.set("verdict_word", words.word);
  view.set("verdict_sign", words.sign);
  view.set("sentence", overview.sentence);
  set_text(view, "no_checks", overview.no_checks_reason);
  ViewList headlines;
  for (const std::string& line : overview.headlines)
    headlines.push_back(View{"headline", line});
  set_list(view, "headlines", headlines);
  // The table is open where there is something in it to worry about.
  const bool all_passed = std::all_of(overview.checks.begin(), overview.checks.end(),
                                      [](const CheckLine& c) { return c.status == Status::pass; });
  view.set("checks_open", all_passed ? "" : "open");
  ViewList sliders;
  ViewList checks;
  ViewList changes;
  for (const Slider& slider : overview.sliders)
    sliders.push_back(view_of(slider));
  for (const CheckLine& check : overview.checks) {
    if (!check.against_baseline || check.status != Status::pass) checks.push_back(view_of(check));
    if (check.value && check.baseline) changes.push_back(change_of(check));
  }
  view.set("has_history", std::any_of(overview.sliders.begin(), overview.sliders.end(),
                                      [](const Slider& s) { return !s.history_places.empty(); }));
  set_list(view, "sliders", std::move(sliders));
  set_list(view, "checks", std::move(checks));
  set_list(view, "baseline", std::move(changes));
}

/// Reasons are written once, under the table, and referred to by number.
class Footnotes {
public:
  std::string number_of(const std::string& text) {
    const auto found = std::find(texts_.begin(), texts_.end(), text);
    const auto at = static_cast<std::size_t>(found - texts_.begin());
    if (found == texts_.end()) texts_.push_back(text);
    return std::to_string(at + 1);
  }
  [[nodiscard]] ViewList list() const { return {texts_.begin(), texts_.end()}; }

private:
  std::vector<std::string> texts_;
};

View view_of(const FigureRow& row, Footnotes* notes) {
  View view;
  view.set("label", row.label);
  set_text(view, "meaning", row.meaning);
  set_text(view, "unit", row.unit);
  ViewList cells;
  for (const FigureCell& cell : row.cells) {
    View item;
    set_text(item, "text", cell.text);
    set_text(item, "interval", cell.interval);
    if (cell.text.empty() && !cell.reason.empty()) {
      item.set("reason", cell.reason);
      if (notes != nullptr) item.set("note", notes->number_of(cell.reason));
    }
    cells.push_back(std::move(item));
  }
  view.set("cells", View(cells));
  return view;
}

void set_figures(View& view, const FigureTable& figures, const FigureTable& dynamics) {
  set_text(view, "figures_missing", figures.missing);
  view.set("has_figures", figures.missing.empty());
  ViewList columns;
  for (const std::string& column : figures.columns)
    columns.emplace_back(column);
  view.set("columns", View(columns));
  Footnotes notes;
  ViewList groups;
  bool has_intervals = false;
  for (const FigureGroup& group : figures.groups) {
    View item;
    item.set("name", group.name);
    item.set("span", std::to_string(figures.columns.size() + 2));
    ViewList rows;
    for (const FigureRow& row : group.rows) {
      rows.push_back(view_of(row, &notes));
      has_intervals = has_intervals || std::any_of(row.cells.begin(), row.cells.end(),
                                                   [](const FigureCell& c) { return !c.interval.empty(); });
    }
    item.set("rows", View(rows));
    groups.push_back(std::move(item));
  }
  view.set("groups", View(groups));
  view.set("has_intervals", has_intervals);
  ViewList note_list = notes.list();
  view.set("has_notes", !note_list.empty());
  view.set("figure_notes", View(note_list));

  set_text(view, "dynamics_missing", dynamics.missing);
  view.set("dynamics_columns", View(ViewList(dynamics.columns.begin(), dynamics.columns.end())));
  ViewList rows;
  if (dynamics.missing.empty())
    for (const FigureRow& row : dynamics.groups.front().rows)
      rows.push_back(view_of(row, nullptr));
  set_list(view, "dynamics", std::move(rows));
}

void set_simplifications(View& view, const std::vector<StageNotes>& stages) {
  ViewList list;
  for (const StageNotes& stage : stages) {
    View item;
    item.set("stage", stage.stage);
    item.set("notes", View(ViewList(stage.notes.begin(), stage.notes.end())));
    list.push_back(std::move(item));
  }
  view.set("no_simplifications", list.empty());
  set_list(view, "simplifications", std::move(list));
}

void set_provenance(View& view, const Provenance& from, const Part<std::string>& config) {
  set_text(view, "manifest_missing", from.missing);
  set_text(view, "command", from.command);
  ViewList facts;
  ViewList stages;
  ViewList hashes;
  for (const NameValue& fact : from.facts) {
    View item;
    item.set("name", fact.name);
    item.set("value", fact.value);
    facts.push_back(std::move(item));
  }
  for (const StageLine& stage : from.stages) {
    View item;
    item.set("name", stage.name);
    item.set("wall", stage.wall);
    item.set("cpu", stage.cpu);
    item.set("memory", stage.memory);
    stages.push_back(std::move(item));
  }
  for (const HashLine& hash : from.hashes) {
    View item;
    item.set("stage", hash.stage);
    item.set("path", hash.path);
    item.set("sha256", hash.sha256);
    hashes.push_back(std::move(item));
  }
  set_list(view, "facts", std::move(facts));
  set_list(view, "stages", std::move(stages));
  set_list(view, "hashes", std::move(hashes));
  if (config.value)
    set_text(view, "config", *config.value);
  else
    view.set("config_missing", config.reason);
}

/// A source expression of a content-security policy that admits exactly this script.
std::string script_hash(const std::string& script) {
  const std::string hex = core::sha256(script);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return "'sha256-" + base64(bytes) + "'";
}

/// three.js names its version as REVISION="111".
std::string three_revision() {
  constexpr std::string_view mark = "REVISION=\"";
  const auto begin = assets::three_js.find(mark);
  if (begin == std::string_view::npos) return "";
  const auto from = begin + mark.size();
  return fmt::format("r{}", assets::three_js.substr(from, assets::three_js.find('"', from) - from));
}

} // namespace

std::string render_report(const ReportData& data) {
  std::vector<std::string> frames;
  for (const ReportFrame& frame : data.frames)
    frames.push_back(frame.name);
  const std::string script = "(function () {\n\"use strict\";\n" + std::string(assets::report_js) + "})();\n";
  const std::string three(assets::three_js);

  View view;
  set_overview(view, overview(data.scores, frames));
  set_figures(view, frame_figures(data.scores), dynamics_figures(data.scores));
  set_simplifications(view, simplifications(data));
  set_provenance(view, provenance(data.manifest), data.config);
  view.set("style", std::string(assets::style_css));
  view.set("script_hashes", script_hash(three) + " " + script_hash(script));
  view.set("page_data", json_for_html(page_data(data)));
  view.set("three", three);
  view.set("three_revision", three_revision());
  view.set("script", script);

  kainjow::mustache::mustache page{std::string(assets::template_html)};
  return page.render(view);
}

void write_report(const std::filesystem::path& run_dir) {
  core::write_file(run_dir / "report.html", render_report(read_report_data(run_dir)));
}

void write_report(const std::filesystem::path& run_dir, const std::string& scores) {
  ReportData data = read_report_data(run_dir);
  data.scores.value = JsonText{scores};
  core::write_file(run_dir / "report.html", render_report(data));
}

} // namespace aet::validation
