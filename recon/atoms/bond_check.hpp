// Doubtful atoms without neighbours at bonding distance.
#pragma once

#include "sim/core/atoms.hpp"

#include <cstddef>
#include <vector>

namespace aet::recon {

/// Which doubtful atoms have fewer than `least_bonds` sure atoms within 1.25 times the median distance of a
/// sure atom to its nearest sure neighbour. In a solid every atom is bonded, adatoms included (three or four
/// neighbours); a noise peak outside the particle is not. Nothing is said with fewer than ten sure atoms.
[[nodiscard]] std::vector<bool> without_bonds(const std::vector<core::Vec3>& positions,
                                              const std::vector<bool>& sure,
                                              const std::vector<bool>& doubtful, std::size_t least_bonds);

} // namespace aet::recon
