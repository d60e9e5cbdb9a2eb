// Where in the particle, and for which species, a model is right and wrong.
#pragma once

#include "sim/core/atoms.hpp"
#include "validation/score/match.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

/// What became of the atoms of each species.
struct Confusion {
  std::vector<int> species; ///< atomic numbers in truth or model, rising
  /// called[t][m]: atoms of species t of the truth matched with one called species m.
  std::vector<std::vector<std::size_t>> called;
  std::vector<std::size_t> missed;   ///< atoms of the truth without a partner, by species
  std::vector<std::size_t> spurious; ///< atoms of the model without a partner, by species
};

/// Atoms of the truth that share a property.
struct Band {
  double low = 0.0;  ///< of the property, included
  double high = 0.0; ///< excluded; infinite for the last band
  std::size_t truth = 0;
  std::size_t matched = 0;
  std::size_t right_species = 0;           ///< of the matched
  std::optional<double> rmsd_a{};          ///< of the matched [A]
  std::optional<core::Vec3> rmsd_axis_a{}; ///< along x, y (tilt axis) and z (beam at zero tilt) [A]
};

struct Breakdown {
  Confusion confusion;
  /// By the distance from the nearest surface atom [A]; the first band is the surface itself. Steps are the
  /// truth's median nearest-neighbour distance.
  std::vector<Band> by_depth;
  /// By the number of atoms of the truth within 1.5 nearest-neighbour distances; edges at the quartiles.
  std::vector<Band> by_neighbours;
  std::string reason; ///< why there are no bands; empty where there are
};

/// How one-sided the neighbours of each atom are: |sum of unit vectors| / number, over the atoms within
/// `cutoff_a`; 1 without neighbours. With a cutoff of 1.9 nearest-neighbour distances, in fcc: 0 inside, 0.12
/// one layer below a (100) facet, 0.41 on it, 0.36 on a (111) facet.
/// \param cutoff_a > 0 [A].
/// \throws DataError if two atoms lie in the same place.
[[nodiscard]] std::vector<double> one_sidedness(const core::Atoms& atoms, double cutoff_a);

/// Split a score by species, depth and local density. Surface atoms are those whose neighbours are more
/// one-sided than 0.3, which holds for crystals and glasses alike.
[[nodiscard]] Breakdown breakdown(const core::Atoms& truth, const core::Atoms& model,
                                  const MatchResult& match);

} // namespace aet::validation
