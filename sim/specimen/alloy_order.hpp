// Which element sits on which site: random alloys, ordered phases with a given order parameter, order
// profiles.
#pragma once

#include "sim/core/random.hpp"

#include <optional>
#include <vector>

namespace aet::specimen {

/// Index of the element (0 = A, 1 = B, ...) of every site.
using Species = std::vector<int>;
/// Whose site it is in the ordered phase: 0 = A's, 1 = B's, -1 = nobody's (disordered).
using Owners = std::vector<int>;

/// A random alloy: `sites` sites, exact numbers of each element (largest remainders), shuffled.
/// \param fractions of each element, >= 0, summing up to 1.
[[nodiscard]] Species random_alloy(std::size_t sites, const std::vector<double>& fractions,
                                   core::RandomStream& random);

/// How well two elements are to be ordered. Only one of order_parameter and antisite_fraction may be given.
struct OrderRequest {
  std::optional<double> fraction_a; ///< part of A, 0..1; default: as many as A has sites
  std::optional<double>
      order_parameter; ///< Bragg-Williams S, 0..1; default: the largest the composition allows
  double antisite_fraction =
      0.0; ///< part of all atoms that changed places with one of the other kind, 0..0.5
};

/// Two elements on the sublattices `owners` (0 or 1): exactly round(fraction_a N) atoms A, of which round(N_a
/// (x + S y_b)) are on the N_a sites of A, chosen at random (x: fraction of A; y_b: fraction of sites of B).
/// Then round(antisite_fraction N / 2) randomly chosen pairs of an A on its site and a B on its site are
/// swapped.
/// \throws core::ConfigError if S is larger than the composition allows, or there are too few pairs to swap.
[[nodiscard]] Species ordered_alloy(const Owners& owners, const OrderRequest& request,
                                    core::RandomStream& random);

/// Two elements with an order parameter of its own at each site: A is on a site of A with probability x + S
/// y_b, on one of B with x - S (1 - y_b), cut to 0..1; y_b is the part of the ideal phase's sites that are
/// B's there. The number of atoms A is exact: the round(fraction_a N) sites are taken whose log-odds minus
/// those of a uniform deviate are largest, which is independent draws with a common shift of the log-odds of
/// order N^-1/2.
[[nodiscard]] Species graded_alloy(const Owners& owners, const std::vector<double>& order,
                                   const std::vector<double>& share_b, double fraction_a,
                                   core::RandomStream& random);

/// The same with exact numbers: the sites are taken group by group (`groups`, any labels, in rising order)
/// and each group gets the whole number of A nearest to the sum of its probabilities plus what rounding left
/// over before. Which sites of a group hold A is decided as above, so equal profiles of two moments give
/// equal atoms.
[[nodiscard]] Species exact_alloy(const Owners& owners, const std::vector<double>& order,
                                  const std::vector<double>& share_b, double fraction_a,
                                  const std::vector<long>& groups, core::RandomStream& random);

/// Bragg-Williams long-range order parameter S = (r_a - x) / y_b with r_a the part of A's sites that hold A,
/// x the part of A among the atoms, y_b the part of sites that are B's; equal to r_a + r_b - 1. 1: perfect,
/// 0: random. No value if one sublattice is empty. Sites with owner -1 do not count. Source: Warren, X-ray
/// Diffraction (1969), section 12.2.
[[nodiscard]] std::optional<double> order_parameter(const Owners& owners, const Species& species);

} // namespace aet::specimen
