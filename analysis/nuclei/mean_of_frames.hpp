// Frames of a trajectory put together.
#pragma once

#include "sim/core/atoms.hpp"

#include <span>

namespace aet::analysis {

/// The mean of some frames: each atom where it is on average, in the image next to its place in the first
/// frame; cell, elements and columns of the first. In a liquid, where atoms have no sites, mean positions are
/// the positions of nothing.
/// \throws DataError for no frame, or frames of other atoms or elements.
[[nodiscard]] core::Atoms mean_of_frames(std::span<const core::Atoms> frames);

struct MeanOnSites {
  core::Atoms atoms;
  std::size_t moved = 0; ///< atoms that kept no site
};

/// The same where an atom keeps its site; an atom that is anywhere farther than `site_radius_a` from its mean
/// stays where the middle frame has it. The default is half the shortest jump between sites of Pt (fcc to hcp
/// on a (111) face, 1.6 A). Particles should not turn within the frames.
/// \param site_radius_a > 0 [angstrom].
/// \throws as mean_of_frames().
[[nodiscard]] MeanOnSites mean_on_sites(std::span<const core::Atoms> frames, double site_radius_a = 0.8);

} // namespace aet::analysis
