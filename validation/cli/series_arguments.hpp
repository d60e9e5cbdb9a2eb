// What every subcommand that holds atoms against images asks for: the series and its noise.
#pragma once

#include "recon/images/noise_model.hpp"
#include "sim/core/tilt_series.hpp"
#include "validation/cli/commands.hpp"

#include <optional>
#include <string>

namespace aet::cli {

struct SeriesArguments {
  std::string series;
  std::optional<std::string> angles;
  std::optional<double> pixel_a;
};

/// --angles and --pixel-a.
void add_series_options(CLI::App& command, SeriesArguments& arguments);

/// Any format that core::read_series_file knows. \throws core::DataError as there.
[[nodiscard]] core::TiltSeries read_series(const SeriesArguments& arguments);

struct NoiseArguments {
  std::optional<double> gain;
  double offset = 0.0;
  double readout_sd = 0.0;

  /// None without a gain: what is recorded, or found in the images, counts then.
  [[nodiscard]] std::optional<recon::NoiseModel> model() const;
};

/// --gain, --offset and --readout-sd.
void add_noise_options(CLI::App& command, NoiseArguments& arguments);

} // namespace aet::cli
