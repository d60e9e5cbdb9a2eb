// What an image shows: a specimen in one orientation, and where it is scanned.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/stem/options.hpp"

namespace aet::stem {

/// What an image shows, without what it takes to make it: for the length of a call.
struct View {
  const core::Atoms& atoms; ///< specimen [angstrom]; columns may tell of its thermal_motion()
  core::Mat3 orientation;   ///< proper rotation R; electrons travel along +z of the rotated specimen R r
  Scan scan;
  ImageKey key = {}; ///< which thermal displacements are drawn; the same key gives the same image
};

} // namespace aet::stem
