#include "sim/stem/image.hpp"

#include "sim/core/error.hpp"
#include "sim/stem/checked_settings.hpp"
#include "sim/stem/fast_multislice.hpp"
#include "sim/stem/kinematic.hpp"
#include "sim/stem/multislice.hpp"
#include "sim/stem/specimen.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/Geometry>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

namespace aet::stem {

void require_rotation(const core::Mat3& r, const std::string& what) {
  const double handedness = r.row(0).cross(r.row(1)).dot(r.row(2));
  if ((r * r.transpose() - core::Mat3::Identity()).norm() < 1e-6 && handedness > 0.0) return;
  throw core::ConfigError(
      fmt::format("{} is not a proper rotation: its rows must be orthonormal and right-handed", what));
}

namespace {

struct Defocus {
  double offset = 0.0; ///< [angstrom]
  double weight = 1.0;
};

/// Nodes and weights that average over a normal distribution: eigenvalues of the Jacobi matrix of the Hermite
/// polynomials (Golub & Welsch, Math. Comp. 23, 221 (1969)).
std::vector<Defocus> focal_nodes(const ProbeOptions& probe) {
  if (probe.focal_spread_a <= 0.0) return {Defocus{}};
  const Eigen::Index n = probe.focal_points;
  Eigen::MatrixXd jacobi = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index i = 1; i < n; ++i)
    jacobi(i, i - 1) = jacobi(i - 1, i) = std::sqrt(static_cast<double>(i));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(jacobi);
  std::vector<Defocus> nodes;
  for (Eigen::Index i = 0; i < n; ++i) {
    const double v = solver.eigenvectors()(0, i);
    nodes.push_back({probe.focal_spread_a * solver.eigenvalues()(i), v * v});
  }
  return nodes;
}

std::size_t signal_count(const StemOptions& options) {
  return 1 + options.further.ranges.size() + static_cast<std::size_t>(pattern_bins(options));
}

/// All signals of some pixels: value s of pixel i is [i * signal_count + s].
std::vector<double> probe_signals(const View& view, const std::vector<std::size_t>& pixels,
                                  const StemOptions& options, core::Threads threads,
                                  const core::ProgressSink& progress) {
  const Scan& scan = view.scan;
  validate(options);
  validate(scan);
  require_rotation(view.orientation, "the orientation");
  const auto n = static_cast<std::size_t>(scan.n);
  for (const std::size_t i : pixels) {
    if (i >= n * n) {
      throw core::ConfigError(fmt::format("pixel {} lies outside the scan, whose last is {}", i, n * n - 1));
    }
  }
  const std::size_t count = signal_count(options);
  const StemOptions used = checked_settings(view, options, threads).options;
  std::vector<double> sum(pixels.size() * count, 0.0);
  const std::vector<Defocus> defoci = focal_nodes(options.probe);
  const int configurations = drawn_configurations(options);
  const double passes = static_cast<double>(defoci.size()) * configurations;
  double passed = 0.0;
  for (int c = 0; c < configurations; ++c) {
    const auto specimen = slice_specimen(view.atoms, view.orientation, used, view.key,
                                         view.key.first_configuration + static_cast<std::uint32_t>(c));
    for (const Defocus& defocus : defoci) {
      StemOptions focused = used;
      focused.probe.c1_a += defocus.offset;
      const double weight = defocus.weight / configurations;
      const auto on_caller = [&](std::size_t done) {
        core::report(progress,
                     {(static_cast<double>(done) + static_cast<double>(pixels.size()) * passed) / passes,
                      static_cast<double>(pixels.size()), "probes", ""});
      };
      // Pixels in groups of so many neighbours in the list.
      const auto run = [&](const auto& imager, std::size_t group, const auto& probes) {
        std::vector<decltype(imager.workspace())> workspaces;
        for (int t = 0; t < threads.count; ++t)
          workspaces.push_back(imager.workspace());
        core::parallel_for((pixels.size() + group - 1) / group, threads,
                           [&](std::size_t g, int worker) {
                             const std::span<const std::size_t> some = std::span(pixels).subspan(
                                 g * group, std::min(group, pixels.size() - g * group));
                             const auto results = probes(some, workspaces[static_cast<std::size_t>(worker)]);
                             for (std::size_t i = 0; i < some.size(); ++i) {
                               double* out = &sum[(g * group + i) * count];
                               out[0] += weight * results[i].annulus;
                               for (std::size_t s = 1; s < count; ++s)
                                 out[s] += weight * results[i].further[s - 1];
                             }
                           },
                           [&](std::size_t done) { on_caller(std::min(done * group, pixels.size())); });
      };
      const auto place = [n](std::size_t pixel) {
        return FastImager::ScanPixel{static_cast<int>(pixel % n), static_cast<int>(pixel / n)};
      };
      if (options.method == Method::kinematic) {
        const core::Image image = simulate_kinematic_image(view, focused, KinematicOptions{}, threads);
        for (std::size_t i = 0; i < pixels.size(); ++i)
          sum[i] += weight * static_cast<double>(image.data[pixels[i]]);
      } else if (options.method == Method::fast) {
        const FastImager imager(specimen, scan, focused, threads);
        run(imager, FastImager::together, [&](std::span<const std::size_t> some, auto& workspace) {
          std::vector<FastImager::ScanPixel> places;
          for (const std::size_t pixel : some)
            places.push_back(place(pixel));
          return imager.probes(places, workspace);
        });
      } else {
        const ReferenceImager imager(specimen, scan, focused, threads);
        run(imager, 1, [&](std::span<const std::size_t> one, auto& workspace) {
          const auto [ix, iy] = place(one.front());
          return std::array{
              imager.probe((ix - scan.n / 2) * scan.pixel_a, (iy - scan.n / 2) * scan.pixel_a, workspace)};
        });
      }
      passed += 1.0;
    }
  }
  // The fast method subtracts; over vacuum rounding may leave a value just below zero.
  for (double& value : sum)
    value = std::max(0.0, value);
  return sum;
}

std::vector<std::size_t> all_pixels(const Scan& scan) {
  std::vector<std::size_t> all(static_cast<std::size_t>(scan.n) * static_cast<std::size_t>(scan.n));
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

} // namespace

std::vector<float> simulate_pixels(const View& view, const std::vector<std::size_t>& pixels,
                                   const StemOptions& options, core::Threads threads,
                                   const core::ProgressSink& progress) {
  StemOptions annulus_only = options;
  annulus_only.further = {};
  const auto values = probe_signals(view, pixels, annulus_only, threads, progress);
  return {values.begin(), values.end()};
}

core::Image simulate_image(const View& view, const StemOptions& options, core::Threads threads,
                           const core::ProgressSink& progress) {
  validate(view.scan);
  core::Image image(view.scan.n, view.scan.n);
  const auto values = simulate_pixels(view, all_pixels(view.scan), options, threads, progress);
  std::copy(values.begin(), values.end(), image.data.begin());
  return image;
}

Signals simulate_signals(const View& view, const StemOptions& options, core::Threads threads,
                         const core::ProgressSink& progress) {
  validate(options);
  validate(view.scan);
  const auto values = probe_signals(view, all_pixels(view.scan), options, threads, progress);
  const std::size_t count = signal_count(options);
  const auto image = [&](std::size_t s) {
    core::Image out(view.scan.n, view.scan.n);
    for (std::size_t i = 0; i < out.data.size(); ++i)
      out.data[i] = static_cast<float>(values[i * count + s]);
    return out;
  };
  Signals signals{image(0), {}, {}};
  for (std::size_t s = 1; s < count; ++s)
    (s <= options.further.ranges.size() ? signals.ranges : signals.pattern).push_back(image(s));
  return signals;
}

} // namespace aet::stem
