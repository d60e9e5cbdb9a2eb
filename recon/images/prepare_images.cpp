#include "recon/images/prepare_images.hpp"

#include "recon/images/find_axis.hpp"
#include "recon/images/image_list.hpp"
#include "recon/images/series_noise.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <utility>

namespace aet::recon {

namespace {

using core::Image;

void check_options(const ImageOptions& options) {
  if (!(options.saturated_part >= 0.0 && options.saturated_part <= 1.0)) {
    throw core::ConfigError(fmt::format("saturated_part is {}; allowed is 0 to 1.", options.saturated_part));
  }
}

void check_image(const Image& image, std::size_t number, double saturated_part) {
  const auto [low, high] = std::minmax_element(image.data.begin(), image.data.end());
  if (*low == *high) {
    throw core::DataError(*high == 0.0F ? fmt::format("tilt series: image {} is zero everywhere; leave it "
                                                      "out (aetval prepare --images, [prepare] images).",
                                                      number)
                                        : fmt::format("tilt series: image {} is {} everywhere; leave it out "
                                                      "(aetval prepare --images, [prepare] images).",
                                                      number, static_cast<double>(*high)));
  }
  const float top = *high;
  const auto count = std::count(image.data.begin(), image.data.end(), top);
  // In images of few grey levels many pixels share the largest value, but more have the one below it; cut-off
  // values pile up.
  float below = *low;
  for (const float v : image.data) {
    if (v < top) below = std::max(below, v);
  }
  constexpr std::ptrdiff_t pile = 3;
  const auto next = std::count(image.data.begin(), image.data.end(), below);
  if (count > pile * next &&
      static_cast<double>(count) > saturated_part * static_cast<double>(image.data.size())) {
    throw core::DataError(fmt::format(
        "tilt series: image {} is saturated: {} of its {} pixels have its largest value, {}; record it with "
        "less gain or leave it out (aetval prepare --images, [prepare] images).",
        number, count, image.data.size(), static_cast<double>(top)));
  }
}

bool same_orientation(const core::Mat3& a, const core::Mat3& b) {
  constexpr double same = 1e-4 * core::radian_per_degree; // far below any goniometer
  return core::rotation_angle_between(a, b) < same;
}

/// First image of each run of images with one orientation; ends with the number of images.
std::vector<std::size_t> runs_of(const core::TiltSeries& series) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 1; i < series.size(); ++i) {
    if (!same_orientation(series.orientations[i - 1], series.orientations[i])) starts.push_back(i);
  }
  starts.push_back(series.size());
  return starts;
}

bool mostly_several(const std::vector<std::size_t>& runs) {
  std::size_t several = 0;
  for (std::size_t r = 0; r + 1 < runs.size(); ++r)
    several += runs[r + 1] - runs[r] > 1 ? 1 : 0;
  return 2 * several > runs.size() - 1;
}

/// First image of each tilt: exposures together where there are any, else image by image.
std::vector<std::size_t> tilts_of(const core::TiltSeries& series, const ImageOptions& options) {
  std::vector<std::size_t> runs = runs_of(series);
  if (options.average_exposures && mostly_several(runs)) return runs;
  runs.resize(series.size() + 1);
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs[i] = i;
  return runs;
}

void mask_hot(PreparedImages& prepared, const ImageOptions& options, core::Threads threads) {
  if (!options.hot_pixels) return;
  prepared.hot_pixels = mask_hot_pixels(prepared.series, options.hot, threads);
  if (prepared.hot_pixels == 0) return;
  prepared.notes.push_back(fmt::format(
      "Hot pixels: {} of {} replaced by the median of their neighbours, and masked: they count for nothing "
      "where atoms are refined.",
      prepared.hot_pixels, prepared.series.size() * prepared.series.images.front().data.size()));
}

void crop_and_bin(PreparedImages& prepared, const ImageOptions& options) {
  core::TiltSeries& series = prepared.series;
  if (options.crop) series = cropped(std::move(series), *options.crop);
  if (options.bin != 1) series = binned(std::move(series), options.bin);
  if (!options.crop || options.axis.position_px || options.axis.find) return;
  const double off = shift_of(series, 0).norm() / series.pixel_size;
  if (off < 1.0) return;
  prepared.notes.push_back(fmt::format(
      "The rotation centre lies {:.1f} pixels off the middle of what was cropped, in image 0: it stays where "
      "it was, "
      "which is the middle of the images unless they say otherwise. Where it is not known, find it with "
      "--tilt-axis automatic.",
      off));
}

/// The angle comes last: the axis is found from tilts about y.
void place_axis(PreparedImages& prepared, const AxisPlacement& axis, core::Threads threads) {
  core::TiltSeries& series = prepared.series;
  double angle_deg = axis.angle_deg.value_or(0.0);
  if (axis.find) {
    FoundAxis found = find_axis(series, axis.angle_deg, threads);
    angle_deg = found.angle_deg;
    if (!axis.position_px) series.shifts.assign(series.size(), found.position_a);
    std::move(found.notes.begin(), found.notes.end(), std::back_inserter(prepared.notes));
  }
  series = with_axis_angle(std::move(series), angle_deg);
}

