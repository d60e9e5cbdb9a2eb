#include "sim/stem/acquisition.hpp"

#include "sim/core/error.hpp"
#include "sim/core/random.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

namespace aet::stem {

namespace {

void add(core::Image& to, const core::Image& image, double factor = 1.0) {
  for (std::size_t i = 0; i < to.data.size(); ++i)
    to.data[i] += static_cast<float>(factor * static_cast<double>(image.data[i]));
}

/// Spikes and saturation of one exposure.
void spoil(core::Image& counts, const MicroscopeOptions& options, std::uint32_t tilt,
           std::uint32_t exposure) {
  if (options.hot_pixel_fraction > 0.0) {
    core::RandomStream random(options.seed, "hot_pixels", {options.frame, tilt, exposure});
    for (float& value : counts.data) {
      const bool hit = random.uniform() < options.hot_pixel_fraction;
      const double height = -options.hot_pixel_counts * std::log1p(-random.uniform());
      if (hit) value += static_cast<float>(height);
    }
  }
  if (options.saturation_counts) {
    const auto top = static_cast<float>(*options.saturation_counts);
    for (float& value : counts.data)
      value = std::min(value, top);
  }
}

/// Images of one tilt's exposures of something that moves with the specimen.
class Exposures {
public:
  Exposures(const core::Image& image, const Scan& simulated, const TiltTruth& truth, const Scan& scan,
            bool resampled)
      : truth_(truth), scan_(scan), plain_(image) {
    if (resampled) interpolated_.emplace(image, simulated.pixel_a);
  }
  [[nodiscard]] core::Image operator()(std::size_t f) const {
    return interpolated_ ? resample(*interpolated_, truth_.map(f, scan_), scan_) : plain_;
  }

private:
  const TiltTruth& truth_;
  const Scan& scan_;
  const core::Image& plain_;
  std::optional<BandLimitedImage> interpolated_;
};

} // namespace

Acquisition acquire(const std::vector<core::Image>& true_images, const Scan& simulated,
                    const std::vector<TiltTruth>& truth, const TiltSeriesOptions& series,
                    const MicroscopeOptions& options, const NoiseOptions& noise) {
  validate(noise);
  if (true_images.empty() || true_images.size() != truth.size()) {
    throw core::DataError(
        fmt::format("{} images for {} tilts: one for each is needed", true_images.size(), truth.size()));
  }
  const Scan& scan = series.scan;
  const auto count = static_cast<std::size_t>(options.exposures_per_tilt);
  const bool resampled = simulated.n != scan.n || simulated.pixel_a != scan.pixel_a;
  NoiseOptions of_exposure = noise;
  of_exposure.dose_e_per_a2 = noise.dose_e_per_a2 / static_cast<double>(count);
  const double counts_per_fraction = noise.gain * of_exposure.dose_e_per_a2 * scan.pixel_a * scan.pixel_a;

  Acquisition out;
  std::vector<core::Image> means;
  for (std::size_t t = 0; t < truth.size(); ++t) {
    const auto tilt = static_cast<std::uint32_t>(t);
    const core::Image smooth =
        smooth_background_image(truth[t].background, options.background, scan.n, scan.pixel_a);
    core::Image grain(simulated.n, simulated.n);
    if (truth[t].grain_sd > 0.0) {
      core::RandomStream random(options.seed, "film_grain", {options.frame, tilt});
      grain =
          film_grain(truth[t].grain_sd, options.background.grain_a, simulated.n, simulated.pixel_a, random);
    }
    const Exposures specimen(true_images[t], simulated, truth[t], scan, resampled);
    const Exposures film(grain, simulated, truth[t], scan, resampled);
    core::Image mean(scan.n, scan.n);
    core::Image expected(scan.n, scan.n, static_cast<float>(noise.readout_mean));
    core::Image background = expected;
    for (std::size_t f = 0; f < count; ++f) {
      core::Image ground = smooth;
      if (truth[t].grain_sd > 0.0) add(ground, film(f));
      core::Image fraction = specimen(f);
      add(fraction, ground);
      // A grain as deep as the film, or rounding, may leave a value below zero, which no detector counts.
      for (float& value : fraction.data)
        value = std::max(0.0F, value);
      const auto exposure = static_cast<std::uint32_t>(f);
      core::Image counts = add_noise(fraction, scan.pixel_a, of_exposure, tilt, exposure);
      spoil(counts, options, tilt, exposure);
      const double share = 1.0 / static_cast<double>(count);
      add(mean, counts, share);
      add(expected, fraction, share * counts_per_fraction);
      add(background, ground, share * counts_per_fraction);
      if (count > 1) {
        out.exposures.images.push_back(std::move(counts));
        out.exposures.orientations.push_back(truth[t].nominal);
      }
    }
    means.push_back(std::move(mean));
    out.expected.push_back(std::move(expected));
    out.background.push_back(std::move(background));
  }

  TiltSeriesOptions recorded = series;
  recorded.orientations.clear();
  for (const TiltTruth& tilt : truth)
    recorded.orientations.push_back(tilt.nominal);
  const auto record_counts = [&](core::TiltSeries& s, double dose, double gain, double readout_sd) {
    s.intensity = core::Intensity::counts;
    s.microscope.dose_e_per_a2 = dose;
    s.microscope.gain = gain;
    s.microscope.readout_mean = noise.readout_mean;
    s.microscope.readout_sd = readout_sd;
  };
  out.series = assemble_tilt_series(std::move(means), recorded);
  if (count > 1) {
    out.exposures.pixel_size = out.series.pixel_size;
    out.exposures.microscope = out.series.microscope;
    record_counts(out.exposures, of_exposure.dose_e_per_a2, noise.gain, noise.readout_sd);
  }
  const auto n = static_cast<double>(count);
  record_counts(out.series, noise.dose_e_per_a2, noise.gain / n, noise.readout_sd / std::sqrt(n));
  return out;
}

} // namespace aet::stem
