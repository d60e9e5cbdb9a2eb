// What the pixels of a series tell by their neighbours: whether there is anything but noise, and whether the
// noise was taken off.
#pragma once

#include "sim/core/tilt_series.hpp"

namespace aet::recon {

/// Correlation of neighbouring pixels, along both axes and over all images, each about its own mean.
struct NeighbourCorrelation {
  double value = 0.0;
  double chance = 0.0; ///< standard deviation of the value for white noise
  double pairs = 0.0;
};

/// \return value 0 where every image is one constant. Pixels beyond 6 robust standard deviations count as if
/// they were there.
[[nodiscard]] NeighbourCorrelation neighbour_correlation(const core::TiltSeries& series);

/// \throws DataError in one sentence if every image is one constant, or if neighbouring pixels are as unlike as
///   those of white noise are (less than 5 standard deviations of chance): an atom's image covers several
///   pixels, so that a specimen makes neighbours alike long before one of its atoms can be seen.
void require_content(const core::TiltSeries& series);

/// Correlation of neighbouring pixels after fourth differences along both axes, which leave little but noise:
/// -0.8 for white noise of any strength, above it for noise that was smoothed (by denoising, by interpolation
/// to other pixels, by the transfer of a resampled image). Images of 5 x 5 pixels at least; 0 for constants.
[[nodiscard]] NeighbourCorrelation high_pass_correlation(const core::TiltSeries& series);

/// Whether the noise of the images was smoothed, or is less than the structure finer than what the
/// differences take away: neither its size nor a likelihood of single pixels can be had from such images.
/// Above -0.74, and more than chance above -0.8.
[[nodiscard]] bool noise_smoothed(const core::TiltSeries& series);

} // namespace aet::recon
