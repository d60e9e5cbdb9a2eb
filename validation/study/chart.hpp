// A line chart as SVG that stands alone, for pages and for READMEs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

struct ChartPoint {
  double x = 0.0;
  double y = 0.0;
  std::optional<double> error; ///< half the length of an error bar
  std::string label;           ///< beside the point; may be empty
};

struct ChartCurve {
  std::string name;
  std::vector<ChartPoint> points;    ///< drawn in this order
  bool dashed = false;               ///< without markers
  std::optional<std::size_t> colour; ///< number in the palette; its place among the curves if not given
};

struct Chart {
  std::string title;
  std::string x_label;
  std::string y_label;
  bool log_x = false; ///< points at or below 0 are left out
  bool log_y = false;
  std::optional<double> y_most{}; ///< error bars end there: 1 for a share
  std::vector<ChartCurve> curves;
};

/// White ground, colours that keep apart in print and for the colour-blind, names beside the plot. Text is
/// escaped. A chart without points says so.
[[nodiscard]] std::string svg_of(const Chart& chart);

/// About five round values between low and high > low, inside; powers of ten with 1, 2, 5 if log.
[[nodiscard]] std::vector<double> ticks(double low, double high, bool log);

} // namespace aet::validation