void describe_exposures(PreparedImages& prepared, const std::vector<ExposureShifts>& shifts,
                        const DriftModel& model, const std::vector<RegisteredExposures>& tilts,
                        const RegisterOptions& options) {
  double largest = 0.0;
  double drift = 0.0;
  std::size_t corrected = 0;
  for (std::size_t t = 0; t < tilts.size(); ++t) {
    for (const Vec2& s : shifts[t].shifts)
      largest = std::max(largest, s.norm());
    corrected += tilts[t].drift_corrected ? 1 : 0;
    for (const Vec2& speed : tilts[t].drift)
      drift = std::max(drift, speed.norm());
  }
  prepared.notes.push_back(fmt::format("Exposures: {} registered and averaged to {} images; shifts up to "
                                       "{:.2f} pixels, known to {:.3f} pixels a pair.",
                                       prepared.exposures, tilts.size(), largest,
                                       std::sqrt(model.pair_variance)));
  if (corrected > 0) {
    prepared.notes.push_back(
        fmt::format("Drift within exposures taken out in {} of {} tilts, up to {:.2f} pixels an exposure.",
                    corrected, tilts.size(), drift));
  }
  if (!options.scan_matrix.isIdentity(0.0)) {
    prepared.notes.emplace_back("Scan distortion taken out with the affine matrix given.");
  }
}

template <class T> std::vector<T> slice(const std::vector<T>& list, std::size_t begin, std::size_t end) {
  if (list.empty()) return {};
  return {list.begin() + static_cast<std::ptrdiff_t>(begin), list.begin() + static_cast<std::ptrdiff_t>(end)};
}

void average(PreparedImages& prepared, const ImageOptions& options, core::Threads threads) {
  core::TiltSeries& series = prepared.series;
  const std::vector<std::size_t> starts = tilts_of(series, options);
  const std::size_t tilts = starts.size() - 1;
  const bool distorted = !options.registration.scan_matrix.isIdentity(0.0);
  if (tilts == series.size() && !distorted) return;
  std::vector<ExposureShifts> shifts(tilts);
  core::parallel_for(tilts, threads, [&](std::size_t t, int /*worker*/) {
    shifts[t] = find_exposure_shifts(slice(series.images, starts[t], starts[t + 1]), options.registration);
  });
  const DriftModel model = drift_model(shifts);
  std::vector<RegisteredExposures> registered(tilts);
  core::parallel_for(tilts, threads, [&](std::size_t t, int /*worker*/) {
    registered[t] = average_exposures(slice(series.images, starts[t], starts[t + 1]), shifts[t], model,
                                      options.registration, slice(series.masked, starts[t], starts[t + 1]));
  });
  const std::vector<std::size_t> first(starts.begin(), starts.end() - 1);
  core::TiltSeries averaged = part_of(series, first);
  averaged.exposures.assign(tilts, 0);
  averaged.masked.assign(tilts, {});
  for (std::size_t t = 0; t < tilts; ++t) {
    averaged.images[t] = registered[t].average;
    averaged.masked[t] = registered[t].masked;
    for (std::size_t i = starts[t]; i < starts[t + 1]; ++i)
      averaged.exposures[t] += exposures_of(series, i);
  }
  series = std::move(averaged);
  describe_exposures(prepared, shifts, model, registered, options.registration);
}

} // namespace

int mask_hot_pixels(core::TiltSeries& series, const HotPixelOptions& options, core::Threads threads) {
  const SeriesNoise noise = find_noise(series).value_or(SeriesNoise{});
  series.masked.resize(series.size());
  std::vector<int> counts(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int /*worker*/) {
    const std::vector<std::uint32_t> hot =
        replace_hot_pixels(series.images[t], noise.exposure.of_mean(exposures_of(series, t)), options);
    counts[t] = static_cast<int>(hot.size());
    std::vector<std::uint32_t> all;
    std::set_union(series.masked[t].begin(), series.masked[t].end(), hot.begin(), hot.end(),
                   std::back_inserter(all));
    series.masked[t] = std::move(all);
  });
  return std::accumulate(counts.begin(), counts.end(), 0);
}

int count_hot_pixels(const core::TiltSeries& series, const HotPixelOptions& options, core::Threads threads) {
  const SeriesNoise noise = find_noise(series).value_or(SeriesNoise{});
  std::vector<int> counts(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int /*worker*/) {
    counts[t] = static_cast<int>(
        find_hot_pixels(series.images[t], noise.exposure.of_mean(exposures_of(series, t)), options).size());
  });
  return std::accumulate(counts.begin(), counts.end(), 0);
}

bool has_exposures(const core::TiltSeries& series) {
  return mostly_several(runs_of(series));
}

PreparedImages prepare_images(core::TiltSeries series, const ImageOptions& options, core::Threads threads) {
  check_options(options);
  core::validate(series, "tilt series");
  if (!options.images.empty()) series = part_of(series, image_list(options.images, series.size()));
  for (std::size_t i = 0; i < series.size(); ++i)
    check_image(series.images[i], i, options.saturated_part);
  PreparedImages prepared;
  prepared.series = std::move(series);
  prepared.exposures = static_cast<int>(prepared.series.size());
  if (const auto noise = find_noise(prepared.series); noise && noise->exposure.gain > 0.0)
    record_noise(prepared.series, *noise);
  const AxisPlacement& axis = options.axis;
  if (axis.position_px) prepared.series = with_axis_position(std::move(prepared.series), *axis.position_px);
  mask_hot(prepared, options, threads);
  crop_and_bin(prepared, options);
  average(prepared, options, threads);
  if (options.pad > 0) prepared.series = padded(std::move(prepared.series), options.pad);
  place_axis(prepared, axis, threads);
  return prepared;
}

} // namespace aet::recon
