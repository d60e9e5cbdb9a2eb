#include "validation/score/uncertainty.hpp"

#include "sim/core/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace aet::validation {

namespace {

/// One of n, at random: 32 random bits scaled to [0, n), uneven by less than n / 2^32.
std::size_t draw(core::RandomStream& random, std::size_t n) {
  return (static_cast<std::uint64_t>(random()) * n) >> 32U;
}

Interval percentiles(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto above = std::min(below + 1, values.size() - 1);
    const double part = place - static_cast<double>(below);
    return (1.0 - part) * values[below] + part * values[above];
  };
  return {at(0.025), at(0.975)};
}

} // namespace

Interval bootstrap_rms(const std::vector<double>& squares, int resamples, std::uint64_t seed) {
  std::vector<double> replicates;
  for (int b = 0; b < resamples; ++b) {
    core::RandomStream random(seed, "score.bootstrap", {static_cast<std::uint32_t>(b)});
    double sum = 0.0;
    for (std::size_t i = 0; i < squares.size(); ++i)
      sum += squares[draw(random, squares.size())];
    replicates.push_back(std::sqrt(sum / static_cast<double>(squares.size())));
  }
  return percentiles(std::move(replicates));
}

ErrorIntervals bootstrap_errors(const std::vector<double>& squares_x, const std::vector<double>& squares_y,
                                const std::vector<double>& squares_z, int resamples, std::uint64_t seed) {
  const std::size_t n = squares_x.size();
  std::array<std::vector<double>, 5> replicates;
  std::vector<double> drawn(n);
  for (int b = 0; b < resamples; ++b) {
    core::RandomStream random(seed, "score.bootstrap", {static_cast<std::uint32_t>(b)});
    double x = 0.0;
    double y = 0.0;
    double z = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t k = draw(random, n);
      x += squares_x[k];
      y += squares_y[k];
      z += squares_z[k];
      drawn[i] = squares_x[k] + squares_y[k] + squares_z[k];
    }
    const auto count = static_cast<double>(n);
    const auto middle = drawn.begin() + static_cast<std::ptrdiff_t>(n / 2);
    std::nth_element(drawn.begin(), middle, drawn.end());
    const std::array<double, 5> values{std::sqrt((x + y + z) / count), std::sqrt(x / count),
                                       std::sqrt(y / count), std::sqrt(z / count), std::sqrt(*middle)};
    for (std::size_t k = 0; k < values.size(); ++k)
      replicates[k].push_back(values[k]);
  }
  return {percentiles(replicates[0]), percentiles(replicates[1]), percentiles(replicates[2]),
          percentiles(replicates[3]), percentiles(replicates[4])};
}

} // namespace aet::validation
