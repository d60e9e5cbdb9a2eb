#include "validation/study/results.hpp"

#include "sim/core/join.hpp"
#include "validation/figures/table.hpp"
#include "validation/report/assets.hpp"
#include "validation/score/stored_run.hpp"
#include "validation/score/text_safety.hpp"
#include "validation/study/chart.hpp"

#include <fmt/core.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

using View = kainjow::mustache::data;
using ViewList = kainjow::mustache::list;

constexpr double half_interval = 1.959964; ///< of a 95 % interval, in standard deviations

/// Means of one run over its frames, and their standard error from the stated intervals.
std::map<std::string, MeanFigure> over_frames(const StoredRun& run) {
  std::map<std::string, std::vector<const Figure*>> all;
  for (const StoredFrame& frame : run.frames) {
    for (const Figure& figure : frame.figures)
      if (figure.value) all[figure.name].push_back(&figure);
  }
  std::map<std::string, MeanFigure> means;
  for (const auto& [name, figures] : all) {
    const double n = static_cast<double>(figures.size());
    MeanFigure mean;
    double variance = 0.0;
    bool stated = true;
    for (const Figure* f : figures) {
      mean.mean += *f->value / n;
      stated = stated && f->interval.has_value();
      if (f->interval)
        variance += std::pow((f->interval->second - f->interval->first) / (2.0 * half_interval * n), 2);
    }
    if (stated) mean.standard_error = std::sqrt(variance);
    mean.values = figures.size();
    means[name] = mean;
  }
  return means;
}

/// Mean over runs; the standard error from their scatter where there are several.
MeanFigure over_runs(const std::vector<MeanFigure>& runs) {
  if (runs.size() == 1) return runs.front();
  MeanFigure out;
  const double n = static_cast<double>(runs.size());
  for (const MeanFigure& r : runs) {
    out.mean += r.mean / n;
    out.values += r.values;
  }
  double sum = 0.0;
  for (const MeanFigure& r : runs)
    sum += (r.mean - out.mean) * (r.mean - out.mean);
  out.standard_error = std::sqrt(sum / (n * (n - 1.0)));
  return out;
}

/// A setting as a number, if it is one.
std::optional<double> number_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size()) return {};
  return value;
}

/// The settings but x, as the name of a curve.
std::string curve_name(const Study& study, const StudyRow& row, const std::string& x) {
  std::vector<std::string> parts;
  for (const std::string& axis : study.axes) {
    if (axis == x) continue;
    const std::string value = row.settings.at(axis);
    const std::string key = axis.substr(axis.rfind('.') + 1);
    parts.push_back(axis == "case" || value.starts_with("'") || value.starts_with("\"") ? value
                                                                                        : key + " " + value);
  }
  return parts.empty() ? "all" : core::join(parts, ", ");
}

