#include "validation/score/propagation_figure.hpp"

#include "validation/score/text_safety.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace aet::validation {
namespace {

constexpr double width = 250.0; // of the inside of a panel
constexpr double height = 150.0;
constexpr double top = 30.0;
constexpr double pitch = 350.0;
constexpr double right_end = 0.5; // of the right axis
constexpr const char* blue = "#0072b2";
constexpr const char* red = "#d55e00";
constexpr const char* green = "#009e73";

struct Curve {
  const char* colour;
  const char* dashes;
  double full; // value at the top
  std::function<std::optional<double>(const PropagationPoint&)> value;
};

std::string panel(const PropagationPanel& p, double left) {
  const auto x_of = [&](const PropagationPoint& point) {
    return p.against_species ? point.wrong_percent : point.rms_pm;
  };
  double most = 1e-9;
  for (const PropagationPoint& point : p.points)
    most = std::max(most, x_of(point));
  const std::vector<Curve> curves{
      {blue, "none", 1.0, [](const PropagationPoint& q) { return std::optional(q.f1); }},
      {red, "6 3", right_end, [](const PropagationPoint& q) { return q.lambda_rms; }},
      {green, "2 3", right_end, [](const PropagationPoint& q) { return q.barrier_rms; }}};
  std::string svg = fmt::format("<rect x='{}' y='{}' width='{}' height='{}' fill='none' stroke='#888'/>\n",
                                left, top, width, height);
  for (const Curve& curve : curves) {
    std::string corners;
    std::string marks;
    for (const PropagationPoint& point : p.points) {
      const std::optional<double> value = curve.value(point);
      if (!value) continue;
      const double x = left + width * x_of(point) / most;
      const double y = top + height * (1.0 - std::min(*value / curve.full, 1.0));
      corners += fmt::format("{:.1f},{:.1f} ", x, y);
      marks += fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='2.5' fill='{}'/>\n", x, y, curve.colour);
    }
    svg += fmt::format(
        "<polyline points='{}' fill='none' stroke='{}' stroke-width='2' stroke-dasharray='{}'/>\n{}", corners,
        curve.colour, curve.dashes, marks);
  }
  svg += fmt::format("<text x='{}' y='20' text-anchor='middle' font-weight='bold'>{}</text>\n",
                     left + 0.5 * width, xml_text(p.title));
  svg += fmt::format("<text x='{}' y='{}' text-anchor='middle'>{}</text>\n", left + 0.5 * width,
                     top + height + 33.0,
                     p.against_species ? "wrong species [%]" : "rms error of positions [pm]");
  for (const double part : {0.0, 0.5, 1.0}) {
    svg += fmt::format("<text x='{:.0f}' y='{}' text-anchor='middle'>{:g}</text>\n", left + part * width,
                       top + height + 16.0, part * most);
    svg += fmt::format("<text x='{:.0f}' y='{:.0f}' text-anchor='end' fill='{}'>{:g}</text>\n", left - 5.0,
                       top + height * (1.0 - part) + 4.0, blue, part);
    svg += fmt::format("<text x='{:.0f}' y='{:.0f}' fill='{}'>{:g} %</text>\n", left + width + 5.0,
                       top + height * (1.0 - part) + 4.0, red, 100.0 * right_end * part);
  }
  return svg;
}

} // namespace

std::string propagation_svg(const std::vector<PropagationPanel>& panels) {
  const double total = pitch * static_cast<double>(std::max<std::size_t>(panels.size(), 1));
  std::string svg =
      fmt::format("<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='250' viewBox='0 0 {0} "
                  "250' font-family='sans-serif' font-size='11'>\n<rect width='{0}' height='250' "
                  "fill='white'/>\n",
                  total);
  for (std::size_t k = 0; k < panels.size(); ++k)
    svg += panel(panels[k], 40.0 + pitch * static_cast<double>(k));
  svg += fmt::format(
      "<text x='{}' y='240' text-anchor='middle'><tspan fill='{}'>F1 of nuclei</tspan>, <tspan "
      "fill='{}'>relative rms error of lambda</tspan> and <tspan fill='{}'>of the barrier</tspan>, "
      "against the same analysis of the truth</text>\n</svg>\n",
      0.5 * total, blue, red, green);
  return svg;
}

} // namespace aet::validation
