// All of a tilt series but its images, as JSON: poses, microscope, exposures, masked pixels.
#pragma once

#include "sim/core/tilt_series.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace aet::core {

/// What a description says; lists it does not hold are empty.
struct SeriesDescription {
  TiltSeries series; ///< without images
  std::optional<double> pixel_size;
  std::string images; ///< name of the image file, relative to the description; empty in version 1
};

/// "given", "aligned", "refined".
[[nodiscard]] std::string pose_source_name(PoseSource source);

/// "aetval tilt series 2" (or 1, which has orientations, microscope and pixel size alone). A file without
/// "format" is read like version 1.
/// \throws DataError naming the file for another format, and for what does not have the shape it should have.
[[nodiscard]] SeriesDescription read_series_description(const std::filesystem::path& path);

/// Version 2 as text. Orientations are rows of R; masked pixels are runs: first, length, first, length, ...
/// \param images name of the image file, relative to where the text will be.
[[nodiscard]] std::string series_description(const TiltSeries& series, const std::string& images);

} // namespace aet::core
