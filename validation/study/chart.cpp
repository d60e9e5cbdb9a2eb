#include "validation/study/chart.hpp"

#include "validation/score/text_safety.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace aet::validation {

namespace {

constexpr double width = 720.0;
constexpr double left = 74.0;
constexpr double right = 210.0; ///< room for the names
constexpr double top = 34.0;
constexpr double bottom = 52.0;
constexpr double height = 400.0;
// Okabe & Ito's palette without yellow: kept apart by the colour-blind.
constexpr std::array<const char*, 8> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                             "#000000", "#e69f00", "#56b4e9", "#8c8c8c"};

/// One axis: from values to fractions of its length.
struct Scale {
  bool log = false;
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  [[nodiscard]] bool takes(double v) const { return std::isfinite(v) && (!log || v > 0.0); }
  void cover(double v) {
    if (!takes(v)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  void widen() {
    if (log) {
      const double margin = std::pow(std::max(high / low, 1.5), 0.06);
      low /= margin;
      high *= margin;
    } else {
      const double margin = 0.06 * (high > low ? high - low : std::max(1.0, std::abs(high)));
      low -= margin;
      high += margin;
    }
  }
  [[nodiscard]] double fraction(double v) const {
    return log ? std::log(v / low) / std::log(high / low) : (v - low) / (high - low);
  }
};

struct PlotArea {
  Scale x;
  Scale y;
  [[nodiscard]] double px(double v) const { return left + (width - left - right) * x.fraction(v); }
  [[nodiscard]] double py(double v) const {
    return height - bottom - (height - top - bottom) * y.fraction(v);
  }
};

std::string axes_of(const Chart& chart, const PlotArea& area) {
  std::string svg;
  constexpr double label_width = 46.0; // a line without room for its number has none
  double last = -label_width;
  for (const double v : ticks(area.x.low, area.x.high, area.x.log)) {
    svg += fmt::format("<path d=\"M{:.1f} {}V{}\" stroke=\"#e3e3e3\"/>\n", area.px(v), top, height - bottom);
    if (area.px(v) - last < label_width) continue;
    last = area.px(v);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g}</text>\n", last,
                       height - bottom + 17, v);
  }
  for (const double v : ticks(area.y.low, area.y.high, area.y.log)) {
    svg += fmt::format("<path d=\"M{1} {0:.1f}H{2}\" stroke=\"#e3e3e3\"/><text x=\"{3}\" y=\"{4:.1f}\" "
                       "text-anchor=\"end\">{5:g}</text>\n",
                       area.py(v), left, width - right, left - 7, area.py(v) + 4.0, v);
  }
  svg += fmt::format("<path d=\"M{0} {1}V{2}H{3}\" fill=\"none\" stroke=\"#444\"/>\n", left, top,
                     height - bottom, width - right);
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                     0.5 * (left + width - right), height - 12, xml_text(chart.x_label));
  svg += fmt::format("<text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                     0.5 * (top + height - bottom), xml_text(chart.y_label));
  return svg;
}

std::string curve_of(const ChartCurve& curve, const PlotArea& area, const char* colour, double y_most) {
  std::string svg;
  std::string path;
  for (const ChartPoint& p : curve.points) {
    if (!area.x.takes(p.x) || !area.y.takes(p.y)) continue;
    const double x = area.px(p.x);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, area.py(p.y));
    if (p.error && area.y.takes(p.y - *p.error)) {
      svg += fmt::format("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}\" stroke=\"{3}\" stroke-width=\"1.5\"/>\n", x,
                         area.py(p.y - *p.error), area.py(std::min(p.y + *p.error, y_most)), colour);
    }
    if (!curve.dashed)
      svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>\n", x, area.py(p.y),
                         colour);
    if (!p.label.empty()) {
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"{}\" font-size=\"10\">{}</text>\n", x + 5.0,
                         area.py(p.y) - 5.0, colour, xml_text(p.label));
    }
  }
  return svg + fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"{}/>\n", path,
                           colour, curve.dashed ? " stroke-dasharray=\"5 4\"" : "");
}

/// Width of the picture: longer names get more room.
double page_width(const Chart& chart) {
  constexpr double letter = 7.0; // of this font, on the wide side
  std::size_t longest = 0;
  for (const ChartCurve& curve : chart.curves)
    longest = std::max(longest, curve.name.size());
  return std::max(width, width - right + 40.0 + letter * static_cast<double>(longest));
}

} // namespace

std::vector<double> ticks(double low, double high, bool log) {
  std::vector<double> out;
  if (log && high / low >= 5.0) {
    const bool sparse = high / low > 1e4;
    for (int power = static_cast<int>(std::floor(std::log10(low))); std::pow(10.0, power) <= high; ++power) {
      for (const double digit : {1.0, 2.0, 5.0}) {
        const double v = digit * std::pow(10.0, power);
        if (v >= low && v <= high && (digit == 1.0 || !sparse)) out.push_back(v);
      }
    }
    return out;
  }
  constexpr double wanted = 5.0;
  const double raw = (high - low) / wanted;
  const double unit = std::pow(10.0, std::floor(std::log10(raw)));
  const double step = unit * (raw / unit < 1.5   ? 1.0
                              : raw / unit < 3.5 ? 2.0
                              : raw / unit < 7.5 ? 5.0
                                                 : 10.0);
  // A multiple of the step, so that 0.30000000000000004 is not printed.
  for (double k = std::ceil(low / step); k * step <= high; k += 1.0)
    out.push_back(k == 0.0 ? 0.0 : k * step);
  return out;
}

std::string svg_of(const Chart& chart) {
  PlotArea area;
  area.x.log = chart.log_x;
  area.y.log = chart.log_y;
  const double y_most = chart.y_most.value_or(std::numeric_limits<double>::infinity());
  for (const ChartCurve& curve : chart.curves) {
    for (const ChartPoint& p : curve.points) {
      if (!area.x.takes(p.x) || !area.y.takes(p.y)) continue;
      area.x.cover(p.x);
      area.y.cover(p.y);
      area.y.cover(p.y - p.error.value_or(0.0));
      area.y.cover(std::min(p.y + p.error.value_or(0.0), y_most));
    }
  }
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"{2}\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<text x=\"{3}\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{2}</text>\n",
      page_width(chart), height, xml_text(chart.title), left);
  if (!(area.x.low <= area.x.high)) {
    return svg + fmt::format("<text x=\"{}\" y=\"{}\">no values yet</text>\n</svg>\n", left, 0.5 * height);
  }
  area.x.widen();
  area.y.widen();
  svg += axes_of(chart, area);
  double y = top + 12.0;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    const char* colour = colours[chart.curves[i].colour.value_or(i) % colours.size()];
    svg += curve_of(chart.curves[i], area, colour, y_most);
    svg += fmt::format(
        "<path d=\"M{0} {1}h18\" stroke=\"{2}\" stroke-width=\"2\"{3}/><text x=\"{4}\" y=\"{5}\">{6}"
        "</text>\n",
        width - right + 10, y - 4, colour, chart.curves[i].dashed ? " stroke-dasharray=\"5 4\"" : "",
        width - right + 33, y, xml_text(chart.curves[i].name));
    y += 17.0;
  }
  return svg + "</svg>\n";
}

} // namespace aet::validation
