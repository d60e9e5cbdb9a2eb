#include "recon/atoms/peak_selection.hpp"

#include "sim/core/neighbours/pairs.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

// Window of the intensity histogram and the tests on it (see split_non_atoms).
constexpr double window = 0.04;
constexpr double least_significance = 4.0;
constexpr double deepest_ratio = 0.5;
// Of a valley between peaks of noise, which grow in number downwards and here outnumber the atoms' mode, and
// atoms: it is filled by both, and may be this shallow.
constexpr double ratio_above_noise = 0.75;
constexpr double gap_high = 0.5;
constexpr double gap_distance = 5.0;
constexpr int bins = 400;

/// Gaussian-windowed counts of values between 0 and `level`, one a bin; a lone value adds 1 at its place.
std::vector<double> windowed_counts(const std::vector<double>& values, double level) {
  std::vector<double> histogram(bins + 1, 0.0);
  const double sigma = window * bins;
  const int reach = static_cast<int>(std::ceil(4.0 * sigma));
  // Values up to one reach above the level still count near it.
  std::vector<double> raw(static_cast<std::size_t>(bins + reach + 1), 0.0);
  for (const double v : values) {
    const double bin = std::round(v / level * bins);
    if (bin >= 0.0 && bin < static_cast<double>(raw.size())) raw[static_cast<std::size_t>(bin)] += 1.0;
  }
  for (int i = 0; i <= bins; ++i) {
    for (int j = std::max(0, i - reach); j <= i + reach && j < static_cast<int>(raw.size()); ++j) {
      if (raw[j] > 0.0) histogram[i] += raw[j] * std::exp(-0.5 * (i - j) * (i - j) / (sigma * sigma));
    }
  }
  return histogram;
}

/// Middle of the run of bins around the last place where `good` holds and the count is lowest.
int middle_of_lowest(const std::vector<double>& counts, int first, int last) {
  const double lowest = *std::min_element(counts.begin() + first, counts.begin() + last + 1);
  int begin = last;
  while (counts[begin] > lowest + 1e-3)
    --begin;
  const int end = begin;
  while (begin > first && counts[begin - 1] <= lowest + 1e-3)
    --begin;
  return (begin + end) / 2;
}

/// 1.4826 times the median absolute deviation: the standard deviation of a normal distribution, blind to
/// outliers.
double robust_sd(const std::vector<double>& values, double middle) {
  std::vector<double> distance;
  distance.reserve(values.size());
  for (const double v : values)
    distance.push_back(std::abs(v - middle));
  const auto half = distance.begin() + static_cast<std::ptrdiff_t>(distance.size() / 2);
  std::nth_element(distance.begin(), half, distance.end());
  return 1.4826 * *half;
}

} // namespace

std::vector<int> enforce_minimum_distance(const std::vector<core::Vec3>& positions, double min_distance) {
  std::vector<int> blocker(positions.size(), -1);
  std::vector<double> nearest(positions.size(), min_distance);
  // Sorted by the first of a pair: all that could block it have been dealt with when its own turn comes.
  for (const auto& [i, j] : core::close_pairs(positions, min_distance)) {
    if (blocker[i] >= 0) continue;
    const double distance = (positions[i] - positions[j]).norm();
    if (distance >= nearest[j]) continue;
    nearest[j] = distance;
    blocker[j] = static_cast<int>(i);
  }
  return blocker;
}

double strong_level(const std::vector<double>& values) {
  std::vector<double> sorted;
  for (const double v : values) {
    if (v > 0.0) sorted.push_back(v);
  }
  if (sorted.empty()) return 0.0;
  std::sort(sorted.begin(), sorted.end());
  double total = 0.0;
  for (const double v : sorted)
    total += v * v;
  double below = 0.0;
  for (const double v : sorted) {
    below += v * v;
    if (below >= 0.5 * total) return v;
  }
  return sorted.back();
}

NonAtomSplit split_non_atoms(const std::vector<double>& intensities) {
  NonAtomSplit split;
  split.rule = "none";
  split.level = strong_level(intensities);
  if (split.level <= 0.0) return split;
  const std::vector<double> counts = windowed_counts(intensities, split.level);

  // Highest count at or below, and at or above, each bin.
  std::vector<double> below(counts);
  std::vector<double> above(counts);
  for (int i = 1; i <= bins; ++i)
    below[i] = std::max(below[i], below[i - 1]);
  for (int i = bins - 1; i >= 0; --i)
    above[i] = std::max(above[i], above[i + 1]);
  std::vector<double> score(counts.size(), 0.0);
  for (int i = 0; i <= bins; ++i) {
    const double shoulder = std::min(below[i], above[i]);
    const double ratio = below[i] > above[i] ? ratio_above_noise : deepest_ratio;
    if (counts[i] > ratio * shoulder || shoulder <= 0.0) continue;
    score[i] = (shoulder - counts[i]) / std::sqrt(shoulder + counts[i]);
  }
  const double best = *std::max_element(score.begin(), score.end());
  if (best >= least_significance) {
    int last = bins;
    while (score[last] < 0.95 * best)
      --last;
    int first = last;
    while (first > 0 && score[first - 1] >= 0.95 * best)
      --first;
    const int valley = middle_of_lowest(counts, first, last);
    split.threshold = split.level * valley / bins;
    split.significance = score[valley];
    split.rule = "valley";
    return split;
  }

  // A few weak peaks, too few to count as a mode, but parted from the rest by a gap.
  std::vector<double> sorted(intensities);
  std::sort(sorted.begin(), sorted.end());
  const double middle = sorted[sorted.size() / 2];
  const double outlying = middle - gap_distance * robust_sd(sorted, middle);
  double widest = window * split.level;
  for (std::size_t i = 1; i < sorted.size() && sorted[i - 1] < outlying; ++i) {
    const double high = std::min(sorted[i], gap_high * split.level);
    if (high - sorted[i - 1] > widest) {
      widest = high - sorted[i - 1];
      split.threshold = 0.5 * (sorted[i - 1] + high);
      split.rule = "gap";
    }
  }
  return split;
}

double crowd_of_noise(std::vector<double> intensities) {
  double threshold = 0.0;
  std::size_t above = 0;
  for (;;) {
    const NonAtomSplit split = split_non_atoms(intensities);
    if (split.rule == "none") break;
    threshold = split.threshold;
    const std::size_t all = intensities.size();
    std::erase_if(intensities, [threshold](double v) { return v >= threshold; });
    above += all - intensities.size();
  }
  if (intensities.size() <= above) return 0.0;
  const auto [low, high] = std::minmax_element(intensities.begin(), intensities.end());
  const double third = *low + (*high - *low) / 3.0;
  const auto lowest =
      std::count_if(intensities.begin(), intensities.end(), [third](double v) { return v < third; });
  return 3 * lowest > static_cast<std::ptrdiff_t>(intensities.size()) ? threshold : 0.0;
}

} // namespace aet::recon
