#include "recon/refine/foreign_light.hpp"

#include "recon/images/gaussian.hpp"
#include "recon/scene/newton.hpp"
#include "sim/core/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

namespace aet::recon {

namespace {

constexpr double blur_a = 1.4; // half the distance of two atoms: they melt into one another
constexpr double part_of_specimen = 0.1;
constexpr double deviations_of_noise = 5.0;
constexpr double least_area_a2 = 15.0; // a disc of 2.2 A radius; an atom is above a tenth within some 2 A

/// Mean over the neighbourhood of the pixels that are measurements; 0 where there are hardly any.
std::vector<float> smoothed_over(const std::vector<float>& values, const std::vector<float>& measured, int nx,
                                 int ny, double width) {
  core::Image sum(nx, ny);
  core::Image weight(nx, ny);
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum.data[i] = values[i] * measured[i];
    weight.data[i] = measured[i];
  }
  sum = gaussian_smoothed(sum, width);
  weight = gaussian_smoothed(weight, width);
  std::vector<float> out(values.size(), 0.0F);
  constexpr float hardly = 0.1F;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (weight.data[i] > hardly) out[i] = sum.data[i] / weight.data[i];
  }
  return out;
}

/// The pixels of `bright` in regions of enough of them; and whether one of these reaches the edge.
struct Regions {
  std::vector<std::uint32_t> pixels; ///< rising
  bool at_edge = false;
};

/// Regions hold together through `open` pixels.
Regions large_regions(const std::vector<bool>& bright, const std::vector<bool>& open, int nx, int ny,
                      double least_pixels) {
  std::vector<bool> seen(open.size(), false);
  Regions out;
  for (std::size_t first = 0; first < open.size(); ++first) {
    std::vector<std::size_t> next{first};
    std::vector<std::uint32_t> region;
    bool at_edge = false;
    while (!next.empty()) {
      const std::size_t i = next.back();
      next.pop_back();
      if (seen[i] || !open[i]) continue;
      seen[i] = true;
      if (bright[i]) region.push_back(static_cast<std::uint32_t>(i));
      const int x = static_cast<int>(i) % nx;
      const int y = static_cast<int>(i) / nx;
      at_edge = at_edge || x == 0 || y == 0 || x == nx - 1 || y == ny - 1;
      const auto row = static_cast<std::size_t>(nx);
      if (x > 0) next.push_back(i - 1);
      if (x < nx - 1) next.push_back(i + 1);
      if (y > 0) next.push_back(i - row);
      if (y < ny - 1) next.push_back(i + row);
    }
    if (static_cast<double>(region.size()) < least_pixels) continue;
    out.pixels.insert(out.pixels.end(), region.begin(), region.end());
    out.at_edge = out.at_edge || at_edge;
  }
  std::sort(out.pixels.begin(), out.pixels.end());
  return out;
}

/// All measurements within a distance of these pixels.
std::vector<std::uint32_t> grown(const std::vector<std::uint32_t>& pixels, const std::vector<float>& measured,
                                 int nx, int ny, double distance) {
  const int far = static_cast<int>(distance);
  std::vector<bool> in(measured.size(), false);
  for (const std::uint32_t i : pixels) {
    const int x = static_cast<int>(i) % nx;
    const int y = static_cast<int>(i) / nx;
    for (int v = std::max(0, y - far); v <= std::min(ny - 1, y + far); ++v) {
      for (int u = std::max(0, x - far); u <= std::min(nx - 1, x + far); ++u) {
        if (std::hypot(u - x, v - y) <= distance)
          in[static_cast<std::size_t>(v) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(u)] = true;
      }
    }
  }
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] && measured[i] > 0.0F) out.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

/// What an image holds beyond the model, and from where on that counts.
struct Excess {
  std::vector<float> light;    ///< observed - calculated, smoothed [image units]
  std::vector<float> measured; ///< 1 for a measurement, else 0
  double level = 0.0;
};

Excess excess_of(const PixelBuffer& mean, const TiltLikelihood& pixels, double background, double width) {
  const std::size_t count = mean.data.size();
  Excess out{std::vector<float>(count), std::vector<float>(count)};
  std::vector<float> specimen(count);
  double variance = 0.0;
  double measurements = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    specimen[i] = static_cast<float>(mean.data[i] - background);
    if (!pixels.trusted(i)) continue;
    out.measured[i] = 1.0F;
    out.light[i] = static_cast<float>(pixels.observed(i) - mean.data[i]);
    variance += 1.0 / pixels.weight(i, mean.data[i]);
    measurements += 1.0;
  }
  out.light = smoothed_over(out.light, out.measured, mean.nx, mean.ny, width);
  specimen = smoothed_over(specimen, std::vector<float>(count, 1.0F), mean.nx, mean.ny, width);
  const double noise = std::sqrt(variance / std::max(1.0, measurements) / (4.0 * core::pi * width * width));
  const double highest = static_cast<double>(*std::max_element(specimen.begin(), specimen.end()));
  out.level = std::max(part_of_specimen * highest, deviations_of_noise * noise);
  return out;
}

