#include "validation/cli/series_arguments.hpp"

#include "sim/core/io/series_files.hpp"

#include <fmt/core.h>

namespace aet::cli {

void add_series_options(CLI::App& command, SeriesArguments& a) {
  command.add_option("--angles", a.angles,
                     "Tilt angles, or three Euler angles, one image a line [degree]; default: what lies "
                     "beside the series (.json, .rawtlt, .tlt) or in it");
  command.add_option("--pixel-a", a.pixel_a, "Pixel size [angstrom]; default: what the files say");
}

core::TiltSeries read_series(const SeriesArguments& a) {
  core::SeriesFileOptions options;
  if (a.angles) options.angles = *a.angles;
  options.pixel_size = a.pixel_a;
  core::SeriesFile file = core::read_series_file(a.series, options);
  for (const std::string& note : file.notes)
    fmt::print(stderr, "note: {}\n", note);
  return std::move(file.series);
}

std::optional<recon::NoiseModel> NoiseArguments::model() const {
  if (!gain) return std::nullopt;
  return recon::NoiseModel{*gain, offset, readout_sd * readout_sd};
}

void add_noise_options(CLI::App& command, NoiseArguments& a) {
  command.add_option("--gain", a.gain, "Counts an electron; default: recorded, or from the images");
  command.add_option("--offset", a.offset, "Counts without a beam (with --gain)")->capture_default_str();
  command.add_option("--readout-sd", a.readout_sd, "Readout noise [counts] (with --gain)")
      ->capture_default_str();
}

} // namespace aet::cli
