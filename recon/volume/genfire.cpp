#include "recon/volume/genfire.hpp"

#include "recon/volume/descent.hpp"
#include "recon/volume/quadratic.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace aet::recon {

namespace {

void check(const GenfireOptions& options) {
  if (!(options.oversampling >= 1.0 && options.oversampling <= 8.0)) {
    throw core::ConfigError(
        fmt::format("oversampling must lie in [1, 8]; it is {} (usual: 3 or 4).", options.oversampling));
  }
  if (options.schedule != ResolutionSchedule::off &&
      (options.schedule_steps < 2 || options.schedule_steps > 100)) {
    throw core::ConfigError(
        fmt::format("a resolution schedule has 2 to 100 steps; {} were asked for.", options.schedule_steps));
  }
  if (options.memory_limit_bytes < 0.0) {
    throw core::ConfigError(
        fmt::format("the memory limit must not be negative; it is {} bytes.", options.memory_limit_bytes));
  }
}

constexpr double gigabyte = 1e9;

void check_memory(int n, int tilts, const GenfireOptions& options) {
  if (options.memory_limit_bytes == 0.0) return;
  const double needed = predicted_cost(n, tilts, options).bytes;
  if (needed <= options.memory_limit_bytes) return;
  GenfireOptions smaller = options;
  while (smaller.oversampling > 1.0) {
    smaller.oversampling = std::max(1.0, smaller.oversampling - 0.25);
    if (predicted_cost(n, tilts, smaller).bytes <= options.memory_limit_bytes) {
      throw core::ConfigError(fmt::format("oversampling {} of {}-pixel images needs {:.3g} GB but {:.3g} GB "
                                          "are allowed; oversampling {} would fit.",
                                          options.oversampling, n, needed / gigabyte,
                                          options.memory_limit_bytes / gigabyte, smaller.oversampling));
    }
  }
  throw core::ConfigError(
      fmt::format("{}-pixel images need {:.3g} GB but {:.3g} GB are allowed; no oversampling "
                  "fits: crop or bin the images.",
                  n, needed / gigabyte, options.memory_limit_bytes / gigabyte));
}

/// Which of the resolution steps (1 ... steps) an iteration enforces.
int scheduled_step(int iteration, const GenfireOptions& options) {
  const int steps = options.schedule_steps;
  const int half = std::max(1, options.iterations / 2);
  const auto rising = [&](int i, int length) { return std::min(steps, 1 + i * steps / length); };
  if (options.schedule == ResolutionSchedule::extension) return rising(iteration, options.iterations);
  if (iteration < half) return rising(iteration, half);
  return steps + 1 - rising(iteration - half, std::max(1, options.iterations - half));
}

/// The hook that changes the fitted data as the schedule says; empty if there is none.
Schedule schedule_of(const GriddedSpectrum& spectrum, const GenfireOptions& options, core::Threads threads) {
  if (options.schedule == ResolutionSchedule::off) return {};
  return [&spectrum, &options, threads, now = options.schedule_steps](
             int iteration, Problem& problem, const core::AlignedVector<float>&) mutable {
    const int step = scheduled_step(iteration, options);
    if (step == now) return;
    now = step;
    refit_within(problem, spectrum, spectrum.largest_radius * step / options.schedule_steps * (1.0 + 1e-9),
                 threads);
  };
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

} // namespace

int padded_size(int n, double oversampling) {
  return core::good_fft_size(static_cast<int>(std::ceil(oversampling * n - 1e-6)));
}

VolumeResult reconstruct(const core::TiltSeries& series, const GenfireOptions& options, core::Threads threads,
                         const core::ProgressSink& progress, DescentControl control) {
  check(options);
  Projections prepared = make_projections(series, options.prepare);
  const int n = prepared.n;
  check_memory(n, static_cast<int>(series.size()), options);
  const core::AlignedVector<float> support = support_of(prepared, options.support, threads);

  const GriddingOptions gridding{padded_size(n, options.oversampling), options.threshold, options.gridding,
                                 options.withheld_fraction, options.seed};
  const GriddedSpectrum spectrum =
      grid_projections(prepared.images, prepared.orientations, gridding, threads);

  VolumeResult result;
  result.notes = std::move(prepared.notes);
  const double size = gridding.size;
  result.counts = {gridding.size, size * size * size, sum(spectrum.shell_enforced),
                   sum(spectrum.shell_withheld)};
  {
    Problem problem = gridded_problem(spectrum, threads);
    const DescentOptions descent{options.iterations,  1.0,
                                 options.momentum,    options.positivity,
                                 options.stop_change, options.stop_patience};
    DescentResult done = descend(problem, support, descent, threads, progress,
                                 schedule_of(spectrum, options, threads), std::move(control));
    result.r_k = std::move(done.r_fitted);
    result.r_free = std::move(done.r_withheld);
    result.iterations = done.iterations;
    result.notes.push_back(fmt::format("GENFIRE: {}.", done.stopped));
    result.volume = core::Volume(n, n, n, prepared.pixel_size);
    result.volume.data = std::move(done.volume);
  }
  const GridResiduals residuals = grid_residuals(spectrum, result.volume.data.data(), threads);
  result.r1_k = residuals.enforced;
  result.r1_magnitude = residuals.enforced_magnitude;
  result.r1_free = residuals.withheld;
  return result;
}

} // namespace aet::recon
