// Tilt series that were taken, or published, instead of simulated: keys `files` and `angles` of [images].
#pragma once

#include "sim/core/config.hpp"
#include "sim/core/io/series_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace aet::validation {

/// One series a moment.
struct ImageFiles {
  std::vector<std::filesystem::path> series; ///< relative to the folder the program is started in
  std::vector<std::filesystem::path> angles; ///< as many, or none: what lies beside, or in, each series
  core::SeriesFileOptions read;              ///< without angles

  [[nodiscard]] core::SeriesFile moment(int frame) const;
};

/// Keys files, angles, pixel_a and angle_convention of [images].
/// \throws ConfigError naming file, line and key for lists that do not match.
[[nodiscard]] ImageFiles read_image_files(const core::ConfigSection& section);

/// Absolute paths of everything that is read, or would be if it were there: series, what may lie beside them,
/// angles.
[[nodiscard]] std::vector<std::filesystem::path> files_of(const ImageFiles& files);

} // namespace aet::validation
