#include "sim/stem/linear_deviation.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace aet::stem {

namespace {

constexpr std::size_t bin_count = 10;

/// Moments of image I and model L.
struct Sums {
  double i = 0.0;
  double l = 0.0;
  double il = 0.0;
  double ll = 0.0;
  double ill = 0.0;
  double lll = 0.0;
  double llll = 0.0;
  double l_max = 0.0;

  void add(const core::Image& image, const core::Image& linear) {
    for (std::size_t p = 0; p < image.data.size(); ++p) {
      const auto a = static_cast<double>(image.data[p]);
      const auto b = static_cast<double>(linear.data[p]);
      i += a;
      l += b;
      il += a * b;
      ll += b * b;
      ill += a * b * b;
      lll += b * b * b;
      llll += b * b * b * b;
      l_max = std::max(l_max, b);
    }
  }
};

double absolute_difference(const core::Image& image, const core::Image& linear, double scale) {
  double sum = 0.0;
  for (std::size_t p = 0; p < image.data.size(); ++p)
    sum += std::abs(static_cast<double>(image.data[p]) - scale * static_cast<double>(linear.data[p]));
  return sum;
}

/// All but r1.
LinearDeviation fit(const Sums& s) {
  if (!(s.ll > 0.0 && s.i > 0.0))
    throw core::DataError("the deviation from the linear model needs images that are not dark everywhere");
  LinearDeviation out;
  out.scale = s.il / s.ll;
  out.bias = s.i / (out.scale * s.l) - 1.0;
  // Normal equations of I = a L + b L^2.
  const double determinant = s.ll * s.llll - s.lll * s.lll;
  // An image of one brightness only has no curvature to fit.
  if (determinant > 1e-12 * s.ll * s.llll) {
    const double a = (s.il * s.llll - s.ill * s.lll) / determinant;
    const double b = (s.ill * s.ll - s.il * s.lll) / determinant;
    out.curvature = b * s.l_max / a;
  }
  return out;
}

} // namespace

ModelError model_error(const std::vector<core::Image>& images, const std::vector<core::Image>& linear) {
  if (images.empty() || images.size() != linear.size()) {
    throw core::DataError(fmt::format("{} images cannot be compared with {} images of the linear model: one "
                                      "for each is needed",
                                      images.size(), linear.size()));
  }
  ModelError out;
  Sums all;
  for (std::size_t t = 0; t < images.size(); ++t) {
    if (images[t].nx != linear[t].nx || images[t].ny != linear[t].ny) {
      throw core::DataError(fmt::format("image {} is {} x {} but its linear model {} x {}", t + 1,
                                        images[t].nx, images[t].ny, linear[t].nx, linear[t].ny));
    }
    Sums one;
    one.add(images[t], linear[t]);
    out.tilts.push_back(fit(one));
    out.tilts.back().r1 = absolute_difference(images[t], linear[t], out.tilts.back().scale) / one.i;
    all.add(images[t], linear[t]);
  }
  out.series = fit(all);
  double difference = 0.0;
  std::array<Sums, bin_count> bins;
  std::array<std::size_t, bin_count> pixels{};
  std::size_t total = 0;
  for (std::size_t t = 0; t < images.size(); ++t) {
    difference += absolute_difference(images[t], linear[t], out.series.scale);
    for (std::size_t p = 0; p < images[t].data.size(); ++p) {
      const auto l = static_cast<double>(linear[t].data[p]);
      const auto bin = std::min(bin_count - 1, static_cast<std::size_t>(l / all.l_max * bin_count));
      bins[bin].i += static_cast<double>(images[t].data[p]);
      bins[bin].l += l;
      ++pixels[bin];
      ++total;
    }
  }
  out.series.r1 = difference / all.i;
  for (std::size_t b = 0; b < bin_count; ++b) {
    if (pixels[b] == 0 || bins[b].l <= 0.0) continue;
    out.bins.push_back({(static_cast<double>(b) + 0.5) / bin_count,
                        bins[b].i / (out.series.scale * bins[b].l),
                        static_cast<double>(pixels[b]) / static_cast<double>(total)});
  }
  return out;
}

} // namespace aet::stem
