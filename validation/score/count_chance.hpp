// Whether a count is smaller than chance makes it.
#pragma once

#include <optional>
#include <vector>

namespace aet::validation {

/// How many there were in a run, and of how many where that is known (nuclei matched of nuclei in the truth).
struct Count {
  int number = 0;          ///< >= 0
  std::optional<int> of{}; ///< >= number
};

/// Probability that a run no worse than the accepted ones has as few as this one, or fewer.
///
/// Counts of a run are small (0 to some tens) and accepted runs few, so nothing here is normal and no scatter
/// is taken for known. What is tested is whether the new run and the accepted ones, together, have one rate;
/// given the sum of all counts, the distribution of the new one then holds no unknown, and the tail is exact:
/// - n of N: every one of the N is had with one probability. Fisher's exact test (hypergeometric).
/// - n alone: events at one rate, Poisson. The new run gets each of all with probability 1 / (runs + 1).
///   Counts of one specimen scatter less than that; then the test is on the side of no alarm.
/// Two things beyond that model, both towards no alarm:
/// - Runs that scatter more than the model says (three or more needed to tell): all counts are divided by the
///   ratio of the variances, Pearson's chi^2 / (runs - 1), as in quasi-likelihood.
/// - An accepted run as low as this one: runs of one kind come in any order, so that the new one is among the
///   lowest, ties with it, with probability (1 + as low) / (1 + runs); the result is no smaller than that.
/// Alarms at a level of 2.5e-4, 200,000 draws: with counts as the model says 0 to 1.5e-4, for any number of
/// runs; with four times the variance and four accepted runs, which hardly tell it, 8e-3, with twelve 1.4e-3.
/// Examples: 0 after 2, 3, 2, 4 has 0.086, after four runs of 10 1.3e-4; 0 of 10 after 10 of 10 has 5e-6,
/// 0 of 2 after 4 of 7 0.28.
/// Sources: Przyborowski & Wilenski, Biometrika 31, 313 (1940); McCullagh & Nelder, Generalized Linear Models
/// (1989), 4.5.
/// \param accepted with `of` where `now` has one; those of an `of` of 0 say nothing. Without any: 1.
[[nodiscard]] double chance_of_so_few(const Count& now, const std::vector<Count>& accepted);

/// The smallest number (of the same `of`) that chance explains with probability `level`, (0, 1).
[[nodiscard]] int fewest_explained(const Count& now, const std::vector<Count>& accepted, double level);

} // namespace aet::validation
