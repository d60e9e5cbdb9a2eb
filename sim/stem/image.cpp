#include "sim/stem/image.hpp"

#include "sim/core/error.hpp"
#include "sim/stem/fast_multislice.hpp"
#include "sim/stem/multislice.hpp"
#include "sim/stem/specimen.hpp"

#include <Eigen/Geometry>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace aet::stem {

void require_rotation(const core::Mat3& r, const std::string& what) {
  const double handedness = r.row(0).cross(r.row(1)).dot(r.row(2));
  if ((r * r.transpose() - core::Mat3::Identity()).norm() < 1e-6 && handedness > 0.0) return;
  throw core::ConfigError(
      fmt::format("{} is not a proper rotation: its rows must be orthonormal and right-handed", what));
}

std::vector<float> simulate_pixels(const core::Atoms& atoms, const core::Mat3& orientation, const Scan& scan,
                                   const std::vector<std::size_t>& pixels, const StemOptions& options,
                                   const ImageKey& key, core::Threads threads,
                                   const core::ProgressSink& progress) {
  validate(options);
  validate(scan);
  require_rotation(orientation, "the orientation");
  const auto n = static_cast<std::size_t>(scan.n);
  for (const std::size_t i : pixels) {
    if (i >= n * n) {
      throw core::ConfigError(fmt::format("pixel {} lies outside the scan, whose last is {}", i, n * n - 1));
    }
  }
  std::vector<double> sum(pixels.size(), 0.0);
  const int configurations = options.phonons.configurations;
  for (int c = 0; c < configurations; ++c) {
    const auto specimen = slice_specimen(atoms, orientation, options, key, static_cast<std::uint32_t>(c));
    const auto on_caller = [&](std::size_t done) {
      core::report(progress, {static_cast<double>(done) + static_cast<double>(pixels.size()) * c,
                              static_cast<double>(pixels.size()) * configurations, "probes", ""});
    };
    const auto run = [&](const auto& imager, const auto& value) {
      std::vector<decltype(imager.workspace())> workspaces;
      for (int t = 0; t < threads.count; ++t)
        workspaces.push_back(imager.workspace());
      core::parallel_for(
          pixels.size(), threads,
          [&](std::size_t i, int worker) {
            const auto ix = static_cast<int>(pixels[i] % n);
            const auto iy = static_cast<int>(pixels[i] / n);
            sum[i] += value(ix, iy, workspaces[static_cast<std::size_t>(worker)]);
          },
          on_caller);
    };
    if (options.method == Method::fast) {
      const FastImager imager(specimen, scan, options, threads);
      run(imager, [&](int ix, int iy, auto& w) { return imager.probe(ix, iy, w).annulus; });
    } else {
      const ReferenceImager imager(specimen, scan, options, threads);
      run(imager, [&](int ix, int iy, auto& w) {
        return imager.probe((ix - scan.n / 2) * scan.pixel_a, (iy - scan.n / 2) * scan.pixel_a, w).annulus;
      });
    }
  }
  std::vector<float> out;
  out.reserve(sum.size());
  // The fast method subtracts; over vacuum rounding may leave a value just below zero.
  for (const double s : sum)
    out.push_back(static_cast<float>(std::max(0.0, s / configurations)));
  return out;
}

core::Image simulate_image(const core::Atoms& atoms, const core::Mat3& orientation, const Scan& scan,
                           const StemOptions& options, const ImageKey& key, core::Threads threads,
                           const core::ProgressSink& progress) {
  validate(scan);
  core::Image image(scan.n, scan.n);
  std::vector<std::size_t> all(image.data.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto values = simulate_pixels(atoms, orientation, scan, all, options, key, threads, progress);
  std::copy(values.begin(), values.end(), image.data.begin());
  return image;
}

} // namespace aet::stem
