// A tilt series on disk: NAME.mrc, NAME.rawtlt (degree a line) and NAME.json (orientations, microscope).
#pragma once

#include "sim/core/tilt_series.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace aet::core {

/// One tilt angle [degree] a line; blank lines and lines starting with # are skipped.
/// \throws DataError naming path, line and text.
[[nodiscard]] std::vector<double> read_rawtlt(const std::filesystem::path& path);

/// Read NAME.mrc. Orientations come from `angles` if given, else from the sidecar NAME.json, else from
/// NAME.rawtlt beside it. Pixel size: `pixel_size` if given, else sidecar, else MRC header. \throws DataError
/// if there is no source for angles or pixel size, if header and sidecar contradict each other in the latter,
/// if counts differ, or on bad data.
[[nodiscard]] TiltSeries read_tilt_series(const std::filesystem::path& mrc,
                                          const std::optional<std::filesystem::path>& angles = {},
                                          std::optional<double> pixel_size = {});

/// The same with orientations from elsewhere; pixel size and microscope as above.
[[nodiscard]] TiltSeries read_tilt_series_with(const std::filesystem::path& mrc,
                                               const std::vector<Mat3>& orientations,
                                               std::optional<double> pixel_size = {});

/// Write NAME.mrc, NAME.rawtlt (single-axis series only) and NAME.json.
void write_tilt_series(const std::filesystem::path& mrc, const TiltSeries& series);

} // namespace aet::core
