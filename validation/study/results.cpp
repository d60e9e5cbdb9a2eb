#include "validation/study/results.hpp"

#include "sim/core/join.hpp"
#include "validation/score/stored_run.hpp"
#include "validation/score/text_safety.hpp"
#include "validation/study/chart.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

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

std::string table_of(const Study& study, const std::vector<StudyRow>& rows) {
  std::vector<std::string> shown{"atoms.recall", "atoms.precision", "atoms.rmsd_pm", "atoms.limit_rmsd_pm",
                                 "atoms.efficiency"};
  for (const StudyFigure& figure : study.figures)
    if (std::find(shown.begin(), shown.end(), figure.y) == shown.end()) shown.push_back(figure.y);
  std::string html = "<table><thead><tr>";
  for (const std::string& axis : study.axes)
    html += fmt::format("<th scope=\"col\">{}</th>", xml_text(axis));
  html += "<th scope=\"col\">runs</th>";
  for (const std::string& name : shown)
    html += fmt::format("<th scope=\"col\">{}</th>", xml_text(name));
  html += "</tr></thead><tbody>\n";
  for (const StudyRow& row : rows) {
    html += "<tr>";
    for (const std::string& axis : study.axes)
      html += fmt::format("<td>{}</td>", xml_text(row.settings.at(axis)));
    html += fmt::format("<td>{}</td>", row.runs);
    for (const std::string& name : shown) {
      const auto found = row.figures.find(name);
      if (found == row.figures.end())
        html += "<td>not assessed</td>";
      else if (found->second.standard_error)
        html += fmt::format("<td>{:.4g} ± {:.2g}</td>", found->second.mean, *found->second.standard_error);
      else
        html += fmt::format("<td>{:.4g}</td>", found->second.mean);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table>\n";
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
  chart.y_label = figure.y;
  chart.log_x = figure.log_x;
  chart.log_y = figure.log_y;
  for (const char* share : {".recall", ".precision", ".identified", ".species_correct"})
    if (figure.y.ends_with(share)) chart.y_most = 1.0;
  chart.curves = curves_of(study, figure, rows);
  return svg_of(chart);
}

std::string results_page(const Study& study, const std::vector<StudyRow>& rows) {
  std::size_t runs = 0;
  std::string failures;
  for (const StudyRow& row : rows) {
    runs += row.runs;
    for (const std::string& failure : row.failures)
      failures += fmt::format("<li>{}</li>\n", xml_text(failure));
  }
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{0}</title>\n<style>\n"
      ":root {{ color-scheme: light dark; }}\n"
      "body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; "
      "}}\n"
      "svg {{ max-width: 100%; height: auto; }}\n.wide {{ overflow-x: auto; }}\n"
      "table {{ border-collapse: collapse; font-size: 0.9rem; }}\n"
      "th, td {{ padding: 0.25rem 0.7rem; border-bottom: 1px solid #8886; text-align: right; }}\n"
      "th {{ font-weight: 600; }}\n</style>\n</head>\n<body>\n<h1>{0}</h1>\n"
      "<p>{1} of {2} runs have scores. Bars and ± : 95 % and one standard error, from the scatter over seeds "
      "where there are several, else from each run's own intervals.</p>\n",
      xml_text(study.title), runs, study.points.size());
  for (const StudyFigure& figure : study.figures)
    html += "<figure>" + results_chart(study, figure, rows) + "</figure>\n";
  html += "<div class=\"wide\">\n" + table_of(study, rows) + "</div>\n";
  if (!failures.empty()) html += "<h2>Without scores</h2>\n<ul>\n" + failures + "</ul>\n";
  return html + "</body>\n</html>\n";
}

} // namespace aet::validation
