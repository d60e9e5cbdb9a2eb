#include "recon/chain/image_resolution.hpp"

#include "recon/images/gaussian.hpp"
#include "recon/images/image_content.hpp"
#include "recon/images/series_noise.hpp"
#include "recon/volume/projections.hpp"
#include "sim/core/fft.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>

namespace aet::recon {

namespace {

constexpr double least_ratio = 1.0 / 3.0;

/// What one image adds.
struct Part {
  std::vector<double> power; ///< sum over the Fourier pixels of each shell
  std::vector<double> count; ///< their number
  double noise = 0.0;        ///< expected variance, summed over the pixels
  double noise_in_shadow = 0.0;
  double shadow = 0.0; ///< part of the pixels
};

/// Shells as wide as a Fourier pixel of the longer edge, 0 .. Nyquist of the image.
Part part_of(const core::Image& image, double pixel_size, const std::optional<NoiseModel>& noise) {
  constexpr double blur_a = 1.5;
  constexpr double dim = 0.1;
  Part part;
  const int edge = std::max(image.nx, image.ny);
  const int shells = edge / 2 + 1;
  part.power.assign(static_cast<std::size_t>(shells), 0.0);
  part.count.assign(static_cast<std::size_t>(shells), 0.0);
  const double background = border_level(image);
  const core::Image blurred = gaussian_smoothed(image, blur_a / pixel_size);
  const double highest =
      static_cast<double>(*std::max_element(blurred.data.begin(), blurred.data.end())) - background;
  core::AlignedVector<core::Complex> spectrum(image.data.size());
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    spectrum[i] = image.data[i] - static_cast<float>(background);
    const auto mean = static_cast<double>(blurred.data[i]);
    const double variance = noise ? noise->variance(mean) : 1.0;
    part.noise += variance;
    if (mean - background < dim * highest) continue;
    part.noise_in_shadow += variance;
    part.shadow += 1.0;
  }
  part.shadow /= static_cast<double>(image.data.size());
  const core::Fft2 fft(image.nx, image.ny);
  fft.forward(spectrum.data());
  for (int y = 0; y < image.ny; ++y) {
    const double fy = static_cast<double>(y <= image.ny / 2 ? y : y - image.ny) / image.ny;
    for (int x = 0; x < image.nx; ++x) {
      const double fx = static_cast<double>(x <= image.nx / 2 ? x : x - image.nx) / image.nx;
      const auto shell = static_cast<std::size_t>(std::lround(edge * std::hypot(fx, fy)));
      if (shell >= part.power.size()) continue;
      part.power[shell] +=
          static_cast<double>(std::norm(spectrum[static_cast<std::size_t>(y * image.nx + x)]));
      part.count[shell] += 1.0;
    }
  }
  return part;
}

} // namespace

ImageResolution image_resolution(const core::TiltSeries& series, core::Threads threads) {
  const std::optional<SeriesNoise> noise = find_noise(series);
  std::vector<Part> parts(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    std::optional<NoiseModel> of_image;
    if (noise) of_image = noise->exposure.of_mean(exposures_of(series, t));
    parts[t] = part_of(series.images[t], series.pixel_size, of_image);
  });
  const std::size_t shells = parts.front().power.size();
  std::vector<double> power(shells, 0.0);
  Part sum;
  for (const Part& part : parts) {
    for (std::size_t k = 0; k < shells; ++k)
      power[k] += part.power[k] / std::max(1.0, part.count[k]);
    sum.noise += part.noise;
    sum.noise_in_shadow += part.noise_in_shadow;
    sum.shadow += part.shadow;
  }
  const auto highest_tenth = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, shells / 10));
  const double plateau =
      std::accumulate(power.end() - highest_tenth, power.end(), 0.0) / static_cast<double>(highest_tenth);
  const double white = noise ? std::min(sum.noise, plateau) : plateau;
  const double in_shadow = white * (sum.noise > 0.0 ? sum.noise_in_shadow / sum.noise : 1.0);
  const core::Image& first = series.images.front();
  const auto images = static_cast<double>(series.size());
  const double area = first.nx * first.ny * series.pixel_size * series.pixel_size * sum.shadow / images;
  ImageResolution out;
  out.denoised = noise_smoothed(series);
  out.shadow_a = std::sqrt(4.0 * area / std::numbers::pi);
  const double step = 1.0 / (std::max(first.nx, first.ny) * series.pixel_size);
  for (std::size_t k = 1; k < shells; ++k) {
    const double frequency = step * static_cast<double>(k);
    const double measured = std::max(1.0, images / (std::numbers::pi * out.shadow_a * frequency));
    const double structure = std::max(0.0, power[k] - white);
    const double ratio = in_shadow > 0.0 ? measured * structure / in_shadow : structure;
    out.frequency.push_back(frequency);
    out.structure.push_back(structure);
    out.signal_to_noise.push_back(ratio);
    // Powers scatter as exponential numbers do; the two halves of a real image's spectrum are the same.
    const double scatter = white * std::sqrt(2.0 / (images * parts.front().count[k]));
    constexpr double clear = 4.0; // standard deviations, for hundreds of shells
    if (!(ratio >= least_ratio) || structure < clear * scatter) continue;
    out.resolution_a = 1.0 / frequency;
    out.to_nyquist = k + 1 == shells;
  }
  return out;
}

BlobWidth blob_width(const ImageResolution& resolution) {
  constexpr double usual_a = 0.4;
  constexpr double narrowest_a = 0.3;
  constexpr double widest_a = 0.5;
  constexpr double beyond_first_peaks = 1.0 / 2.2; // [1/A]
  constexpr double enough = 1.6;                   // last frequency over the first
  if (!resolution.resolution_a) {
    return {usual_a, "Warning: no frequency of the images holds more structure than noise; they may carry no "
                     "information on atoms."};
  }
  if (resolution.denoised) {
    return {usual_a,
            fmt::format("The noise of the images was taken off or smoothed, so that their power does not "
                        "tell how wide atoms are; the volume is a sum of Gaussians of {:.2g} A.",
                        usual_a)};
  }
  const double last = 1.0 / *resolution.resolution_a;
  const std::string found =
      fmt::format("The images hold structure above their noise down to {:.2f} A{}", *resolution.resolution_a,
                  resolution.to_nyquist ? ", their finest detail" : "");
  double n = 0.0;
  double x = 0.0;
  double y = 0.0;
  double xx = 0.0;
  double xy = 0.0;
  for (std::size_t i = 0; i < resolution.frequency.size(); ++i) {
    const double k = resolution.frequency[i];
    if (k < beyond_first_peaks || k > last || !(resolution.structure[i] > 0.0)) continue;
    const double weight = k; // the number of measurements in a shell
    const double log_power = std::log(resolution.structure[i]);
    n += weight;
    x += weight * k * k;
    y += weight * log_power;
    xx += weight * k * k * k * k;
    xy += weight * k * k * log_power;
  }
  const double spread = n * xx - x * x;
  if (last < enough * beyond_first_peaks || !(spread > 0.0)) {
    return {usual_a, fmt::format("{}; too little to tell how wide atoms are, so the volume is a sum of "
                                 "Gaussians of {:.2g} A.",
                                 found, usual_a)};
  }
  const double slope = (n * xy - x * y) / spread;
  const double width = std::sqrt(std::max(0.0, -slope)) / (2.0 * std::numbers::pi);
  const double sd = std::clamp(width, narrowest_a, widest_a);
  return {sd, fmt::format("{}, which falls off as atoms of {:.2f} A do; the volume is a sum of Gaussians of "
                          "{:.2f} A.",
                          found, width, sd)};
}

} // namespace aet::recon
