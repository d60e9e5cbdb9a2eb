// A tilt series from whatever file a user has.
#pragma once

#include "sim/core/io/angle_files.hpp"
#include "sim/core/tilt_series.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aet::core {

struct SeriesFileOptions {
  std::optional<std::filesystem::path> angles; ///< default: what lies beside, or in, the series
  std::optional<double> pixel_size;            ///< [angstrom]; default: what the files say
  AngleConvention convention = AngleConvention::automatic;
};

struct SeriesFile {
  TiltSeries series;
  std::vector<std::string> notes; ///< how the files were understood, in sentences
};

/// Read a tilt series.
///
/// - .mrc, .st, .ali, .mrcs, .rec: MRC stack, or the .json that describes one, as read_tilt_series(); angles
///   from --angles, the .json, the .rawtlt or the .tlt beside it;
/// - .mat (v5, v7.3): array `projections` [x][y][tilt] (other names: image_names()), with `angles` in it or
///   in a file of its own;
/// - .npy: array [x][y][tilt], angles in a file of its own.
/// \throws DataError naming the file for what is missing, does not match or cannot be (see core::validate()),
/// for an orientation of fewer than two images, and for a pixel size outside 0.02 to 20 A.
[[nodiscard]] SeriesFile read_series_file(const std::filesystem::path& path,
                                          const SeriesFileOptions& options = {});

/// Files beside a series of that name that read_series_file() takes angles or a description from, whether
/// they are there or not.
[[nodiscard]] std::vector<std::filesystem::path> companions(const std::filesystem::path& series);

} // namespace aet::core
