#include "recon/images/series_noise.hpp"

#include "sim/core/error.hpp"

#include <algorithm>
#include <cmath>

namespace aet::recon {

SeriesNoise noise_of(const core::TiltSeries& series) {
  const core::Microscope& m = series.microscope;
  if (m.gain && *m.gain > 0.0) {
    const double sd = m.readout_sd.value_or(0.0);
    return {{*m.gain, m.readout_mean.value_or(0.0), sd * sd}, "recorded with the series"};
  }
  const bool whole = std::all_of(series.images.begin(), series.images.end(), [](const core::Image& image) {
    return std::all_of(image.data.begin(), image.data.end(),
                       [](float v) { return v >= 0.0F && std::floor(v) == v; });
  });
  if (whole) return {{1.0, 0.0, 0.0}, "Poisson, from whole numbers"};
  NoiseModel noise = estimate_noise(series.images);
  if (!(noise.gain > 0.0) && !(noise.readout_variance > 0.0)) {
    throw core::DataError("no noise can be found in the images, so their likelihood has no meaning; give the "
                          "raw images, or the gain of the detector");
  }
  return {noise, "estimated"};
}

} // namespace aet::recon
