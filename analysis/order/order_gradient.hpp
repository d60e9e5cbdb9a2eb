// The gradient of a quantity known at the atoms.
#pragma once

#include "sim/core/neighbours/neighbours.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace aet::analysis {

struct OrderGradient {
  std::vector<core::Vec3> gradient; ///< [1 / angstrom]; zero where not valid
  std::vector<std::uint8_t>
      valid; ///< 0: the neighbours do not span space, so there is no gradient to speak of
};

/// Local weighted least squares: at each atom, value = a + g . (r - r_i) is fitted to the atom and its
/// neighbours with Gaussian weights exp(-d^2 / (2 s^2)), s = half the largest neighbour distance in the list.
/// Exact for a linear field.
/// \param values one finite number an atom.
/// \throws DataError if their number is wrong.
[[nodiscard]] OrderGradient order_gradient(const core::NeighbourList& neighbours,
                                           std::span<const double> values, core::Threads threads = {});

} // namespace aet::analysis
