// Seconds and memory of GENFIRE against the size of the images.
#include "recon/volume/genfire.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "tests/bench/genfire_parts.hpp"
#include "tests/bench/process_usage.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <sstream>
#include <vector>

namespace aet::bench {

namespace {

constexpr int tilts = 41;
constexpr int iterations = 20;

/// Projections of Gaussian atoms strewn over a sphere, as many as fill it in a metal at 0.4 A a pixel.
core::TiltSeries series_of_size(int n) {
  constexpr double sd = 1.5; // [pixel]
  const double radius = 0.4 * n;
  const int atoms = static_cast<int>(0.004 * 4.0 / 3.0 * core::pi * radius * radius * radius);
  core::RandomStream random(1, "scaling");
  std::vector<core::Vec3> places;
  while (static_cast<int>(places.size()) < atoms) {
    const core::Vec3 place(random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5);
    if (place.norm() < 0.5) places.emplace_back(2.0 * radius * place);
  }
  core::TiltSeries series;
  series.pixel_size = 0.4;
  for (int j = 0; j < tilts; ++j) {
    series.orientations.push_back(
        core::tilt_rotation((-70.0 + 140.0 * j / (tilts - 1)) * core::radian_per_degree));
    core::Image image(n, n);
    for (const core::Vec3& place : places) {
      const core::Vec3 there = series.orientations.back() * place;
      const int cx = static_cast<int>(std::lround(there.x()));
      const int cy = static_cast<int>(std::lround(there.y()));
      for (int dy = -6; dy <= 6; ++dy) {
        for (int dx = -6; dx <= 6; ++dx) {
          const double square = std::pow(cx + dx - there.x(), 2) + std::pow(cy + dy - there.y(), 2);
          image.at(cx + dx + n / 2, cy + dy + n / 2) +=
              static_cast<float>(std::exp(-square / (2.0 * sd * sd)));
        }
      }
    }
    series.images.push_back(std::move(image));
  }
  return series;
}

/// "CPU seconds, peak bytes" of a reconstruction in this process.
std::string measured(int n) {
  recon::GenfireOptions options;
  options.oversampling = 2.0;
  options.iterations = iterations;
  const core::TiltSeries series = series_of_size(n);
  const double before = peak_bytes();
  const double seconds = timed([&] { (void)recon::reconstruct(series, options, {1}); });
  return fmt::format("{} {}", seconds, peak_bytes() - before);
}

} // namespace

std::string scaling_part(const std::filesystem::path& /*reference*/) {
  constexpr std::array<int, 3> sizes{128, 192, 256};
  std::string rows;
  // Straight line through (log n, log seconds), for the exponent, and the mean of seconds / (M^3 log2 M).
  double sx = 0.0;
  double sy = 0.0;
  double sxx = 0.0;
  double sxy = 0.0;
  double rate = 0.0;
  for (const int n : sizes) {
    std::istringstream numbers(in_own_process("scaling", [n] { return measured(n); }));
    double seconds = 0.0;
    double bytes = 0.0;
    numbers >> seconds >> bytes;
    const double voxels = std::pow(recon::padded_size(n, 2.0), 3);
    rows += fmt::format(
        R"({}{{"pixels": {}, "padded": {}, "cpu_s": {:.2f}, "gb": {:.3f}, "bytes_per_voxel": {:.2f}}})",
        rows.empty() ? "" : ", ", n, recon::padded_size(n, 2.0), seconds, bytes / 1e9, bytes / voxels);
    sx += std::log(n);
    sy += std::log(seconds);
    sxx += std::log(n) * std::log(n);
    sxy += std::log(n) * std::log(seconds);
    rate += seconds / (voxels * std::log2(voxels) / 3.0) / static_cast<double>(sizes.size());
  }
  const auto count = static_cast<double>(sizes.size());
  const double exponent = (count * sxy - sx * sy) / (count * sxx - sx * sx);
  return fmt::format(
      R"("scaling": {{"oversampling": 2, "tilts": {}, "iterations": {}, "sizes": [{}], "cpu_s_exponent": {:.2f}, "cpu_ns_per_voxel_and_log2_edge": {:.2f}}})",
      tilts, iterations, rows, exponent, 1e9 * rate);
}

} // namespace aet::bench
