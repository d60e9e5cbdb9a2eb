#include "recon/images/image_content.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace aet::recon {

namespace {

/// Sums over pairs of neighbours along both axes.
struct PairSums {
  double product = 0.0;
  double square = 0.0; ///< mean of the two squares
  double pairs = 0.0;

  void add(double a, double b) {
    product += a * b;
    square += 0.5 * (a * a + b * b);
    pairs += 1.0;
  }
  [[nodiscard]] double correlation() const { return square > 0.0 ? product / square : 0.0; }
};

/// \param at value of a pixel, for x < nx, y < ny.
template <typename Values> void add_pairs(const Values& at, int nx, int ny, PairSums& sums) {
  for (int y = 0; y < ny; ++y) {
    for (int x = 0; x < nx; ++x) {
      if (x + 1 < nx) sums.add(at(x, y), at(x + 1, y));
      if (y + 1 < ny) sums.add(at(x, y), at(x, y + 1));
    }
  }
}

double median_of(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

/// The image about its mean, hot pixels brought down to what others reach: one of them would count for more
/// than all the rest.
core::Image centred(const core::Image& image) {
  constexpr double sd_of_mad = 1.4826;
  constexpr double furthest = 6.0; // standard deviations
  std::vector<float> values(image.data.begin(), image.data.end());
  const double middle = median_of(values);
  for (float& v : values)
    v = static_cast<float>(std::abs(static_cast<double>(v) - middle));
  const double sd = sd_of_mad * median_of(values);
  core::Image out = image;
  double sum = 0.0;
  for (float& v : out.data) {
    if (sd > 0.0)
      v = static_cast<float>(
          std::clamp(static_cast<double>(v), middle - furthest * sd, middle + furthest * sd));
    sum += static_cast<double>(v);
  }
  const auto mean = static_cast<float>(sum / static_cast<double>(out.data.size()));
  for (float& v : out.data)
    v -= mean;
  return out;
}

/// Fourth differences along both axes; smaller than the image by 4 pixels each way.
core::Image fourth_differences(const core::Image& image) {
  constexpr std::array<double, 5> difference{1, -4, 6, -4, 1};
  core::Image along(image.nx - 4, image.ny);
  for (int y = 0; y < along.ny; ++y) {
    for (int x = 0; x < along.nx; ++x) {
      double sum = 0.0;
      for (int i = 0; i < 5; ++i)
        sum += difference[static_cast<std::size_t>(i)] * static_cast<double>(image.at(x + i, y));
      along.at(x, y) = static_cast<float>(sum);
    }
  }
  core::Image both(along.nx, along.ny - 4);
  for (int y = 0; y < both.ny; ++y) {
    for (int x = 0; x < both.nx; ++x) {
      double sum = 0.0;
      for (int j = 0; j < 5; ++j)
        sum += difference[static_cast<std::size_t>(j)] * static_cast<double>(along.at(x, y + j));
      both.at(x, y) = static_cast<float>(sum);
    }
  }
  return both;
}

} // namespace

NeighbourCorrelation neighbour_correlation(const core::TiltSeries& series) {
  PairSums sums;
  for (const core::Image& image : series.images) {
    const core::Image about = centred(image);
    add_pairs([&](int x, int y) { return static_cast<double>(about.at(x, y)); }, about.nx, about.ny, sums);
  }
  return {sums.correlation(), sums.pairs > 0.0 ? 1.0 / std::sqrt(sums.pairs) : 1.0, sums.pairs};
}

void require_content(const core::TiltSeries& series) {
  constexpr double beyond_chance = 5.0;
  bool varies = false;
  for (const core::Image& image : series.images) {
    for (const float v : image.data)
      varies = varies || v != image.data.front();
  }
  if (!varies) {
    throw core::DataError(
        "the images carry no information on atoms: every image is one constant, whether zero "
        "or another; is this the right file?");
  }
  const NeighbourCorrelation found = neighbour_correlation(series);
  if (std::abs(found.value) > beyond_chance * found.chance) return;
  throw core::DataError(fmt::format(
      "the images carry no information on atoms: neighbouring pixels are as unlike as in white noise "
      "(correlation {:.4f}, by chance up to {:.4f}); is this the right file, and was it read as it was "
      "written?",
      found.value, beyond_chance * found.chance));
}

NeighbourCorrelation high_pass_correlation(const core::TiltSeries& series) {
  constexpr int smallest = 6;
  PairSums sums;
  for (const core::Image& image : series.images) {
    if (image.nx < smallest || image.ny < smallest) continue;
    const core::Image passed = fourth_differences(image);
    add_pairs([&](int x, int y) { return static_cast<double>(passed.at(x, y)); }, passed.nx, passed.ny, sums);
  }
  // Products of filtered noise are correlated themselves: some twice the deviation of independent ones.
  return {sums.correlation(), sums.pairs > 0.0 ? 2.0 / std::sqrt(sums.pairs) : 1.0, sums.pairs};
}

bool noise_smoothed(const core::TiltSeries& series) {
  constexpr double white = -0.8;
  constexpr double margin = 0.06;
  constexpr double beyond_chance = 5.0;
  const NeighbourCorrelation found = high_pass_correlation(series);
  return found.value > white + std::max(margin, beyond_chance * found.chance);
}

} // namespace aet::recon
