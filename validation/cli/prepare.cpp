#include "recon/images/prepare_images.hpp"
#include "recon/images/series_noise.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "validation/cli/series_arguments.hpp"

#include <fmt/core.h>

#include <cmath>
#include <memory>

namespace aet::cli {

namespace {

struct PrepareArguments {
  SeriesArguments series;
  NoiseArguments noise;
  std::string out;
  bool no_register = false;
  bool no_drift = false;
  core::Threads threads;
  recon::ImageOptions options;
};

void tell(const std::string& path, const recon::PreparedImages& prepared) {
  const core::TiltSeries& series = prepared.series;
  std::size_t masked = 0;
  for (const auto& pixels : series.masked)
    masked += pixels.size();
  fmt::print("{}: {} tilts of {} x {} pixels from {} images, {} pixels masked, ", path, series.size(),
             series.images.front().nx, series.images.front().ny, prepared.exposures, masked);
  const auto noise = recon::find_noise(series);
  if (!noise) {
    fmt::print("noise unknown (--gain, --offset)\n");
    return;
  }
  fmt::print("noise of an exposure {}: {:.4g} counts per electron, offset {:.4g}, readout {:.3g} counts\n",
             noise->source, noise->exposure.gain, noise->exposure.offset,
             std::sqrt(noise->exposure.readout_variance));
}

void prepare(const PrepareArguments& a) {
  core::SeriesFile file = read_series_file(a.series);
  if (const auto noise = a.noise.model()) recon::record_noise(file.series, {*noise, "given"});
  recon::ImageOptions options = a.options;
  options.average_exposures = !a.no_register;
  options.registration.drift = !a.no_drift;
  if (!options.hot_pixels) {
    core::TiltSeries trial = file.series;
    if (const int hot = recon::mask_hot_pixels(trial, options.hot); hot > 0)
      file.notes.push_back(fmt::format("{} pixels look hot; --hot-pixels masks them.", hot));
  }
  const recon::PreparedImages prepared = recon::prepare_images(file.series, options, a.threads);
  core::write_tilt_series(a.out, prepared.series);
  file.notes.insert(file.notes.end(), prepared.notes.begin(), prepared.notes.end());
  for (const std::string& note : file.notes)
    fmt::print("note: {}\n", note);
  tell(a.out, prepared);
}

} // namespace

void add_prepare(CLI::App& app) {
  auto a = std::make_shared<PrepareArguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand(
      "prepare", "One image per tilt from raw images: exposures registered, hot pixels masked");
  command->footer("Example: aetval prepare raw.mrc --hot-pixels --out prepared.mrc\n"
                  "Successive images with one orientation are exposures of one tilt. Pixels stay raw counts: "
                  "prepared.json holds what\n"
                  "their noise needs (gain, offset, readout, exposures per image, masked pixels), and every "
                  "later command reads it.");
  command->add_option("SERIES", a->series.series, series_formats)->required();
  add_series_options(*command, a->series);
  command->add_option("--out", a->out, "Series to write (.mrc, with .json beside it)")->required();
  add_noise_options(*command, a->noise);
  command->add_flag("--hot-pixels", a->options.hot_pixels, "Look for hot pixels, replace and mask them");
  command
      ->add_option("--hot-threshold", a->options.hot.threshold,
                   "How far a hot pixel stands out [robust sd], 3 to 1000")
      ->capture_default_str();
  command->add_flag("--no-register", a->no_register, "Do not average images with the same orientation");
  command->add_flag("--no-drift", a->no_drift, "Do not correct the drift within exposures");
  command
      ->add_option("--duty", a->options.registration.duty,
                   "Part of the time between two exposures in which pixels are taken, above 0 to 1")
      ->capture_default_str();
  command
      ->add_option("--max-shift", a->options.registration.max_shift,
                   "Largest shift between two exposures, as part of the image's edge, above 0 to 0.5")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { prepare(*a); });
}

} // namespace aet::cli