Regions bright_regions(const Excess& excess, int nx, int ny, double least_pixels) {
  std::vector<bool> bright(excess.light.size());
  std::vector<bool> open(bright.size());
  for (std::size_t i = 0; i < bright.size(); ++i) {
    const bool measured = excess.measured[i] > 0.0F;
    bright[i] = measured && static_cast<double>(excess.light[i]) > excess.level;
    open[i] = bright[i] || !measured;
  }
  return large_regions(bright, open, nx, ny, least_pixels);
}

std::size_t total(const PixelLists& lists) {
  std::size_t sum = 0;
  for (const auto& list : lists)
    sum += list.size();
  return sum;
}

} // namespace

PixelLists foreign_pixels(const Scene& scene, const SeriesLikelihood& likelihood, core::Threads threads) {
  const std::vector<PixelBuffer> means = model_images(scene, likelihood.series(), threads);
  const core::TiltSeries& series = likelihood.series();
  const double width = blur_a / series.pixel_size;
  const double least_pixels = least_area_a2 / (series.pixel_size * series.pixel_size);
  std::vector<Regions> found(means.size());
  core::parallel_for(means.size(), threads, [&](std::size_t t, int) {
    const Excess excess = excess_of(means[t], likelihood.tilt(t), scene.tilts[t].background, width);
    found[t] = bright_regions(excess, means[t].nx, means[t].ny, least_pixels);
    found[t].pixels = grown(found[t].pixels, excess.measured, means[t].nx, means[t].ny, width);
  });
  PixelLists out(means.size());
  if (std::none_of(found.begin(), found.end(), [](const Regions& r) { return r.at_edge; })) return out;
  for (std::size_t t = 0; t < found.size(); ++t)
    out[t] = std::move(found[t].pixels);
  return out;
}

PixelLists foreign_pixels_of(Scene scene, const core::TiltSeries& series, const NoiseModel& exposure,
                             int species, bool gains, const ProfileFitOptions& options,
                             core::Threads threads) {
  constexpr int most_rounds = 8;
  constexpr int steps = 4;
  constexpr double nearly_all = 0.9;
  constexpr double unchanged = 0.01;
  FreeParameters around;
  around.positions = false;
  around.gain = gains;
  PixelLists found(series.size());
  for (int round = 0; round < most_rounds; ++round) {
    const core::TiltSeries rest = with_masked(series, found);
    const SeriesLikelihood likelihood = likelihood_of(rest, exposure);
    start_profiles(scene, likelihood, species, options, threads);
    double damping = 1e-3;
    for (int i = 0; i < steps; ++i) {
      (void)improve_profiles(scene, likelihood, options, threads);
      (void)newton_step(scene, likelihood, around, {}, damping, threads);
    }
    normalise_gains(scene);
    const double before = static_cast<double>(total(found));
    found = foreign_pixels(scene, likelihood_of(series, exposure), threads);
    const double pixels = static_cast<double>(series.images.front().data.size());
    for (const auto& list : found) {
      if (static_cast<double>(list.size()) > nearly_all * pixels) return {};
    }
    const double now = static_cast<double>(total(found));
    if (std::abs(now - before) <= unchanged * now) break;
  }
  return total(found) > 0 ? found : PixelLists{};
}

core::TiltSeries with_masked(core::TiltSeries series, const PixelLists& pixels) {
  if (pixels.empty()) return series;
  series.masked.resize(series.size());
  for (std::size_t t = 0; t < series.size(); ++t) {
    std::vector<std::uint32_t> both;
    std::set_union(series.masked[t].begin(), series.masked[t].end(), pixels[t].begin(), pixels[t].end(),
                   std::back_inserter(both));
    series.masked[t] = std::move(both);
  }
  return series;
}

SeriesLikelihood without(const SeriesLikelihood& likelihood, const PixelLists& pixels) {
  if (pixels.empty()) return likelihood;
  std::vector<PixelBuffer> factors;
  for (std::size_t t = 0; t < pixels.size(); ++t) {
    const core::Image& image = likelihood.series().images[t];
    PixelBuffer& buffer = factors.emplace_back(image.nx, image.ny);
    std::fill(buffer.data.begin(), buffer.data.end(), 1.0);
    for (const std::uint32_t i : pixels[t])
      buffer.data[i] = 0.0;
  }
  return likelihood.trusted_by(std::move(factors));
}

} // namespace aet::recon
