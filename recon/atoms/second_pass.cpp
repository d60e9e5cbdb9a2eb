#include "recon/atoms/second_pass.hpp"

#include "sim/core/neighbours/pairs.hpp"

namespace aet::recon {

PassComparison compare_passes(const core::Atoms& first, const core::Atoms& second, double cutoff_a) {
  PassComparison c;
  c.first = first.size();
  c.second = second.size();
  std::vector<bool> paired(second.size(), false);
  std::size_t next = 0;
  for (const auto& [i, j] : core::mutual_nearest(first.positions, second.positions, cutoff_a)) {
    for (; next < i; ++next)
      c.only_first.push_back(next);
    next = i + 1;
    paired[j] = true;
    ++c.common;
    if (first.atomic_numbers[i] == second.atomic_numbers[j])
      ++c.same_species;
    else
      c.other_species.push_back(i);
  }
  for (; next < first.size(); ++next)
    c.only_first.push_back(next);
  for (std::size_t j = 0; j < second.size(); ++j) {
    if (!paired[j]) c.only_second.push_back(j);
  }
  return c;
}

} // namespace aet::recon
