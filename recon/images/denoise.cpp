#include "recon/images/denoise.hpp"

#include "recon/images/anscombe.hpp"
#include "recon/images/gaussian.hpp"
#include "recon/images/series_noise.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <cmath>
#include <cstddef>
#include <utility>

namespace aet::recon {

Denoising denoising_from(const std::string& name) {
  if (name == "automatic") return Denoising::automatic;
  if (name == "none") return Denoising::none;
  if (name == "gaussian") return Denoising::gaussian;
  if (name == "bm3d") return Denoising::bm3d;
  throw core::ConfigError(
      fmt::format("denoise = '{}' is unknown; allowed are automatic, none, gaussian and bm3d.", name));
}

void check(const DenoiseOptions& options) {
  validate(options.bm3d);
  constexpr double widest = 10.0;
  if (!(options.gaussian_a >= 0.0 && options.gaussian_a <= widest)) {
    throw core::ConfigError(
        fmt::format("the Gaussian's width is {} A; allowed is 0 to {} (0: chosen from the images).",
                    options.gaussian_a, widest));
  }
}

std::vector<core::Image> denoise(const std::vector<core::Image>& images, const NoiseModel& noise,
                                 const Bm3dOptions& options, core::Threads threads) {
  validate(options);
  if (noise.gain == 0.0 && noise.readout_variance == 0.0) return images;
  const Anscombe transform(noise);
  std::vector<core::Image> out;
  for (const core::Image& image : images) {
    core::Image stable(image.nx, image.ny);
    for (std::size_t i = 0; i < image.data.size(); ++i)
      stable.data[i] = static_cast<float>(transform.forward(static_cast<double>(image.data[i])));
    out.push_back(bm3d(stable, 1.0, options, threads));
    for (float& value : out.back().data)
      value = static_cast<float>(transform.inverse(static_cast<double>(value)));
  }
  return out;
}

namespace {

void remove_noise(core::TiltSeries& series, const DenoiseOptions& options, core::Threads threads,
                  std::vector<std::string>& notes) {
  const SeriesNoise noise = find_noise(series).value_or(SeriesNoise{{}, "not found"});
  for (std::size_t t = 0; t < series.size(); ++t)
    series.images[t] =
        denoise({series.images[t]}, noise.exposure.of_mean(exposures_of(series, t)), options.bm3d, threads)
            .front();
  notes.push_back(
      fmt::format("Images were denoised by BM3D; noise {}: {:.4g} counts an electron, readout {:.3g} counts.",
                  noise.source, noise.exposure.gain, std::sqrt(noise.exposure.readout_variance)));
}

} // namespace

core::TiltSeries denoised(core::TiltSeries series, const DenoiseOptions& options, core::Threads threads,
                          std::vector<std::string>& notes) {
  check(options);
  Denoising way = options.way;
  if (way == Denoising::automatic)
    way = series.intensity == core::Intensity::counts ? Denoising::bm3d : Denoising::none;
  if (way == Denoising::none) return series;
  if (way == Denoising::bm3d) {
    remove_noise(series, options, threads, notes);
    return series;
  }
  const bool given = options.gaussian_a > 0.0;
  double width = options.gaussian_a / series.pixel_size;
  if (!given) {
    const SeriesNoise noise = find_noise(series).value_or(SeriesNoise{});
    width = best_gaussian(series.images, noise.exposure.of_mean(exposures_of(series, 0)), threads);
  }
  for (core::Image& image : series.images)
    image = gaussian_smoothed(image, width);
  notes.push_back(fmt::format("Images were smoothed by a Gaussian of {:.3g} A standard deviation{}.",
                              width * series.pixel_size,
                              given ? "" : ", the width of least estimated error"));
  return series;
}

} // namespace aet::recon
