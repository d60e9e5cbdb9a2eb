// The level of an image without specimen, from its border.
#pragma once

#include "sim/core/grid.hpp"

namespace aet::recon {

/// Mean intensity of the image border, robust against a specimen that reaches it in some places: the median
/// over 16 stretches of a border 1/16 of the image wide (at least 2 pixels).
/// \param image at least 8 x 8.
[[nodiscard]] double border_level(const core::Image& image);

} // namespace aet::recon
