#include "recon/images/hot_pixels.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace aet::recon {

namespace {

/// Of an odd or even number of values; reorders them.
double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

/// Pixels within `reach` of (x, y), without itself.
std::vector<double> around(const core::Image& image, int x, int y, int reach) {
  std::vector<double> values;
  for (int j = std::max(0, y - reach); j <= std::min(image.ny - 1, y + reach); ++j) {
    for (int i = std::max(0, x - reach); i <= std::min(image.nx - 1, x + reach); ++i) {
      if (i != x || j != y) values.push_back(static_cast<double>(image.at(i, j)));
    }
  }
  return values;
}

/// How far (x, y) lies beyond all its neighbours but one; <= 0 if it does not.
double gap_at(const core::Image& image, int x, int y) {
  constexpr float far = std::numeric_limits<float>::max();
  float lowest = far;
  float low = far; // the second lowest
  float highest = -far;
  float high = -far;
  for (int j = std::max(0, y - 1); j <= std::min(image.ny - 1, y + 1); ++j) {
    for (int i = std::max(0, x - 1); i <= std::min(image.nx - 1, x + 1); ++i) {
      if (i == x && j == y) continue;
      const float v = image.at(i, j);
      low = std::min(low, std::max(lowest, v));
      lowest = std::min(lowest, v);
      high = std::max(high, std::min(highest, v));
      highest = std::max(highest, v);
    }
  }
  const auto value = static_cast<double>(image.at(x, y));
  return std::max(value - static_cast<double>(high), static_cast<double>(low) - value);
}

/// How far two values lie apart in units of the noise: by roots of counts, whose sd is the same for all,
/// since the tail of few counts is long.
double distance(const NoiseModel& noise, double a, double b) {
  const double readout = std::sqrt(noise.readout_variance);
  if (!(noise.gain > 0.0)) return readout > 0.0 ? std::abs(a - b) / readout : (a == b ? 0.0 : 1e300);
  const auto root = [&](double value) {
    constexpr double anscombe = 0.375;
    const double electrons =
        (value - noise.offset) / noise.gain + noise.readout_variance / (noise.gain * noise.gain);
    return std::sqrt(std::max(0.0, electrons) + anscombe);
  };
  return 2.0 * std::abs(root(a) - root(b));
}

/// Twice the gap that 95 % of the image's extrema do not exceed.
double usual_gap(const core::Image& image) {
  std::vector<double> gaps;
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      const double gap = gap_at(image, x, y);
      if (gap > 0.0) gaps.push_back(gap);
    }
  }
  if (gaps.empty()) return 0.0;
  const auto place = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() * 95 / 100);
  std::nth_element(gaps.begin(), place, gaps.end());
  return 2.0 * *place;
}

} // namespace

std::vector<HotPixel> find_hot_pixels(const core::Image& image, const NoiseModel& noise,
                                      const HotPixelOptions& options) {
  if (!(options.threshold >= 3.0 && options.threshold <= 1000.0)) {
    throw core::ConfigError(
        fmt::format("hot pixels: threshold is {} sd; allowed is 3 to 1000.", options.threshold));
  }
  const double usual = usual_gap(image);
  std::vector<HotPixel> found;
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      const double gap = gap_at(image, x, y);
      if (gap <= usual) continue;
      const auto value = static_cast<double>(image.at(x, y));
      std::vector<double> near = around(image, x, y, 1);
      const double centre = median(near);
      const double edge = value > centre ? value - gap : value + gap;
      if (distance(noise, value, edge) <= options.threshold) continue;
      std::vector<double> wide = around(image, x, y, 2);
      const double wide_centre = median(wide);
      for (double& v : wide)
        v = std::abs(v - wide_centre);
      constexpr double sd_of_mad = 1.4826;
      if (std::abs(value - centre) <= options.threshold * sd_of_mad * median(wide)) continue;
      found.push_back({static_cast<std::uint32_t>(image.index(x, y)), static_cast<float>(centre)});
    }
  }
  return found;
}

std::vector<std::uint32_t> replace_hot_pixels(core::Image& image, const NoiseModel& noise,
                                              const HotPixelOptions& options) {
  std::vector<std::uint32_t> replaced;
  for (const HotPixel& hot : find_hot_pixels(image, noise, options)) {
    image.data[hot.pixel] = hot.median;
    replaced.push_back(hot.pixel);
  }
  return replaced;
}

} // namespace aet::recon
