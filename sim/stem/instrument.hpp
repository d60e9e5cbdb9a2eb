// From the fraction of the beam on the detector to the counts a camera records.
#pragma once

#include "sim/core/tilt_series.hpp"

#include <cstdint>

namespace aet::stem {

/// counts = gain x Poisson(dose x pixel area x fraction) + normal(readout mean, readout sd).
/// Source of the model: Yang et al., Nature 542, 75 (2017), Methods, doi:10.1038/nature21042.
struct NoiseOptions {
  double dose_e_per_a2 = 1.5e4; ///< electrons per square angstrom and tilt, > 0 and <= 1e9
  double gain = 1.0;            ///< counts per detected electron, > 0 and <= 1e6
  double readout_mean = 0.0;    ///< [counts], -1e9..1e9
  double readout_sd = 0.0;      ///< [counts], 0..1e9
  std::uint64_t seed = 0;
  std::uint32_t frame = 0; ///< which time; part of the random streams' key
};

/// \throws core::ConfigError for the first value out of range.
void validate(const NoiseOptions& options);

/// One image of fractions as counts; random stream (seed, "detector", {frame, tilt, exposure}), pixels in
/// storage order.
/// \param pixel_size [angstrom].
/// \param exposure counts the exposures of one tilt.
[[nodiscard]] core::Image add_noise(const core::Image& fraction, double pixel_size,
                                    const NoiseOptions& options, std::uint32_t tilt,
                                    std::uint32_t exposure = 0);

/// The whole series as counts, with dose, gain and readout recorded in its microscope.
/// \throws core::DataError if the series is not in fractions of the beam.
[[nodiscard]] core::TiltSeries apply_noise(const core::TiltSeries& series, const NoiseOptions& options);

} // namespace aet::stem
