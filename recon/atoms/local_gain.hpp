// Slow changes of intensity across a volume, measured on the atoms themselves.
#pragma once

#include "sim/core/atoms.hpp"

#include <vector>

namespace aet::recon {

/// For each atom, the intensities around it relative to what atoms of their species have on average: the sum
/// of the neighbours' intensities over the sum of their species' means, both with `prior` times the brightest
/// mean added, which keeps few neighbours from deciding. The atom itself is left out.
///
/// \param label species of each atom, negative: takes no part, but gets a gain.
/// \param radius_a [angstrom].
[[nodiscard]] std::vector<double> local_gain(const std::vector<core::Vec3>& positions,
                                             const std::vector<double>& intensities,
                                             const std::vector<int>& label, int k, double radius_a,
                                             double prior = 3.0);

/// Mean of the values of each label 0..k-1; 0 where there is none.
[[nodiscard]] std::vector<double> mean_by_label(const std::vector<double>& values,
                                                const std::vector<int>& label, int k);

/// Atoms (label 0 and above) in the directions, seen from the centre of all atoms, that a single-axis tilt
/// series (axis y, beam z) left out: within `half_angle_deg` of the beam, measured about the tilt axis.
[[nodiscard]] std::vector<bool> in_missing_wedge(const std::vector<core::Vec3>& positions,
                                                 const std::vector<int>& label, double half_angle_deg);

} // namespace aet::recon
