#include "recon/images/series_noise.hpp"

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

bool whole_numbers(const core::TiltSeries& series) {
  return std::all_of(series.images.begin(), series.images.end(), [](const core::Image& image) {
    return std::all_of(image.data.begin(), image.data.end(),
                       [](float v) { return v >= 0.0F && std::floor(v) == v; });
  });
}

SeriesNoise recorded(const core::Microscope& m) {
  const double mean = m.readout_mean.value_or(0.0);
  const double sd = m.readout_sd.value_or(0.0);
  if (!std::isfinite(*m.gain) || !std::isfinite(mean) || !(sd >= 0.0) || !std::isfinite(sd)) {
    throw core::DataError(
        fmt::format("the series records a gain of {}, a readout mean of {} and a readout sd of {}; "
                    "they must be finite and the sd at least 0: correct its .json.",
                    *m.gain, mean, sd));
  }
  return {{*m.gain, mean, sd * sd}, m.noise_source.empty() ? "recorded with the series" : m.noise_source};
}

/// Every so many-th image of a series so large that all its pixels would take minutes and gigabytes, and tell
/// the noise no better than some millions do; else all.
std::vector<std::size_t> images_to_tell(const core::TiltSeries& series) {
  constexpr std::size_t pixels = 1U << 24U;
  constexpr std::size_t fewest = 4;
  const std::size_t all = series.size();
  const std::size_t most =
      std::max(fewest, pixels / std::max<std::size_t>(1, series.images.front().data.size()));
  std::vector<std::size_t> numbers;
  const std::size_t number = std::min(all, most);
  for (std::size_t k = 0; k < number; ++k)
    numbers.push_back(k * all / number);
  return numbers;
}

constexpr std::array<double, 3> levels{0.1, 0.5, 0.9};

/// Pixel values that so many of all pixels do not exceed.
std::array<double, levels.size()> percentiles(const core::TiltSeries& series) {
  std::vector<float> all;
  for (const core::Image& image : series.images)
    all.insert(all.end(), image.data.begin(), image.data.end());
  std::array<double, levels.size()> out{};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto place =
        all.begin() + static_cast<std::ptrdiff_t>(levels[i] * static_cast<double>(all.size() - 1));
    std::nth_element(all.begin(), place, all.end());
    out[i] = static_cast<double>(*place);
  }
  return out;
}

/// Whether variances are those of single counts, mean for mean. Half a count is too little to tell.
bool counts_one_by_one(const NoiseModel& found, const std::array<double, levels.size()>& means) {
  constexpr double margin = 2.0;
  constexpr double little = 0.5;
  return std::all_of(means.begin(), means.end(), [&](double mean) {
    const double ratio = (found.variance(mean) + little) / (mean + little);
    return ratio < margin && ratio > 1.0 / margin;
  });
}

/// Whether two halves of the images tell the same gain.
bool well_determined(const core::TiltSeries& series, const NoiseModel& found) {
  if (!(found.gain > 0.0)) return false;
  constexpr double agreement = 1.25;
  std::array<std::vector<core::Image>, 2> halves;
  for (std::size_t t = 0; t < series.size(); ++t)
    halves[t % 2].push_back(series.images[t]);
  return std::all_of(halves.begin(), halves.end(), [&](const std::vector<core::Image>& half) {
    const double gain = estimate_noise(half).gain;
    return gain < agreement * found.gain && found.gain < agreement * gain;
  });
}

SeriesNoise poisson() {
  return {{1.0, 0.0, 0.0}, "Poisson, from whole numbers"};
}

/// \param whole  whether all pixels of the series that these images are from are whole numbers.
std::optional<SeriesNoise> noise_by_images(const core::TiltSeries& series, bool whole) {
  const NoiseModel found = estimate_noise(series.images, series.microscope.readout_mean.value_or(0.0));
  if (!whole) {
    if (noise_smoothed(series)) return std::nullopt;
    if (!(found.gain > 0.0) && !(found.readout_variance > 0.0)) return std::nullopt;
    return SeriesNoise{found, "estimated"};
  }
  const auto means = percentiles(series);
  if (counts_one_by_one(found, means)) return poisson();
  if (!noise_smoothed(series) && well_determined(series, found)) return SeriesNoise{found, "estimated"};
  return std::nullopt;
}

} // namespace

std::optional<SeriesNoise> find_noise(const core::TiltSeries& series) {
  const core::Microscope& m = series.microscope;
  if (m.gain && *m.gain > 0.0) return recorded(m);
  const bool whole = whole_numbers(series);
  constexpr int smallest_to_tell = 16; // of estimate_noise()
  if (whole && std::min(series.images.front().nx, series.images.front().ny) < smallest_to_tell)
    return poisson();
  const std::vector<std::size_t> numbers = images_to_tell(series);
  if (numbers.size() == series.size()) return noise_by_images(series, whole);
  return noise_by_images(part_of(series, numbers), whole);
}

SeriesNoise noise_of(const core::TiltSeries& series) {
  if (auto found = find_noise(series)) return *found;
  if (!whole_numbers(series)) {
    throw core::DataError(noise_smoothed(series) ? "the noise of the images was taken off or smoothed, so "
                                                   "their likelihood has no meaning; give the "
                                                   "raw images"
                                                 : "no noise can be found in the images, so their likelihood "
                                                   "has no meaning; give the raw images, or "
                                                   "the gain of the detector");
  }
  const auto means = percentiles(series);
  throw core::DataError(fmt::format(
      "the pixels are whole numbers (a tenth of them up to {:.6g}, nine tenths up to {:.6g}) but do not "
      "scatter as single counts do, and the images do not tell how many counts an electron makes; say it "
      "with --gain, and the counts without a beam with --offset, or as gain and readout_mean in the .json.",
      means.front(), means.back()));
}

void record_noise(core::TiltSeries& series, const SeriesNoise& noise) {
  core::Microscope& m = series.microscope;
  m.gain = noise.exposure.gain;
  m.readout_mean = noise.exposure.offset;
  m.readout_sd = std::sqrt(noise.exposure.readout_variance);
  m.noise_source = noise.source == "recorded with the series" ? "" : noise.source;
}

} // namespace aet::recon
