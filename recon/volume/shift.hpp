// Images moved by fractions of a pixel.
#pragma once

#include "sim/core/grid.hpp"

namespace aet::recon {

/// The image moved by (dx, dy) pixels, as a trigonometric polynomial: no blur. Outside its edges the image is
/// taken to be zero, and what leaves it is lost. Shifts by whole pixels are exact copies.
/// \param image at least 2 x 2; its background removed, or the edge rings.
[[nodiscard]] core::Image shifted(const core::Image& image, double dx, double dy);

} // namespace aet::recon
