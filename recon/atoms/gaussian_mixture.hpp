// A sum of Gaussians fitted to a list of numbers: the double-Gaussian histogram of integrated intensities.
#pragma once

#include <cstddef>
#include <vector>

namespace aet::recon {

struct MixtureComponent {
  double weight = 0.0; ///< share of the values
  double mean = 0.0;
  double sd = 0.0;
};

/// Components in the order of their labels; density(x) = sum weight * normal(x; mean, sd).
struct GaussianMixture {
  std::vector<MixtureComponent> components;
  int iterations = 0;
  double log_likelihood = 0.0; ///< natural, of all values

  /// Probability of each component for a value; sums to one.
  [[nodiscard]] std::vector<double> posterior(double value) const;
};

/// Maximum likelihood by expectation maximisation, on the values themselves and not on a histogram, so that
/// no bin width enters.
///
/// \param values finite.
/// \param label first assignment, 0..k-1, negative: takes no part; every class needs two members, otherwise
///   it stays without weight. `pooling` (0..10) draws the variances towards their common mean, as if so many
///   times all values more had been seen with it: Gaussians that overlap would otherwise trade width for
///   weight without end. Standard deviations are kept above 0.1 % of the range, which keeps a component from
///   shrinking onto a single value. Source: Dempster, Laird, Rubin, J. R. Stat. Soc. B 39, 1 (1977).
[[nodiscard]] GaussianMixture fit_mixture(const std::vector<double>& values, const std::vector<int>& label,
                                          int k, int max_iterations = 300, double pooling = 0.0);

/// Where the weighted densities of components `i` and `i + 1` are equal, between their means: the crossing
/// point that divides two species. The middle of the means where there is no crossing between them.
[[nodiscard]] double crossing_point(const GaussianMixture& mixture, std::size_t i);

/// Labels 0..k-1 by rising mean that make the sum of squares within groups least (one dimension, exact by
/// dynamic programming over the sorted values; more than 2,000 values are first put into 2,000 bins).
/// \throws ConfigError for k outside 1..8; DataError for fewer than k different values.
[[nodiscard]] std::vector<int> k_means_1d(const std::vector<double>& values, int k);

} // namespace aet::recon
