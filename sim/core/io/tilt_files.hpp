// A tilt series on disk: NAME.mrc with NAME.json (poses, microscope, see series_description.hpp) and, for a
// single tilt axis, NAME.rawtlt (degree a line); or a .json alone that names the image file.
#pragma once

#include "sim/core/tilt_series.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace aet::core {

/// One tilt angle [degree] a line; blank lines and lines starting with # are skipped.
/// \throws DataError naming path, line and text.
[[nodiscard]] std::vector<double> read_rawtlt(const std::filesystem::path& path);

/// Read NAME.mrc, or a .json that names its images. Orientations come from `angles` if given, else from the
/// .json (for NAME.mrc, NAME.json beside it), else from NAME.rawtlt beside it. Pixel size: `pixel_size` if
/// given, else description, else MRC header.
/// \throws DataError if there is no source for angles or pixel size, if header and description contradict
///   each other in the latter, if counts differ, or on bad data.
[[nodiscard]] TiltSeries read_tilt_series(const std::filesystem::path& path,
                                          const std::optional<std::filesystem::path>& angles = {},
                                          std::optional<double> pixel_size = {});

/// The same with orientations from elsewhere, as given by an operator; all else as above.
[[nodiscard]] TiltSeries read_tilt_series_with(const std::filesystem::path& path,
                                               const std::vector<Mat3>& orientations,
                                               std::optional<double> pixel_size = {});

/// The image file of a series: NAME.mrc itself, or what the .json names.
/// \throws DataError for a .json that names none.
[[nodiscard]] std::filesystem::path series_images(const std::filesystem::path& path);

/// Write NAME.mrc, NAME.rawtlt (single-axis series only) and NAME.json.
void write_tilt_series(const std::filesystem::path& mrc, const TiltSeries& series);

/// Write the .json alone; `images` is where its images lie already.
/// \throws ExternalError.
void write_series_poses(const std::filesystem::path& description, const TiltSeries& series,
                        const std::filesystem::path& images);

} // namespace aet::core
