#include "sim/stem/instrument.hpp"

#include "sim/core/error.hpp"
#include "sim/core/random.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

namespace aet::stem {

void validate(const NoiseOptions& o) {
  if (!(o.dose_e_per_a2 > 0.0 && o.dose_e_per_a2 <= 1e9)) {
    throw core::ConfigError(
        fmt::format("dose_e_per_a2 = {} is out of range: it must be above 0 and at most 1e9; leave "
                    "noise out altogether for an ideal image",
                    o.dose_e_per_a2));
  }
  if (!(o.gain > 0.0 && o.gain <= 1e6)) {
    throw core::ConfigError(
        fmt::format("gain = {} is out of range: it must be above 0 and at most 1e6", o.gain));
  }
  if (!(o.readout_mean >= -1e9 && o.readout_mean <= 1e9)) {
    throw core::ConfigError(
        fmt::format("readout_mean = {} is out of range: allowed is -1e9 to 1e9", o.readout_mean));
  }
  if (!(o.readout_sd >= 0.0 && o.readout_sd <= 1e9)) {
    throw core::ConfigError(
        fmt::format("readout_sd = {} is out of range: allowed is 0 to 1e9", o.readout_sd));
  }
}

core::Image add_noise(const core::Image& fraction, double pixel_size, const NoiseOptions& options,
                      std::uint32_t tilt, std::uint32_t exposure) {
  validate(options);
  const double electrons = options.dose_e_per_a2 * pixel_size * pixel_size;
  core::RandomStream random(options.seed, "detector", {options.frame, tilt, exposure});
  core::Image counts(fraction.nx, fraction.ny);
  for (std::size_t i = 0; i < fraction.data.size(); ++i) {
    const double mean = electrons * std::max(0.0, static_cast<double>(fraction.data[i]));
    const auto detected = static_cast<double>(random.poisson(mean));
    counts.data[i] = static_cast<float>(options.gain * detected + options.readout_mean +
                                        options.readout_sd * random.normal());
  }
  return counts;
}

core::TiltSeries apply_noise(const core::TiltSeries& series, const NoiseOptions& options) {
  validate(options);
  if (series.intensity != core::Intensity::fraction) {
    throw core::DataError(
        "noise can only be added to images in fractions of the incident beam: this series is in "
        "counts or of unknown intensity");
  }
  core::TiltSeries out = series;
  for (std::size_t i = 0; i < series.images.size(); ++i) {
    out.images[i] = add_noise(series.images[i], series.pixel_size, options, static_cast<std::uint32_t>(i));
  }
  out.intensity = core::Intensity::counts;
  out.microscope.dose_e_per_a2 = options.dose_e_per_a2;
  out.microscope.gain = options.gain;
  out.microscope.readout_mean = options.readout_mean;
  out.microscope.readout_sd = options.readout_sd;
  return out;
}

} // namespace aet::stem