std::vector<std::string> figure_columns(const std::vector<StudyRow>& rows) {
  std::set<std::string> names;
  for (const StudyRow& row : rows) {
    for (const auto& [name, figure] : row.figures)
      names.insert(name);
  }
  return {names.begin(), names.end()};
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// Curves of one figure of the score, a dashed one behind it for `limit` if any row has that.
std::vector<ChartCurve> curves_of(const Study& study, const StudyFigure& figure,
                                  const std::vector<StudyRow>& rows) {
  std::vector<std::string> names;
  std::vector<ChartCurve> measured;
  std::vector<ChartCurve> limits;
  const bool with_limit = figure.y == "atoms.rmsd_pm";
  std::vector<std::string> categories; // of x, where it is not a number
  for (const StudyRow& row : rows) {
    const std::string name = curve_name(study, row, figure.x);
    auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) {
      names.push_back(name);
      measured.push_back({name, {}, false, measured.size()});
      limits.push_back({name + ", limit", {}, true, limits.size()});
      place = names.end() - 1;
    }
    const std::string& text = row.settings.at(figure.x);
    std::optional<double> x = number_of(text);
    std::string label;
    if (!x) {
      auto category = std::find(categories.begin(), categories.end(), text);
      if (category == categories.end()) category = categories.insert(categories.end(), text);
      x = static_cast<double>(category - categories.begin()) + 1.0;
      label = text;
    }
    const auto at = static_cast<std::size_t>(place - names.begin());
    const auto add = [&](ChartCurve& curve, const std::string& wanted) {
      const auto found = row.figures.find(wanted);
      if (found == row.figures.end()) return;
      std::optional<double> error;
      if (found->second.standard_error) error = half_interval * *found->second.standard_error;
      curve.points.push_back({*x, found->second.mean, error, label});
    };
    add(measured[at], figure.y);
    if (with_limit) add(limits[at], "atoms.limit_rmsd_pm");
  }
  for (ChartCurve& limit : limits) {
    for (ChartPoint& p : limit.points)
      p.error.reset();
    if (!limit.points.empty()) measured.push_back(std::move(limit));
  }
  for (ChartCurve& curve : measured) {
    std::sort(curve.points.begin(), curve.points.end(),
              [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
  }
  return measured;
}

/// Figures of the table: those of every study, then those that it draws.
std::vector<std::string> shown_figures(const Study& study) {
  std::vector<std::string> shown{"atoms.recall", "atoms.precision", "atoms.rmsd_pm", "atoms.limit_rmsd_pm",
                                 "atoms.efficiency"};
  for (const StudyFigure& figure : study.figures)
    if (std::find(shown.begin(), shown.end(), figure.y) == shown.end()) shown.push_back(figure.y);
  return shown;
}

/// "98.25 \u00b1 0.31", or "not assessed".
std::string mean_text(const StudyRow& row, const std::string& name) {
  const auto found = row.figures.find(name);
  if (found == row.figures.end()) return "not assessed";
  const FigureDefinition& definition = definition_of(name);
  const std::string mean = digits_of(definition, found->second.mean);
  if (!found->second.standard_error) return mean;
  return fmt::format("{} \u00b1 {}", mean, digits_of(definition, *found->second.standard_error));
}

View head_of(const std::string& text, std::string_view meaning = "") {
  View head{"text", text};
  if (!meaning.empty()) head.set("meaning", std::string(meaning));
  return head;
}

void set_table(View& page, const Study& study, const std::vector<StudyRow>& rows) {
  const std::vector<std::string> shown = shown_figures(study);
  ViewList heads;
  for (const std::string& axis : study.axes)
    heads.push_back(head_of(axis));
  heads.push_back(head_of("runs"));
  for (const std::string& name : shown)
    heads.push_back(head_of(column_heading_of(name), definition_of(name).meaning));
  ViewList lines;
  for (const StudyRow& row : rows) {
    ViewList cells;
    for (const std::string& axis : study.axes)
      cells.emplace_back(clean_text(row.settings.at(axis)));
    cells.emplace_back(fmt::format("{}", row.runs));
    for (const std::string& name : shown)
      cells.emplace_back(mean_text(row, name));
    lines.push_back(View{"cells", View(cells)});
  }
  page.set("heads", View(heads));
  page.set("rows", View(lines));
}

} // namespace

std::vector<StudyRow> collect_results(const Study& study, const fs::path& points_dir,
                                      const std::map<std::string, std::string>& failures) {
  std::vector<StudyRow> rows;
  std::vector<std::map<std::string, std::vector<MeanFigure>>> values;
  for (const StudyPoint& point : study.points) {
    if (rows.empty() || rows.back().settings != point.settings) {
      rows.push_back({point.settings, 0, {}, {}});
      values.emplace_back();
    }
    if (const auto failure = failures.find(point.name); failure != failures.end()) {
      rows.back().failures.push_back(fmt::format("{}: {}", point.name, failure->second));
    } else if (fs::exists(points_dir / point.name / "scores.json")) {
      ++rows.back().runs;
      for (const auto& [name, figure] : over_frames(read_stored_run(points_dir / point.name)))
        values.back()[name].push_back(figure);
    } else {
      rows.back().failures.push_back(point.name + ": not run yet");
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const auto& [name, runs] : values[i])
      rows[i].figures[name] = over_runs(runs);
  }
  return rows;
}

std::string results_csv(const Study& study, const std::vector<StudyRow>& rows) {
  const std::vector<std::string> columns = figure_columns(rows);
  std::string csv;
  for (const std::string& axis : study.axes)
    csv += csv_cell(axis) + ",";
  csv += "runs";
  for (const std::string& name : columns)
    csv += fmt::format(",{0},{0}_standard_error", name);
  csv += "\n";
  for (const StudyRow& row : rows) {
    for (const std::string& axis : study.axes)
      csv += csv_cell(row.settings.at(axis)) + ",";
    csv += fmt::format("{}", row.runs);
    for (const std::string& name : columns) {
      const auto found = row.figures.find(name);
      csv += found == row.figures.end() ? ",," : fmt::format(",{}", found->second.mean);
      if (found != row.figures.end())
        csv += found->second.standard_error ? fmt::format(",{}", *found->second.standard_error) : ",";
    }
    csv += "\n";
  }
  return csv;
}

std::string results_chart(const Study& study, const StudyFigure& figure, const std::vector<StudyRow>& rows) {
  Chart chart;
  chart.title = figure.title;
  chart.x_label = figure.x;
  chart.y_label = axis_label_of(figure.y);
  chart.log_x = figure.log_x;
  chart.log_y = figure.log_y;
  if (definition_of(figure.y).form == Form::share) chart.y_most = 1.0;
  chart.curves = curves_of(study, figure, rows);
  return svg_of(chart);
}

std::string results_page(const Study& study, const std::vector<StudyRow>& rows) {
  std::size_t runs = 0;
  ViewList figures;
  ViewList failures;
  for (const StudyRow& row : rows) {
    runs += row.runs;
    for (const std::string& failure : row.failures)
      failures.emplace_back(clean_text(failure));
  }
  for (const StudyFigure& figure : study.figures)
    figures.push_back(View{"svg", results_chart(study, figure, rows)});
  View page;
  page.set("title", clean_text(study.title));
  page.set("finished", std::to_string(runs));
  page.set("points", std::to_string(study.points.size()));
  page.set("figures", View(figures));
  set_table(page, study, rows);
  page.set("has_failures", !failures.empty());
  page.set("failures", View(failures));
  kainjow::mustache::mustache html{std::string(page::assets::study_template_html)};
  return html.render(page);
}

} // namespace aet::validation
