// Frames of a trajectory put together.
#pragma once

#include "sim/core/atoms.hpp"

#include <span>

namespace aet::analysis {

/// The mean of some frames: each atom where it is on average, in the image next to its place in the first
/// frame; cell, elements and columns of the first. Zhou et al. 2019 averages its molecular dynamics like this
/// (ten frames) to take heat out of the order parameter.
/// \throws DataError for no frame, or frames of other atoms or elements.
[[nodiscard]] core::Atoms mean_of_frames(std::span<const core::Atoms> frames);

} // namespace aet::analysis
