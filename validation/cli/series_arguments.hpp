// What every subcommand that reads a tilt series asks for: the series, its angles and its noise.
#pragma once

#include "recon/images/noise_model.hpp"
#include "sim/core/io/series_files.hpp"
#include "validation/cli/commands.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace aet::cli {

struct SeriesArguments {
  std::string series;
  std::optional<std::string> angles;
  std::optional<double> pixel_a;
  std::string convention = "automatic";
  bool trust_all = false;
};

/// What a series may be, for --help.
inline constexpr const char* series_formats =
    "Tilt series (.mrc, .st, .ali, .mat, .npy), or the .json of a prepared or "
    "aligned one";

/// --angles, --angle-convention and --pixel-a.
void add_series_options(CLI::App& command, SeriesArguments& arguments);

/// --trust-all-pixels, for those that hold a model against the images.
void add_mask_options(CLI::App& command, SeriesArguments& arguments);

/// Any format that core::read_series_file knows, with its notes.
/// \throws core::DataError as there.
[[nodiscard]] core::SeriesFile read_series_file(const SeriesArguments& arguments);

/// The same for the likelihood of the images: what was not prepared is looked through for hot pixels, which
/// are masked. Notes go to standard error.
[[nodiscard]] core::TiltSeries read_series(const SeriesArguments& arguments);

/// Write a series with the poses that were found, as OUT_series.json, which names the images where they lie,
/// or as OUT_series.mrc where its images are not those of the file that was read, or that file is no MRC
/// stack.
/// \param out file that the name is taken from.
void write_with_poses(const SeriesArguments& arguments, const core::TiltSeries& series,
                      const std::filesystem::path& out);

struct NoiseArguments {
  std::optional<double> gain;
  std::optional<double> offset;
  std::optional<double> readout_sd;

  /// None without a gain: what is recorded, or found in the images, counts then.
  /// \throws core::ConfigError for numbers that cannot be, and for the others without a gain.
  [[nodiscard]] std::optional<recon::NoiseModel> model() const;
};

/// --gain, --offset and --readout-sd.
void add_noise_options(CLI::App& command, NoiseArguments& arguments);

} // namespace aet::cli
