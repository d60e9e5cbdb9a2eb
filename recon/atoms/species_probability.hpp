// How sure each atom's species is, and each atom of being one.
#pragma once

#include "recon/atoms/classify.hpp"

#include <vector>

namespace aet::recon {

/// Steps 5 and 6 of classify_peaks: intensities divided by the local gain, their Gaussian mixture and its
/// crossing points, `label` by them, probabilities, and the bonds of doubtful atoms. Non-atoms are
/// label_ignored. Reads elements and intensity of `c`; fills corrected, probability, and the summary's part.
///
/// P(species) = P(atom) x share of the species among atoms. P(atom) compares the non-atoms and the dimmest
/// species with the moments each has as divided; the species' mixture is fitted.
void assign_probabilities(const std::vector<core::Vec3>& positions, const ClassifyOptions& options,
                          std::vector<int>& label, Classification& c);

} // namespace aet::recon
