// A tilt series of images, or one of its images at a time so that work can stop and go on between them.
#pragma once

#include "sim/core/tilt_series.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/options.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aet::stem {

struct TiltSeriesOptions {
  std::vector<core::Mat3> orientations; ///< proper rotations, >= 1; see single_axis_tilts()
  Scan scan;
  StemOptions stem;
  std::uint64_t seed = 0;
  std::uint32_t frame = 0;  ///< which time; part of the random streams' key
  double source_sd_a = 0.0; ///< standard deviation of the Gaussian source image [angstrom], 0..2
};

/// Rotations about y.
/// \param angles_deg tilt angles [degree].
[[nodiscard]] std::vector<core::Mat3> single_axis_tilts(const std::vector<double>& angles_deg);

/// \throws core::ConfigError for no orientation, one that is no proper rotation, or any option out of range.
void validate(const TiltSeriesOptions& options);

/// \throws core::ConfigError naming the tilt and the size needed if an atom falls outside the field of view.
void require_inside_field(const core::Atoms& atoms, const TiltSeriesOptions& options);

/// Image number `tilt` of the series, source size included; the same bytes as in simulate_tilt_series(),
/// whatever was computed before and with any number of threads.
/// \throws as simulate_image(), validate(), require_inside_field().
[[nodiscard]] core::Image simulate_tilt_image(const core::Atoms& atoms, const TiltSeriesOptions& options,
                                              std::size_t tilt, core::Threads threads,
                                              const core::ProgressSink& progress = {});

/// Images of all tilts put together with their orientations and what a microscope would record of its
/// settings.
/// \throws core::DataError if there is not one image for each orientation.
[[nodiscard]] core::TiltSeries assemble_tilt_series(std::vector<core::Image> images,
                                                    const TiltSeriesOptions& options);

/// The whole series, in units of the incident beam. Progress in "tilts".
/// \throws as simulate_tilt_image().
[[nodiscard]] core::TiltSeries simulate_tilt_series(const core::Atoms& atoms,
                                                    const TiltSeriesOptions& options, core::Threads threads,
                                                    const core::ProgressSink& progress = {});

/// Convolution with a normalised Gaussian, zero outside the image.
/// \param sd standard deviation [pixel], >= 0.
[[nodiscard]] core::Image gaussian_blur(const core::Image& image, double sd);

} // namespace aet::stem
