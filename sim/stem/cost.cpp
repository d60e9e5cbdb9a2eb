#include "sim/stem/cost.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/checked_settings.hpp"
#include "sim/stem/fast_multislice.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/kinematic.hpp"
#include "sim/stem/multislice.hpp"
#include "sim/stem/specimen.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace aet::stem {

namespace {

// Calibrated with tests/bench/stem_bench.cpp.
constexpr double seconds_per_filter_sample = 0.22e-9; ///< x samples x (half width + 2)
constexpr double seconds_per_fft_sample =
    0.55e-9; ///< x samples x log2(samples), one transform with its products
constexpr double seconds_per_count_sample = 4e-9; ///< decimation and transform of the exit wave
constexpr double seconds_per_exact_atom = 25e-6;  ///< an atom near a probe's axis, at its exact depth
constexpr double seconds_per_field_sample = 3e-9; ///< transmission functions
constexpr double seconds_per_element = 0.06;      ///< one atom template
constexpr double bytes_per_complex = 8.0;

struct Geometry {
  std::size_t near = 0;     ///< probes to propagate
  double field_samples = 0; ///< fast method: samples of one transmission function
  double half_extent = 0.0; ///< of atoms and probes [angstrom]
};

Geometry measure(const SlicedSpecimen& specimen, const TiltSeriesOptions& options) {
  Geometry out;
  const Scan& scan = options.scan;
  out.half_extent = 0.5 * scan.n * scan.pixel_a;
  for (const auto& slice : specimen.slices) {
    for (const auto& atom : slice) {
      out.half_extent = std::max({out.half_extent, std::abs(atom.x), std::abs(atom.y)});
    }
  }
  if (options.stem.method != Method::fast) return out;
  const auto kinds = classify_probes(specimen, scan, options.stem.fast);
  int min_x = scan.n;
  int max_x = 0;
  int min_y = scan.n;
  int max_y = 0;
  for (int iy = 0; iy < scan.n; ++iy) {
    for (int ix = 0; ix < scan.n; ++ix) {
      if (kinds[static_cast<std::size_t>(iy * scan.n + ix)] != ProbeKind::multislice) continue;
      ++out.near;
      min_x = std::min(min_x, ix);
      max_x = std::max(max_x, ix);
      min_y = std::min(min_y, iy);
      max_y = std::max(max_y, iy);
    }
  }
  const FastGrid grid = fast_grid(scan, options.stem.fast);
  const auto samples = [&grid](int from, int to) {
    return static_cast<double>(std::max(0, to - from) * grid.pixels_a_step + grid.window);
  };
  out.field_samples = samples(min_x, max_x) * samples(min_y, max_y);
  return out;
}

} // namespace

PredictedCost predicted_cost(const core::Atoms& atoms, const TiltSeriesOptions& series,
                             core::Threads threads) {
  validate(series);
  PredictedCost cost;
  const int configurations = drawn_configurations(series.stem);
  for (std::size_t tilt = 0; tilt < series.orientations.size(); ++tilt) {
    const ImageKey key{series.seed, series.frame, static_cast<std::uint32_t>(tilt)};
    TiltSeriesOptions options = series;
    options.stem =
        checked_settings({atoms, series.orientations[tilt], series.scan, key}, series.stem, threads).options;
    const auto specimen = slice_specimen(atoms, options.orientations[tilt], options.stem, key, 0);
    const Geometry geometry = measure(specimen, options);
    const auto slices = static_cast<double>(specimen.slices.size());
    double seconds = 0.0;
    double bytes = 0.0;
    if (options.stem.method == Method::kinematic) {
      constexpr double depths = 4.0; // against one depth of focus
      seconds = depths * predicted_kinematic_seconds(atoms.size(), options.scan, options.stem);
      bytes = bytes_per_complex * 4.0 * static_cast<double>(square(options.scan.n));
    } else if (options.stem.method == Method::fast) {
      const FastGrid grid = fast_grid(options.scan, options.stem.fast);
      const auto window = static_cast<double>(square(grid.window));
      const FresnelSteps steps = slice_propagation(grid, specimen.thickness, options.stem);
      const double per_slice = seconds_per_filter_sample * steps.repeats * (steps.filter.half_width() + 2.0);
      cost.probes += geometry.near * static_cast<std::size_t>(configurations);
      seconds =
          static_cast<double>(geometry.near) * window * (slices * per_slice + seconds_per_count_sample) +
          slices * geometry.field_samples * seconds_per_field_sample + seconds_per_element;
      // Each atom is near the axis of the probes around it.
      const double reach = options.stem.fast.exact_depth_a / options.scan.pixel_a;
      seconds += static_cast<double>(atoms.size()) * core::pi * reach * reach * seconds_per_exact_atom;
      // The average arrives at each followed atom once and follows what it scatters diffusely, for two
      // displacements, on to the exit face: 1.5 passes for one atom in four.
      constexpr double whole_passes = 1.5 / 4.0;
      if (options.stem.phonons.sampling == PhononSampling::average)
        seconds += whole_passes * static_cast<double>(atoms.size()) * window * slices * per_slice;
      bytes = bytes_per_complex * slices * (geometry.field_samples + window);
    } else {
      const ReferenceGrid grid = reference_grid(geometry.half_extent, options.stem);
      const auto window = static_cast<double>(square(grid.n_window));
      const auto cell = static_cast<double>(square(grid.n_cell));
      const auto oversampling = static_cast<double>(std::max(1, options.stem.reference.oversampling));
      const double fine = cell * oversampling * oversampling;
      const auto pixels = square(options.scan.n);
      cost.probes += pixels * static_cast<std::size_t>(configurations);
      seconds =
          static_cast<double>(pixels) * 2.0 * slices * window * std::log2(window) * seconds_per_fft_sample +
          slices * 2.0 * fine * std::log2(fine) * seconds_per_fft_sample;
      bytes = bytes_per_complex * (slices * cell + threads.count * (window + fine));
    }
    if (options.stem.probe.focal_spread_a > 0.0) seconds *= options.stem.probe.focal_points;
    cost.cpu_seconds += configurations * seconds;
    cost.memory_bytes = std::max(cost.memory_bytes, bytes);
  }
  return cost;
}

void require_memory(const core::Atoms& atoms, const TiltSeriesOptions& options, core::Threads threads,
                    double available_bytes) {
  const double needed = predicted_cost(atoms, options, threads).memory_bytes;
  if (needed <= available_bytes) return;
  constexpr double gb = 1e9;
  // Everything held grows as the area of the field over that of a pixel.
  const double factor = std::sqrt(available_bytes / needed);
  const int pixels = std::max(2, 2 * static_cast<int>(0.5 * factor * options.scan.n));
  std::string advice = fmt::format("a field of at most {} pixels", pixels);
  if (options.stem.method == Method::multislice) {
    const double sampling = sampling_needed(options.stem.probe, options.stem.detector);
    const double current =
        options.stem.reference.pixel_a > 0.0 ? options.stem.reference.pixel_a : 0.7 * sampling;
    if (current / factor <= sampling)
      advice += fmt::format(", multislice.pixel_a = {:.4f}", std::ceil(1e4 * current / factor) * 1e-4);
    advice += ", or method = fast";
  }
  throw core::ConfigError(
      fmt::format("images of {} x {} pixels of {} A by method = {} need {:.1f} GB of memory, "
                  "but {:.1f} GB are available: use {}",
                  options.scan.n, options.scan.n, options.scan.pixel_a, method_name(options.stem.method),
                  needed / gb, available_bytes / gb, advice));
}

} // namespace aet::stem
