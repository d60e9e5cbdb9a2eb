// Single pixels that stand out from all around them: cosmic rays, defects of the detector.
#pragma once

#include "recon/images/noise_model.hpp"

#include <cstdint>
#include <vector>

namespace aet::recon {

struct HotPixelOptions {
  double threshold = 6.0; ///< in robust sd, 3..1000
};

struct HotPixel {
  std::uint32_t pixel = 0; ///< iy nx + ix
  float median = 0.0F;     ///< of its eight neighbours
};

/// Hot (and dead) pixels, in rising order.
///
/// A pixel is one if it lies beyond all its neighbours but one by more than `threshold` sd of the noise,
/// in roots of counts, and by more than twice what the extrema of the image usually do; and if it differs
/// from the median by more than `threshold` x 1.4826 x the median absolute deviation of the 5 x 5 pixels
/// around. Peaks of atoms, which their neighbours share, are kept, and of two hot pixels side by side both
/// are found.
/// \throws ConfigError for a threshold out of range.
[[nodiscard]] std::vector<HotPixel> find_hot_pixels(const core::Image& image, const NoiseModel& noise,
                                                    const HotPixelOptions& options);

/// Replace them by the median of their neighbours.
/// \return the numbers iy nx + ix of those replaced, rising.
/// \throws as find_hot_pixels().
std::vector<std::uint32_t> replace_hot_pixels(core::Image& image, const NoiseModel& noise,
                                              const HotPixelOptions& options);

} // namespace aet::recon
