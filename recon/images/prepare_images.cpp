#include "recon/images/prepare_images.hpp"

#include "recon/images/denoise.hpp"
#include "recon/images/gaussian.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

namespace aet::recon {

namespace {

using core::Image;

void check_options(const ImageOptions& options) {
  validate(options.bm3d);
  constexpr double widest = 10.0;
  if (!(options.gaussian_a >= 0.0 && options.gaussian_a <= widest)) {
    throw core::ConfigError(
        fmt::format("the Gaussian's width is {} A; allowed is 0 to {} (0: chosen from the "
                    "images).",
                    options.gaussian_a, widest));
  }
  if (!(options.saturated_part >= 0.0 && options.saturated_part <= 1.0)) {
    throw core::ConfigError(fmt::format("saturated_part is {}; allowed is 0 to 1.", options.saturated_part));
  }
}

void check_image(const Image& image, std::size_t number, double saturated_part) {
  const auto [low, high] = std::minmax_element(image.data.begin(), image.data.end());
  if (*low == *high) {
    throw core::DataError(
        *high == 0.0F
            ? fmt::format("tilt series: image {} is zero everywhere; leave it and its angle out.", number)
            : fmt::format("tilt series: image {} is {} everywhere; leave it and its angle out.", number,
                          static_cast<double>(*high)));
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
        "less gain or leave it and its angle out.",
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

/// Frames by frames if most tilts have several, else image by image.
std::vector<std::size_t> frames_of(const core::TiltSeries& series, const ImageOptions& options) {
  std::vector<std::size_t> runs = runs_of(series);
  std::size_t several = 0;
  for (std::size_t r = 0; r + 1 < runs.size(); ++r)
    several += runs[r + 1] - runs[r] > 1 ? 1 : 0;
  if (options.average_frames && 2 * several > runs.size() - 1) return runs;
  runs.resize(series.size() + 1);
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs[i] = i;
  return runs;
}

/// From the detector's record if there is one, else from the images.
NoiseModel noise_of(const core::TiltSeries& series) {
  const core::Microscope& m = series.microscope;
  if (m.gain && *m.gain > 0.0) {
    const double sd = m.readout_sd.value_or(0.0);
    return {*m.gain, m.readout_mean.value_or(0.0), sd * sd};
  }
  return estimate_noise(series.images, m.readout_mean.value_or(0.0));
}

void replace_hot(PreparedImages& prepared, const ImageOptions& options) {
  if (!options.hot_pixels) return;
  const NoiseModel noise = noise_of(prepared.series);
  for (Image& image : prepared.series.images)
    prepared.hot_pixels += replace_hot_pixels(image, noise, options.hot);
  if (prepared.hot_pixels > 0) {
    prepared.notes.push_back(
        fmt::format("Hot pixels: {} of {} replaced by the median of their neighbours.", prepared.hot_pixels,
                    prepared.series.size() * prepared.series.images.front().data.size()));
  }
}

void describe_frames(PreparedImages& prepared, const std::vector<RegisteredFrames>& tilts,
                     const RegisterOptions& options) {
  double largest = 0.0;
  double drift = 0.0;
  double inconsistency = 0.0;
  std::size_t corrected = 0;
  for (const RegisteredFrames& tilt : tilts) {
    for (const Vec2& s : tilt.shifts)
      largest = std::max(largest, s.norm());
    if (tilt.drift_corrected) {
      ++corrected;
      drift = std::max(drift, tilt.drift.norm());
    }
    inconsistency = std::max(inconsistency, tilt.inconsistency);
  }
  prepared.notes.push_back(
      fmt::format("Frames: {} registered and averaged to {} images; shifts up to {:.2f} pixels, pairs agree "
                  "within {:.3f} pixels rms.",
                  prepared.frames, tilts.size(), largest, inconsistency));
  if (corrected > 0) {
    prepared.notes.push_back(
        fmt::format("Drift within frames taken out in {} of {} tilts, up to {:.2f} pixels a frame.",
                    corrected, tilts.size(), drift));
  }
  if (!options.scan_matrix.isIdentity(0.0)) {
    prepared.notes.emplace_back("Scan distortion taken out with the affine matrix given.");
  }
}

/// The record of gain and readout, which describes one frame, for the mean of n; nothing where n is not the
/// same for all tilts.
void describe_average(core::TiltSeries& series, const std::vector<std::size_t>& starts) {
  const std::size_t n = starts[1] - starts[0];
  bool same = true;
  for (std::size_t t = 0; t + 1 < starts.size(); ++t)
    same = same && starts[t + 1] - starts[t] == n;
  core::Microscope& m = series.microscope;
  if (!same) m.gain = m.readout_sd = std::nullopt;
  if (m.gain) m.gain = *m.gain / static_cast<double>(n);
  if (m.readout_sd) m.readout_sd = *m.readout_sd / std::sqrt(static_cast<double>(n));
}

void average(PreparedImages& prepared, const ImageOptions& options, core::Threads threads) {
  core::TiltSeries& series = prepared.series;
  const std::vector<std::size_t> starts = frames_of(series, options);
  const std::size_t tilts = starts.size() - 1;
  const bool distorted = !options.registration.scan_matrix.isIdentity(0.0);
  if (tilts == series.size() && !distorted) return;
  std::vector<RegisteredFrames> registered(tilts);
  core::parallel_for(tilts, threads, [&](std::size_t t, int /*worker*/) {
    const std::vector<Image> frames(series.images.begin() + static_cast<std::ptrdiff_t>(starts[t]),
                                    series.images.begin() + static_cast<std::ptrdiff_t>(starts[t + 1]));
    registered[t] = register_frames(frames, options.registration);
  });
  std::vector<Image> images;
  std::vector<core::Mat3> orientations;
  for (std::size_t t = 0; t < tilts; ++t) {
    images.push_back(registered[t].average);
    orientations.push_back(series.orientations[starts[t]]);
  }
  describe_average(series, starts);
  series.images = std::move(images);
  series.orientations = std::move(orientations);
  describe_frames(prepared, registered, options.registration);
}

void remove_noise(PreparedImages& prepared, const ImageOptions& options, core::Threads threads) {
  core::TiltSeries& series = prepared.series;
  Denoising way = options.denoising;
  if (way == Denoising::automatic) {
    way = series.intensity == core::Intensity::counts ? Denoising::bm3d : Denoising::none;
  }
  if (way == Denoising::none) return;
  if (way == Denoising::bm3d || options.gaussian_a == 0.0) {
    prepared.noise = noise_of(series);
  }
  if (way == Denoising::bm3d) {
    series.images = denoise(series.images, prepared.noise, options.bm3d, threads);
    prepared.notes.push_back(fmt::format(
        "Images were denoised by BM3D; noise {}: {:.4g} counts an electron, readout {:.3g} counts.",
        series.microscope.gain ? "as the detector's record says" : "estimated from them", prepared.noise.gain,
        std::sqrt(prepared.noise.readout_variance)));
    return;
  }
  const double width = options.gaussian_a > 0.0 ? options.gaussian_a / series.pixel_size
                                                : best_gaussian(series.images, prepared.noise, threads);
  for (Image& image : series.images)
    image = gaussian_smoothed(image, width);
  prepared.notes.push_back(fmt::format(
      "Images were smoothed by a Gaussian of {:.3g} A standard deviation{}.", width * series.pixel_size,
      options.gaussian_a > 0.0 ? "" : ", the width of least estimated error"));
}

} // namespace

PreparedImages prepare_images(const core::TiltSeries& series, const ImageOptions& options,
                              core::Threads threads) {
  check_options(options);
  core::validate(series, "tilt series");
  for (std::size_t i = 0; i < series.size(); ++i)
    check_image(series.images[i], i, options.saturated_part);
  PreparedImages prepared;
  prepared.series = series;
  prepared.frames = static_cast<int>(series.size());
  replace_hot(prepared, options);
  average(prepared, options, threads);
  remove_noise(prepared, options, threads);
  return prepared;
}

} // namespace aet::recon
