#include "tests/bench/denoise_report.hpp"

#include "recon/images/denoise.hpp"
#include "recon/images/gaussian.hpp"
#include "sim/stem/instrument.hpp"
#include "sim/stem/tilt_imaging.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <vector>

namespace aet::bench {

namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// The `count` sites of an L1_0 lattice nearest to a general point, alternate layers Fe and Pt.
core::Atoms particle(std::size_t count) {
  constexpr double a = 3.86; // FePt, a and c [angstrom]
  constexpr double c = 3.71;
  constexpr int reach = 12;
  constexpr double thermal = 0.085; // rms displacement an axis [angstrom]
  struct Site {
    core::Vec3 place;
    int element;
  };
  std::vector<Site> sites;
  for (int i = -reach; i <= reach; ++i) {
    for (int j = -reach; j <= reach; ++j) {
      for (int k = -reach; k <= reach; ++k) {
        if ((i + j + k) % 2 != 0) continue;
        sites.push_back(
            {core::Vec3(0.5 * a * i + 0.3, 0.5 * a * j + 0.2, 0.5 * c * k + 0.1), k % 2 != 0 ? 26 : 78});
      }
    }
  }
  std::sort(sites.begin(), sites.end(),
            [](const Site& p, const Site& q) { return p.place.squaredNorm() < q.place.squaredNorm(); });
  core::Atoms atoms;
  for (std::size_t i = 0; i < count; ++i) {
    atoms.positions.push_back(sites[i].place);
    atoms.atomic_numbers.push_back(sites[i].element);
    atoms.columns["u_rms"].push_back(thermal);
  }
  return atoms;
}

double psnr(const core::Image& image, const core::Image& truth) {
  double square = 0.0;
  double peak = 0.0;
  for (std::size_t i = 0; i < truth.data.size(); ++i) {
    const double d = static_cast<double>(image.data[i]) - static_cast<double>(truth.data[i]);
    square += d * d;
    peak = std::max(peak, static_cast<double>(truth.data[i]));
  }
  return 10.0 * std::log10(peak * peak * static_cast<double>(truth.data.size()) / square);
}

double mean_psnr(const std::vector<core::Image>& images, const std::vector<core::Image>& truth) {
  double sum = 0.0;
  for (std::size_t i = 0; i < images.size(); ++i)
    sum += psnr(images[i], truth[i]);
  return sum / static_cast<double>(images.size());
}

std::vector<core::Image> smoothed(std::vector<core::Image> images, double sigma) {
  for (core::Image& image : images)
    image = recon::gaussian_smoothed(image, sigma);
  return images;
}

} // namespace

std::string denoise_report() {
  stem::TiltSeriesOptions options;
  options.orientations = stem::single_axis_tilts({-47.0, 3.0, 28.0});
  options.scan.n = 128;
  options.scan.pixel_a = 0.34;
  options.stem.phonons.configurations = 4;
  options.source_sd_a = 0.4;
  options.seed = 1;
  const core::TiltSeries clean = stem::simulate_tilt_series(particle(1000), options, core::all_cores());
  stem::NoiseOptions noise;
  noise.dose_e_per_a2 = 1.5e4;
  noise.readout_sd = 0.5;
  noise.seed = 1;
  const core::TiltSeries noisy = stem::apply_noise(clean, noise);
  std::vector<core::Image> truth = clean.images;
  for (core::Image& image : truth) {
    for (float& v : image.data)
      v *= static_cast<float>(noise.dose_e_per_a2 * clean.pixel_size * clean.pixel_size);
  }

  constexpr core::Threads one_thread{1};
  const recon::NoiseModel model = recon::estimate_noise(noisy.images);
  double best_width = 0.0;
  double best = mean_psnr(noisy.images, truth);
  for (int w = 1; w <= 60; ++w) { // scanned with the truth in hand
    const double value = mean_psnr(smoothed(noisy.images, 0.05 * w), truth);
    if (value > best) {
      best = value;
      best_width = 0.05 * w;
    }
  }
  const double width = recon::best_gaussian(noisy.images, model, one_thread);
  const double start = cpu_seconds();
  const auto denoised = recon::denoise(noisy.images, model, {}, one_thread);
  const double cpu = cpu_seconds() - start;
  const double raw = mean_psnr(noisy.images, truth);
  const double bm3d = mean_psnr(denoised, truth);
  const auto megapixels = static_cast<double>(truth.size() * truth[0].data.size()) / 1e6;
  return fmt::format(R"({{"images": "FePt, 1000 atoms, 3 tilts, {} x {} pixels of {} A, {:.3g} e/A^2",
 "psnr_noisy_db": {:.2f}, "psnr_gaussian_best_db": {:.2f}, "gaussian_best_px": {:.2f},
 "psnr_gaussian_chosen_db": {:.2f}, "gaussian_chosen_px": {:.2f}, "psnr_bm3d_db": {:.2f},
 "gain_over_noisy_db": {:.2f}, "gain_over_gaussian_db": {:.2f},
 "gain_estimated": {:.4f}, "gain_true": {:.4f}, "readout_variance_estimated": {:.3f}, "readout_variance_true": {:.3f},
 "cpu_s_per_256x256": {:.2f}}}
)",
                     clean.images[0].nx, clean.images[0].ny, clean.pixel_size, noise.dose_e_per_a2, raw, best,
                     best_width, mean_psnr(smoothed(noisy.images, width), truth), width, bm3d, bm3d - raw,
                     bm3d - best, model.gain, noise.gain, model.readout_variance,
                     noise.readout_sd * noise.readout_sd, cpu / megapixels * 0.065536);
}

} // namespace aet::bench
