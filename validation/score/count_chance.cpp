#include "validation/score/count_chance.hpp"

#include "sim/core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::validation {

namespace {

constexpr std::size_t enough_runs = 3; ///< to tell how much they scatter

/// Sums over runs. What is not had of `of` is `missed`.
struct Sum {
  double number = 0.0;
  double missed = 0.0;
};

Sum sum_of(const std::vector<Count>& counts) {
  Sum sum;
  for (const Count& c : counts) {
    sum.number += c.number;
    sum.missed += c.of ? *c.of - c.number : 0;
  }
  return sum;
}

/// Variance of the counts over that of the model, at least 1.
double dispersion(const std::vector<Count>& counts, const Sum& sum) {
  const double runs = static_cast<double>(counts.size());
  if (counts.size() < enough_runs || sum.number == 0.0) return 1.0;
  double chi2 = 0.0;
  for (const Count& c : counts) {
    const double share = c.of ? sum.number / (sum.number + sum.missed) : 1.0;
    const double expected = c.of ? share * *c.of : sum.number / runs;
    const double variance = c.of ? expected * (1.0 - share) : expected;
    if (variance > 0.0) chi2 += (c.number - expected) * (c.number - expected) / variance;
  }
  return std::max(1.0, chi2 / (runs - 1.0));
}

bool as_low(const Count& a, const Count& b) {
  if (!a.of) return a.number <= b.number;
  return static_cast<double>(a.number) * *b.of <= static_cast<double>(b.number) * *a.of; // shares
}

/// Fisher's exact test: of all, `now` was drawn.
double hypergeometric_tail(const Sum& now, const Sum& before) {
  const auto had = static_cast<unsigned>(now.number + before.number);
  const auto drawn = static_cast<unsigned>(now.number + now.missed);
  const auto all = static_cast<unsigned>(now.number + now.missed + before.number + before.missed);
  if (drawn == 0 || drawn == all) return 1.0;
  return core::hypergeometric_cdf(static_cast<unsigned>(now.number), had, drawn, all);
}

/// Of all events, each falls into the new run with the same probability as into any other.
double binomial_tail(double now, double before, double runs) {
  return core::binomial_cdf(now, now + before, 1.0 / (runs + 1.0));
}

} // namespace

double chance_of_so_few(const Count& now, const std::vector<Count>& accepted) {
  std::vector<Count> runs;
  std::copy_if(accepted.begin(), accepted.end(), std::back_inserter(runs), [&now](const Count& c) {
    return c.of.has_value() == now.of.has_value() && (!c.of || *c.of > 0);
  });
  if (runs.empty() || (now.of && *now.of == 0)) return 1.0;
  Sum before = sum_of(runs);
  Sum mine = sum_of({now});
  // Parts of counts are rounded to the side of no alarm.
  const double phi = dispersion(runs, before);
  before = {std::floor(before.number / phi), std::ceil(before.missed / phi)};
  mine = {std::ceil(mine.number / phi), std::floor(mine.missed / phi)};
  const double n = static_cast<double>(runs.size());
  const double tail =
      now.of ? hypergeometric_tail(mine, before) : binomial_tail(mine.number, before.number, n);
  const auto low = std::count_if(runs.begin(), runs.end(), [&now](const Count& c) { return as_low(c, now); });
  return low == 0 ? tail : std::max(tail, (1.0 + static_cast<double>(low)) / (1.0 + n));
}

int fewest_explained(const Count& now, const std::vector<Count>& accepted, double level) {
  Count count{0, now.of};
  while ((!count.of || count.number < *count.of) && chance_of_so_few(count, accepted) < level)
    ++count.number;
  return count.number;
}

} // namespace aet::validation
