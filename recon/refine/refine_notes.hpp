// What a reader must know of a refinement, in sentences: RefineResult::notes.
#pragma once

#include "recon/refine/refine.hpp"

namespace aet::recon {

/// Which part of the images was left out for the light of neighbours (foreign_light.hpp).
void note_foreign(RefineResult& result, const core::TiltSeries& series);

/// Whether it ended at rest, and how much of the model it changed.
/// \param start     atoms that were given.
/// \param longest_a way of the atom that moved most in the last step [angstrom].
void note_end(RefineResult& result, std::size_t start, double longest_a);

/// What errors and evidence rest on.
void note_noise(RefineResult& result);

} // namespace aet::recon
