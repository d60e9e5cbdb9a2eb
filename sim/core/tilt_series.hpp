// A tilt series as recovery sees it: images, orientations, pixel size and what the microscope logs.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aet::core {

/// What an operator knows of the acquisition. Empty = not recorded.
struct Microscope {
  std::optional<double> energy_kv;
  std::optional<double> convergence_mrad;
  std::optional<double> c3_mm;
  std::optional<double> c5_mm;
  std::optional<double> detector_inner_mrad;
  std::optional<double> detector_outer_mrad;
  std::optional<double> dose_e_per_a2; ///< per tilt
  std::optional<double> gain;          ///< counts per detected electron
  std::optional<double> readout_mean;  ///< counts
  std::optional<double> readout_sd;    ///< counts
};

/// Unit of the pixel values.
enum class Intensity { fraction, counts, unknown };

/// images[i] was taken with the specimen rotated by orientations[i].
struct TiltSeries {
  std::vector<Image> images;      ///< all of one shape
  std::vector<Mat3> orientations; ///< proper rotations, one per image
  double pixel_size = 1.0;        ///< [angstrom]
  Intensity intensity = Intensity::unknown;
  Microscope microscope;

  [[nodiscard]] std::size_t size() const { return images.size(); }
};

/// \throws DataError naming `source` and the first image at fault: no images, shapes that differ,
/// NaN or infinity, number of orientations not equal to number of images, pixel size not positive.
void validate(const TiltSeries& series, const std::string& source);

/// True if every orientation is a rotation about y only (to 1e-9).
[[nodiscard]] bool is_single_axis(const TiltSeries& series);

/// Tilt angle [degree] of a single-axis orientation.
[[nodiscard]] double tilt_degrees(const Mat3& orientation);

} // namespace aet::core
