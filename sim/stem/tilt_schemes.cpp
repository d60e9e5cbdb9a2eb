#include "sim/stem/tilt_schemes.hpp"

#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::stem {

std::vector<double> tilts_by_count(double first_deg, double last_deg, int count) {
  if (count == 1 && first_deg == last_deg) return {first_deg};
  if (count < 2 || !(last_deg > first_deg)) {
    throw core::ConfigError(
        fmt::format("{} tilts from {} to {} degrees are no range: the last must be above the "
                    "first, and at least 2 are needed",
                    count, first_deg, last_deg));
  }
  std::vector<double> out;
  for (int i = 0; i < count; ++i)
    out.push_back(first_deg + (last_deg - first_deg) * i / (count - 1));
  return out;
}

std::vector<double> tilts_by_step(double first_deg, double last_deg, double step_deg) {
  constexpr double most = 3600.0;
  if (!(step_deg > 0.0) || !(last_deg >= first_deg) || (last_deg - first_deg) / step_deg >= most) {
    throw core::ConfigError(
        fmt::format("tilts from {} to {} degrees in steps of {}: the step must be positive, the "
                    "last not below the first, and {} tilts the most",
                    first_deg, last_deg, step_deg, most));
  }
  const int steps = static_cast<int>((last_deg - first_deg) / step_deg + 1e-6);
  std::vector<double> out;
  for (int i = 0; i <= steps; ++i)
    out.push_back(first_deg + step_deg * i);
  return out;
}

std::vector<double> tilts_by_cosine(double first_deg, double last_deg, int count) {
  constexpr double steepest = 85.0; // at 90 degrees the steps would vanish
  if (!(first_deg >= -steepest && last_deg <= steepest && first_deg < last_deg) || count < 2) {
    throw core::ConfigError(
        fmt::format("{} tilts from {} to {} degrees with steps as the cosine: allowed are at "
                    "least 2 between -85 and 85 degrees",
                    count, first_deg, last_deg));
  }
  // d(angle) = c cos(angle) d(i) is equal steps of asinh(tan(angle)).
  const double from = std::asinh(std::tan(first_deg * core::radian_per_degree));
  const double to = std::asinh(std::tan(last_deg * core::radian_per_degree));
  std::vector<double> out;
  for (int i = 0; i < count; ++i)
    out.push_back(std::atan(std::sinh(from + (to - from) * i / (count - 1))) / core::radian_per_degree);
  out.front() = first_deg;
  out.back() = last_deg;
  return out;
}

std::vector<double> full_turn_tilts(int count) {
  if (count < 1) throw core::ConfigError(fmt::format("a full turn in {} tilts: at least 1 is needed", count));
  std::vector<double> out;
  for (int i = 0; i < count; ++i)
    out.push_back(360.0 * i / count);
  return out;
}

std::vector<double> jittered(std::vector<double> angles_deg, double sd_deg, std::uint64_t seed) {
  core::RandomStream random(seed, "tilt_jitter");
  const std::vector<double> exact = angles_deg;
  for (std::size_t i = 1; i + 1 < exact.size(); ++i) {
    const double room = 0.45 * std::min(exact[i] - exact[i - 1], exact[i + 1] - exact[i]);
    angles_deg[i] += std::clamp(sd_deg * random.normal(), -room, room);
  }
  return angles_deg;
}

const std::vector<PublishedTilts>& published_tilts() {
  static const std::vector<PublishedTilts> series{
      {"zhou2019", -62.3, 63.1, 52, "Zhou et al., Nature 570, 500 (2019), Extended Data Table 1, series 3"},
      {"yang2017", -65.6, 64.0, 68, "Yang et al., Nature 542, 75 (2017), doi:10.1038/nature21042"}};
  return series;
}

} // namespace aet::stem
