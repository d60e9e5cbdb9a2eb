// Which atoms the images show.
#pragma once

#include "recon/scene/scene.hpp"
#include "sim/core/tilt_series.hpp"

#include <vector>

namespace aet::recon {

/// Part of the images in whose field each atom lies, 0..1; a masked pixel is outside.
[[nodiscard]] std::vector<double> seen_parts(const Scene& scene, const core::TiltSeries& series);

} // namespace aet::recon
