// Single pixels that stand out from all around them: cosmic rays, defects of the detector.
#pragma once

#include "recon/images/noise_model.hpp"

namespace aet::recon {

struct HotPixelOptions {
  double threshold = 6.0; ///< in robust sd, 3..1000
};

/// Replace hot (and dead) pixels by the median of their eight neighbours.
///
/// A pixel is replaced if it differs from that median by more than `threshold` sd, and from its nearest
/// neighbour in value as well: peaks of atoms, which their neighbours share, are kept. The sd is the largest
/// of the noise expected at the median and 1.4826 x the median absolute deviation of the 5 x 5 pixels around.
/// \return how many were replaced. \throws ConfigError for a threshold out of range.
int replace_hot_pixels(core::Image& image, const NoiseModel& noise, const HotPixelOptions& options);

} // namespace aet::recon
