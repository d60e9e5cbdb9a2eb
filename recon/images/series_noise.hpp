// The noise of a tilt series: what is recorded of it, or what its images tell.
#pragma once

#include "recon/images/noise_model.hpp"
#include "sim/core/tilt_series.hpp"

#include <optional>
#include <string>

namespace aet::recon {

struct SeriesNoise {
  NoiseModel exposure; ///< of one exposure; an image that is the mean of n has exposure.of_mean(n)
  std::string source;  ///< "recorded with the series", "Poisson, from whole numbers", "estimated", "given"
};

/// The noise of a series: its own record; else Poisson noise of gain 1 if all pixels are whole numbers >= 0
/// that scatter as counts of single electrons do; else estimated from the images (noise_model.hpp), from
/// exposures as they are, not from means of different numbers of them.
///
/// Whole numbers that a detector multiplied by its gain and put on an offset scatter otherwise: the variance
/// at the 10th, 50th and 90th percentile of the pixels is held against the mean there, with a factor of two
/// as margin, since structure finer than the estimate's filter adds to the variance.
/// \return none where the images show no noise or one that was smoothed (image_content.hpp), and where whole numbers are no counts but gain and offset
///   cannot be told.
/// \throws DataError for a record that cannot be.
[[nodiscard]] std::optional<SeriesNoise> find_noise(const core::TiltSeries& series);

/// The same;
/// \throws DataError where there is none: for whole numbers a question that names --gain and --offset.
[[nodiscard]] SeriesNoise noise_of(const core::TiltSeries& series);

/// Write the noise of an exposure into the series' record.
void record_noise(core::TiltSeries& series, const SeriesNoise& noise);

} // namespace aet::recon
