// Moments of one specimen brought into one frame: annealed particles come out of the microscope turned.
#pragma once

#include "validation/score/match.hpp"

#include <string>

namespace aet::validation {

/// What was done to a moment.
struct Registration {
  double matched_as_given = 0.0; ///< part of the first moment's atoms with a partner
  double matched = 0.0;          ///< after the fit
  double by_chance = 0.0;        ///< part that random turns of it match
  bool moved = false;            ///< false: nothing fits better than what chance does, and it stays
  double turned_rad = 0.0;
  double shifted_a = 0.0; ///< of the centroid
  std::string sentence;   ///< for people
};

/// Lays a later moment onto the first by the atoms that both have (match_atoms()); if fewer than half match
/// as it lies, all turns are tried. A crystal matches itself after turns by its own symmetry, too: of those
/// the outline and missing atoms decide, species do not.
/// \param alignment rigid, or affine as Zhou et al. 2019 takes out scan distortions.
/// \throws as match_atoms().
[[nodiscard]] Registration register_moment(const core::Atoms& first, core::Atoms& later, Alignment alignment);

} // namespace aet::validation
