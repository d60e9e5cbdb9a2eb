// The mean of a quantity over atoms.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

namespace aet::analysis {

/// NaN where there are none. Added by size, so that the order of the atoms leaves no trace.
inline double mean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace aet::analysis
