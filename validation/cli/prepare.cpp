#include "recon/images/prepare_images.hpp"
#include "recon/images/series_noise.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "validation/case/case_recovery.hpp"
#include "validation/cli/report_beside.hpp"
#include "validation/cli/series_arguments.hpp"
#include "validation/cli/setting_options.hpp"

#include <fmt/core.h>

#include <cmath>
#include <memory>
#include <utility>

namespace aet::cli {

namespace {

struct PrepareArguments {
  SeriesArguments series;
  NoiseArguments noise;
  std::string out;
  double hot_threshold = recon::HotPixelOptions{}.threshold;
  core::Threads threads;
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

/// \param config  [prepare], of the options that were given.
void prepare(const PrepareArguments& a, core::Config config) {
  recon::ImageOptions options = validation::read_prepare(config.root().section("prepare"));
  config.reject_unknown_keys();
  options.hot.threshold = a.hot_threshold;
  check_description_beside(a.out);
  core::SeriesFile file = read_series_file(a.series);
  if (const auto noise = a.noise.model()) recon::record_noise(file.series, {*noise, "given"});
  if (!options.hot_pixels) {
    // Found once, for this count and for what follows.
    if (const auto noise = recon::find_noise(file.series); noise && noise->exposure.gain > 0.0)
      recon::record_noise(file.series, *noise);
    if (const int hot = recon::count_hot_pixels(file.series, options.hot, a.threads); hot > 0)
      file.notes.push_back(fmt::format("{} pixels look hot; --hot-pixels masks them.", hot));
  }
  const recon::PreparedImages prepared = recon::prepare_images(std::move(file.series), options, a.threads);
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
      "prepare", "One image per tilt from raw images: hot pixels masked, cropped, binned, exposures "
                 "registered, padded, tilt axis placed");
  command->footer("Example: aetval prepare raw.mrc --hot-pixels --crop 512,512 --bin 2 --out prepared.mrc\n"
                  "The order is fixed: hot pixels, crop, bin, exposures (successive images with one "
                  "orientation are those of one tilt),\npad, tilt axis. Pixels stay raw counts: binning adds "
                  "them up, padding is masked, and the axis goes into orientations\nand shifts. "
                  "prepared.json holds these and what the noise needs (gain, offset, readout, exposures per "
                  "image, masked pixels),\nand every later command reads it.");
  command->add_option("SERIES", a->series.series, series_formats)->required();
  add_series_options(*command, a->series);
  command->add_option("--out", a->out, "Series to write (.mrc, with .json beside it)")->required();
  add_noise_options(*command, a->noise);
  const SettingOptions settings(*command, "prepare",
                                {{"average_exposures", "--register,!--no-register"},
                                 {"exposures.drift", "--drift,!--no-drift"},
                                 {"exposures.duty", "--duty"},
                                 {"exposures.max_shift", "--max-shift"},
                                 {"exposures.scan_matrix", "--scan-matrix"}});
  command
      ->add_option("--hot-threshold", a->hot_threshold,
                   "How far a hot pixel stands out [robust sd], 3 to 1000")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a, settings] { prepare(*a, settings.config()); });
}

} // namespace aet::cli
