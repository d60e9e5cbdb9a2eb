#include "validation/cli/series_arguments.hpp"

#include "recon/images/prepare_images.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/tilt_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::cli {

void add_series_options(CLI::App& command, SeriesArguments& a) {
  command.add_option(
      "--angles", a.angles,
      "Tilt angles or three Euler angles [degree], one line or row per image: .rawtlt, .tlt, .txt, .npy, "
      ".mat; or the .json of a series; default: those beside the series (.json, .rawtlt, .tlt) or in it");
  command
      .add_option("--angle-convention", a.convention,
                  "What the angles mean: stage, R = Rz Ry Rx; resire, its transpose; genfire, (Rz Ry Rz)^T; "
                  "automatic: "
                  "what the file says, else stage for one angle per line of text and resire for arrays")
      ->capture_default_str()
      ->check(CLI::IsMember({"automatic", "stage", "resire", "genfire"}));
  command.add_option("--pixel-a", a.pixel_a, "Pixel size [angstrom]; default: what the files say");
}

void add_mask_options(CLI::App& command, SeriesArguments& a) {
  command.add_flag("--trust-all-pixels", a.trust_all, "Do not look for hot pixels in an unprepared series");
}

core::SeriesFile read_series_file(const SeriesArguments& a) {
  core::SeriesFileOptions options;
  if (a.angles) options.angles = *a.angles;
  options.pixel_size = a.pixel_a;
  options.convention = core::angle_convention_from(a.convention);
  return core::read_series_file(a.series, options);
}

core::TiltSeries read_series(const SeriesArguments& a) {
  core::SeriesFile file = read_series_file(a);
  if (recon::has_exposures(file.series)) {
    file.notes.emplace_back(
        "Several successive images share an orientation and are treated as separate images: if they are "
        "exposures of one tilt, 'aetval prepare' registers and averages them.");
  }
  if (file.series.masked.empty() && !a.trust_all) {
    const int hot = recon::mask_hot_pixels(file.series, {});
    if (hot > 0) {
      file.notes.push_back(fmt::format("{} pixels look hot; they are masked, that is, ignored "
                                       "(--trust-all-pixels keeps them).",
                                       hot));
    }
  }
  for (const std::string& note : file.notes)
    fmt::print(stderr, "note: {}\n", note);
  return std::move(file.series);
}

void write_with_poses(const SeriesArguments& a, const core::TiltSeries& series,
                      const std::filesystem::path& out) {
  const std::filesystem::path stem = std::filesystem::path(out).replace_extension("").concat("_series");
  const std::string ending = std::filesystem::path(a.series).extension().string();
  const core::TiltSeries there = read_series_file(a).series;
  const bool same_images =
      std::equal(series.images.begin(), series.images.end(), there.images.begin(), there.images.end(),
                 [](const core::Image& one, const core::Image& other) { return one.data == other.data; });
  if (!same_images || ending == ".mat" || ending == ".npy") {
    core::write_tilt_series(std::filesystem::path(stem).concat(".mrc"), series);
  } else {
    core::write_series_poses(std::filesystem::path(stem).concat(".json"), series,
                             core::series_images(a.series));
  }
}

std::optional<recon::NoiseModel> NoiseArguments::model() const {
  if (!gain) {
    if (offset || readout_sd)
      throw core::ConfigError("--offset and --readout-sd need --gain, the counts per electron, as well.");
    return std::nullopt;
  }
  const double sd = readout_sd.value_or(0.0);
  const double mean = offset.value_or(0.0);
  if (!(*gain > 0.0) || !std::isfinite(*gain) || !std::isfinite(mean) || !(sd >= 0.0) || !std::isfinite(sd)) {
    throw core::ConfigError(
        fmt::format("--gain is {}, --offset {} and --readout-sd {}; the gain must be above 0, the sd at "
                    "least 0, and all finite.",
                    *gain, mean, sd));
  }
  return recon::NoiseModel{*gain, mean, sd * sd};
}

void add_noise_options(CLI::App& command, NoiseArguments& a) {
  command.add_option("--gain", a.gain, "Counts per electron; default: recorded, or from the images");
  command.add_option("--offset", a.offset, "Counts without a beam (with --gain); default: 0");
  command.add_option("--readout-sd", a.readout_sd, "Readout noise [counts] (with --gain); default: 0");
}

} // namespace aet::cli
