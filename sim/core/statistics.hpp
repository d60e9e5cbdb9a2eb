// Distributions of statistics, by Boost.Math, whose headers stay behind this one.
#pragma once

#include <utility>

namespace aet::core {

/// What a standard normal variable exceeds with probability `tail`.
/// \param tail 0 < tail < 1.
[[nodiscard]] double normal_quantile_above(double tail);

/// The same for Student's t distribution.
/// \param degrees_of_freedom >= 1.
/// \throws ConfigError out of these ranges.
[[nodiscard]] double student_t_quantile_above(double tail, double degrees_of_freedom);

/// Probability that a variable of Fisher's F distribution exceeds f >= 0; d1, d2 > 0 degrees of freedom.
/// \throws ConfigError out of these ranges.
[[nodiscard]] double f_tail(double f, double d1, double d2);

/// Probability of at most `hits` among `trials` with probability `share` (0 .. 1) each, 0 <= hits <= trials.
/// The numbers need not be whole.
[[nodiscard]] double binomial_cdf(double hits, double trials, double share);

/// Wilson's 95 % interval (low, high) of a share of `hits` among `total` > 0 (whole numbers, or means of
/// such); inside [0, 1], and not of zero width at 0 or 1. Source: Wilson, J. Am. Stat. Assoc. 22, 209 (1927),
/// doi:10.1080/01621459.1927.10502953.
[[nodiscard]] std::pair<double, double> wilson_interval(double hits, double total);

/// Probability that at most `hits` of `marked` ones are among `drawn` of `all` without replacement.
/// \param hits a possible number.
[[nodiscard]] double hypergeometric_cdf(unsigned hits, unsigned marked, unsigned drawn, unsigned all);

} // namespace aet::core
