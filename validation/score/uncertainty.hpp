// How well a score is known: 95 % intervals of shares and of errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace aet::validation {

using Interval = std::pair<double, double>; ///< low, high

/// 95 % interval of the root of the mean of `squares` (at least one), as bootstrap_errors() makes them.
[[nodiscard]] Interval bootstrap_rms(const std::vector<double>& squares, int resamples, std::uint64_t seed);

/// 95 % intervals of errors, by drawing atoms with replacement.
struct ErrorIntervals {
  Interval rmsd;
  Interval rmsd_x;
  Interval rmsd_y;
  Interval rmsd_z;
  Interval median;
};

/// \param squares squared error along x, y, z of each matched atom; at least one.
/// \param resamples >= 2; the interval's ends are the 2.5 and 97.5 percentiles over them.
/// The same seed gives the same intervals. Cost: resamples x atoms draws.
[[nodiscard]] ErrorIntervals bootstrap_errors(const std::vector<double>& squares_x,
                                              const std::vector<double>& squares_y,
                                              const std::vector<double>& squares_z, int resamples,
                                              std::uint64_t seed);

} // namespace aet::validation
