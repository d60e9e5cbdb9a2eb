#include "recon/atoms/second_pass.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace aet::recon {

namespace {

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

/// Index of the nearest of `others` closer than `cutoff`, for each point; none where there is none.
std::vector<std::size_t> nearest(const std::vector<core::Vec3>& points, const std::vector<core::Vec3>& others,
                                 double cutoff) {
  using Key = std::array<int, 3>;
  const auto key_of = [&](const core::Vec3& r) {
    return Key{static_cast<int>(std::floor(r.x() / cutoff)), static_cast<int>(std::floor(r.y() / cutoff)),
               static_cast<int>(std::floor(r.z() / cutoff))};
  };
  std::map<Key, std::vector<std::size_t>> cells;
  for (std::size_t j = 0; j < others.size(); ++j)
    cells[key_of(others[j])].push_back(j);
  std::vector<std::size_t> found(points.size(), none);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Key key = key_of(points[i]);
    double least = cutoff;
    for (int c = 0; c < 27; ++c) {
      const auto cell = cells.find(Key{key[0] + c % 3 - 1, key[1] + c / 3 % 3 - 1, key[2] + c / 9 - 1});
      if (cell == cells.end()) continue;
      for (const std::size_t j : cell->second) {
        const double distance = (others[j] - points[i]).norm();
        if (distance < least) {
          least = distance;
          found[i] = j;
        }
      }
    }
  }
  return found;
}

} // namespace

std::vector<std::pair<std::size_t, std::size_t>>
common_pairs(const std::vector<core::Vec3>& a, const std::vector<core::Vec3>& b, double cutoff) {
  const auto of_a = nearest(a, b, cutoff);
  const auto of_b = nearest(b, a, cutoff);
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (of_a[i] != none && of_b[of_a[i]] == i) pairs.emplace_back(i, of_a[i]);
  }
  return pairs;
}

PassComparison compare_passes(const core::Atoms& first, const core::Atoms& second, double cutoff_a) {
  PassComparison c;
  c.first = first.size();
  c.second = second.size();
  std::vector<bool> paired(second.size(), false);
  std::size_t next = 0;
  for (const auto& [i, j] : common_pairs(first.positions, second.positions, cutoff_a)) {
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
