// Single pixels that stand out from all around them: cosmic rays, defects of the detector.
#pragma once

#include "recon/images/noise_model.hpp"

#include <cstdint>
#include <vector>

namespace aet::recon {

struct HotPixelOptions {
  double threshold = 6.0; ///< in robust sd, 3..1000
};

/// Replace hot (and dead) pixels by the median of their eight neighbours.
///
/// A pixel is replaced if it lies beyond all its neighbours but one by more than `threshold` sd of the noise,
/// in roots of counts, and by more than twice what the extrema of the image usually do; and if it differs
/// from the median by more than `threshold` x 1.4826 x the median absolute deviation of the 5 x 5 pixels
/// around. Peaks of atoms, which their neighbours share, are kept, and of two hot pixels side by side both
/// are found.
/// \return the numbers iy nx + ix of those replaced, rising.
/// \throws ConfigError for a threshold out of range.
std::vector<std::uint32_t> replace_hot_pixels(core::Image& image, const NoiseModel& noise,
                                              const HotPixelOptions& options);

} // namespace aet::recon
