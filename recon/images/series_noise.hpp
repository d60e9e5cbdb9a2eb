// The noise of a tilt series, and where it is known from.
#pragma once

#include "recon/images/noise_model.hpp"
#include "sim/core/tilt_series.hpp"

#include <string>

namespace aet::recon {

struct SeriesNoise {
  NoiseModel model;
  std::string source; ///< "recorded with the series", "Poisson, from whole numbers", "estimated"
};

/// The series' own record; else Poisson noise of gain 1 if all pixels are whole numbers >= 0; else estimated
/// from the images (see noise_model.hpp). \throws DataError if images without a record show no noise.
[[nodiscard]] SeriesNoise noise_of(const core::TiltSeries& series);

} // namespace aet::recon
