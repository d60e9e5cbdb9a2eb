// From true images to what is delivered: exposures, background and counts.
#pragma once

#include "sim/core/tilt_series.hpp"
#include "sim/stem/instrument.hpp"
#include "sim/stem/microscope.hpp"

#include <vector>

namespace aet::stem {

/// A tilt series as the microscope delivers it, and what only a simulation knows.
struct Acquisition {
  core::TiltSeries
      series; ///< counts; each image is the plain mean of its tilt's exposures, as aligned by the stage
  core::TiltSeries exposures; ///< every exposure, tilt by tilt with its nominal orientation repeated; without
                              ///< images if there is one a tilt
  std::vector<core::Image> expected; ///< of series.images: mean counts without noise, spikes and saturation
  std::vector<core::Image>
      background; ///< the part of `expected` that is film, neighbour and readout [counts]
};

/// \param true_images one a tilt, of simulate_true_image(), on `simulated`.
/// \param noise dose is that of a tilt, shared among its exposures.
/// \param series probe and detector, for what is recorded; the scan that is delivered. The recorded gain and
///   readout describe the mean of the exposures (gain / n, sd / sqrt(n)).
/// \throws core::DataError if there is not one image for each tilt.
[[nodiscard]] Acquisition acquire(const std::vector<core::Image>& true_images, const Scan& simulated,
                                  const std::vector<TiltTruth>& truth, const TiltSeriesOptions& series,
                                  const MicroscopeOptions& options, const NoiseOptions& noise);

} // namespace aet::stem
