// Which parts of a volume the images show.
#pragma once

#include "recon/volume/projections.hpp"
#include "sim/core/aligned.hpp"
#include "sim/core/parallel.hpp"

#include <string>

namespace aet::recon {

/// For each voxel the number of images with a known pixel where it is projected to, n^3 numbers.
/// \param projections with `known` pixels.
[[nodiscard]] core::AlignedVector<float> coverage(const Projections& projections, core::Threads threads);

/// What of the volume is shown by all images, by half and by none, in a sentence.
[[nodiscard]] std::string coverage_note(const core::AlignedVector<float>& coverage, std::size_t images);

} // namespace aet::recon
