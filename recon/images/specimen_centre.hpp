// Where the specimen lies in an image.
#pragma once

#include "sim/core/grid.hpp"

#include <Eigen/Core>

namespace aet::recon {

/// Centre of mass of the largest connected bright region [pixel from (nx/2, ny/2)]; other particles in view
/// do not count. (0, 0) where there is none.
/// \param blurred the same image blurred: the region is where it exceeds background + mask_level x (its
///   maximum - background).
/// \param mask_level in (0, 1).
[[nodiscard]] Eigen::Vector2d specimen_centre(const core::Image& image, const core::Image& blurred,
                                              double background, double mask_level);

} // namespace aet::recon
