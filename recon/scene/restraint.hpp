// Atoms held to places that were found in another way.
#pragma once

#include "recon/scene/linear_model.hpp"

#include <vector>

namespace aet::recon {

/// A normal distribution of each atom's position about a place of its own: adds precision / 2 x (distance)^2
/// to the negative log likelihood of each.
struct Restraint {
  std::vector<core::Vec3> places; ///< one an atom [angstrom]; empty: no restraint
  double precision = 0.0;         ///< 1 / variance along each axis [1 / angstrom^2], >= 0

  [[nodiscard]] bool active() const { return !places.empty() && precision > 0.0; }
};

/// What it adds to the loss of these positions.
[[nodiscard]] double restraint_loss(const Restraint& restraint, const std::vector<core::Vec3>& positions);

/// Its gradient, added to that of the positions.
void add_restraint_gradient(const Restraint& restraint, const std::vector<core::Vec3>& positions,
                            ParameterVector& gradient);

/// Its curvature times the positions' part of v, added to `out`.
void add_restraint_product(const Restraint& restraint, const ParameterVector& v, ParameterVector& out);

} // namespace aet::recon
