#include "tests/bench/cost_curve.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>

namespace aet::bench {

using stem::StemOptions;

namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double r1(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::abs(static_cast<double>(a[i] - b[i]));
    sum += static_cast<double>(b[i]);
  }
  return difference / sum;
}

} // namespace

nlohmann::json cost_curve(const core::Atoms& atoms, const core::Mat3& orientation, const stem::Scan& scan,
                          const StemOptions& options, const std::vector<std::size_t>& pixels) {
  const auto values_of = [&](const StemOptions& o) {
    return stem::simulate_pixels({atoms, orientation, scan, {1, 0, 0}}, pixels, o, core::all_cores());
  };
  const auto seconds_of = [&](const StemOptions& o) {
    const double start = cpu_seconds();
    (void)stem::simulate_image({atoms, orientation, scan, {1, 0, 0}}, o, core::all_cores());
    return cpu_seconds() - start;
  };
  StemOptions fine = options;
  fine.fast.window_a = 20.0;
  fine.fast.pixel_a = 0.06;
  fine.fast.exact_depth_a = 0.0;
  fine.slices.thickness_a = 0.25;
  const auto truth = values_of(fine);

  nlohmann::json curve;
  const auto measure = [&](const std::string& name, const std::vector<double>& values,
                           const std::function<void(StemOptions&, double)>& set) {
    for (const double value : values) {
      StemOptions o = options;
      set(o, value);
      curve[name].push_back({{"value", value}, {"cpu_s", seconds_of(o)}, {"r1", r1(values_of(o), truth)}});
    }
  };
  measure("accuracy setting", {0.01, 0.005, 0.002}, [](auto& o, double v) { stem::set_accuracy(o, v); });
  measure("window [A]", {8.0, 9.0, 11.0, 12.5, 14.0, 16.0}, [](auto& o, double v) { o.fast.window_a = v; });
  measure("pixel [A]", {0.069, 0.086, 0.114, 0.136}, [](auto& o, double v) { o.fast.pixel_a = v; });
  measure("slice [A]", {1.0, 2.0, 3.0, 4.0}, [](auto& o, double v) { o.slices.thickness_a = v; });
  measure("slice, atoms in its middle [A]", {0.5, 1.0, 2.0, 4.0}, [](auto& o, double v) {
    o.slices.thickness_a = v;
    o.fast.exact_depth_a = 0.0;
  });
  return curve;
}

void draw_cost_curve(const nlohmann::json& curve, const std::filesystem::path& svg) {
  constexpr double width = 640.0;
  constexpr double height = 420.0;
  constexpr double left = 70.0;
  constexpr double right = 20.0;
  constexpr double top = 20.0;
  constexpr double bottom = 55.0;
  double x_min = 1e9;
  double x_max = 0.0;
  double y_min = 1e9;
  double y_max = 0.0;
  for (const auto& [name, points] : curve.items()) {
    for (const auto& p : points) {
      x_min = std::min(x_min, p["cpu_s"].get<double>());
      x_max = std::max(x_max, p["cpu_s"].get<double>());
      y_min = std::min(y_min, p["r1"].get<double>());
      y_max = std::max(y_max, p["r1"].get<double>());
    }
  }
  x_min *= 0.8;
  x_max *= 1.6;
  y_min *= 0.8;
  y_max *= 1.3;
  const auto x_of = [&](double x) {
    return left + (width - left - right) * std::log(x / x_min) / std::log(x_max / x_min);
  };
  const auto y_of = [&](double y) {
    return height - bottom - (height - top - bottom) * std::log(y / y_min) / std::log(y_max / y_min);
  };
  std::ofstream out(svg);
  out << fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
                     "height=\"{1}\" font-family=\"sans-serif\" font-size=\"12\">\n"
                     "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
                     width, height);
  for (const double unit : {0.001, 0.01, 0.1, 1.0, 10.0, 100.0}) {
    for (const double digit : {1.0, 2.0, 5.0}) {
      const double v = unit * digit;
      if (v > x_min && v < x_max)
        out << fmt::format("<path d=\"M{0:.1f} {1}V{2}\" stroke=\"#ddd\"/><text x=\"{0:.1f}\" y=\"{3}\" "
                           "text-anchor=\"middle\">{4:g}</text>\n",
                           x_of(v), top, height - bottom, height - bottom + 16, v);
      if (v > y_min && v < y_max)
        out << fmt::format("<path d=\"M{1} {0:.1f}H{2}\" stroke=\"#ddd\"/><text x=\"{3}\" y=\"{5:.1f}\" "
                           "text-anchor=\"end\">{4:g} %</text>\n",
                           y_of(v), left, width - right, left - 6, 100.0 * v, y_of(v) + 4.0);
    }
  }
  out << fmt::format(
      "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">CPU seconds for one image of a 3 nm particle</text>\n"
      "<text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\">deviation R1</text>\n",
      0.5 * (left + width - right), height - 14, 0.5 * (top + height - bottom));
  constexpr std::array<const char*, 5> colours{"#111111", "#1b6ca8", "#c7522a", "#2a7f62", "#8a5a9e"};
  std::size_t series = 0;
  for (const auto& [name, points] : curve.items()) {
    const char* colour = colours[series % colours.size()];
    std::string path;
    for (const auto& p : points) {
      const double x = x_of(p["cpu_s"]);
      const double y = y_of(p["r1"]);
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, y);
      out << fmt::format("<circle cx=\"{0:.1f}\" cy=\"{1:.1f}\" r=\"3.5\" fill=\"{2}\"/><text x=\"{3:.1f}\" "
                         "y=\"{4:.1f}\" fill=\"{2}\" font-size=\"10\">{5:g}</text>\n",
                         x, y, colour, x + 5.0, y - 5.0, p["value"].get<double>());
    }
    out << fmt::format(
        "<path d=\"{0}\" fill=\"none\" stroke=\"{1}\"/>\n<text x=\"{2}\" y=\"{3}\" fill=\"{1}\" "
        "text-anchor=\"end\">{4}</text>\n",
        path, colour, width - right - 6, top + 16.0 * static_cast<double>(series + 1), name);
    ++series;
  }
  out << "</svg>\n";
}

} // namespace aet::bench
