// A tilt series as recovery sees it: images, how the specimen stood in each, and what is known of their
// noise.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aet::core {

using Vec2 = Eigen::Vector2d;

/// What an operator knows of the acquisition. Empty = not recorded. Gain and readout describe one exposure.
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
  std::string noise_source;            ///< how gain and readout became known; empty: the detector's record
};

/// Unit of the pixel values.
enum class Intensity { fraction, counts, unknown };

/// How orientations and shifts became known.
enum class PoseSource {
  given,   ///< as the stage or the operator says
  aligned, ///< fitted to the images of the series
  refined  ///< fitted together with the atoms of a model
};

/// images[i] was taken with the specimen rotated by orientations[i] and moved by shifts[i]. The lists that
/// may be empty hold one entry an image otherwise.
struct TiltSeries {
  std::vector<Image> images;      ///< all of one shape, background and noise and all
  std::vector<Mat3> orientations; ///< proper rotations
  /// Where the rotation centre appears, off pixel (nx/2, ny/2) [angstrom]; empty: on it in all images.
  std::vector<Vec2> shifts;
  PoseSource poses = PoseSource::given;
  double pixel_size = 1.0; ///< [angstrom]
  Intensity intensity = Intensity::unknown;
  Microscope microscope;
  std::vector<int> exposures; ///< of which each image is the mean, >= 1; empty: one each
  /// Numbers (iy nx + ix, rising) of the pixels that hold no measurement: hot ones, whose values are
  /// stand-ins, and those beyond the edge of an exposure. Empty: none.
  std::vector<std::vector<std::uint32_t>> masked;
  /// Level without specimen, where it is known better than from the image's border [counts]; empty: it is
  /// not.
  std::vector<double> backgrounds;

  [[nodiscard]] std::size_t size() const { return images.size(); }
};

/// The shift of image t [angstrom].
[[nodiscard]] Vec2 shift_of(const TiltSeries& series, std::size_t t);

/// Of how many exposures image t is the mean.
[[nodiscard]] int exposures_of(const TiltSeries& series, std::size_t t);

/// The images with these numbers, in this order, with all that is known of them.
[[nodiscard]] TiltSeries part_of(const TiltSeries& series, const std::vector<std::size_t>& images);

/// \throws DataError naming `source` and the first image at fault: no images, shapes that differ,
/// NaN or infinity, number of orientations (or of another list) not equal to number of images, a shift that
/// is not finite, a masked pixel that does not exist, pixel size not positive.
void validate(const TiltSeries& series, const std::string& source);

/// True if every orientation is a rotation about y only (to 1e-9).
[[nodiscard]] bool is_single_axis(const TiltSeries& series);

/// Tilt angle [degree] of a single-axis orientation.
[[nodiscard]] double tilt_degrees(const Mat3& orientation);

} // namespace aet::core
