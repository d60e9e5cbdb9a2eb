#include "recon/atoms/l1_classes.hpp"

#include "sim/core/neighbours/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>

namespace aet::recon {

namespace {

constexpr double unreached = std::numeric_limits<double>::infinity();

std::size_t differences(const std::vector<int>& a, const std::vector<int>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    count += a[i] != b[i] ? 1U : 0U;
  return count;
}

} // namespace

L1Classes iterate_l1(const PeakBoxes& boxes, const std::vector<int>& start, int k,
                     const std::vector<double>& non_atom, int max_rounds) {
  L1Classes result;
  result.label = start;
  result.settled = false;
  std::set<std::vector<int>> seen{start};
  while (result.rounds < max_rounds) {
    ++result.rounds;
    std::vector<std::vector<double>> means;
    for (int c = 0; c < k; ++c)
      means.push_back(mean_box(boxes, result.label, c));
    std::vector<int> next(result.label);
    for (std::size_t i = 0; i < boxes.count; ++i) {
      if (next[i] == label_ignored) continue;
      double least = non_atom.empty() ? unreached : l1_distance(boxes.box(i), non_atom);
      if (!non_atom.empty()) next[i] = label_non_atom;
      for (int c = 0; c < k; ++c) {
        const auto& mean = means[static_cast<std::size_t>(c)];
        if (mean.empty()) continue;
        const double distance = l1_distance(boxes.box(i), mean);
        if (distance < least) {
          least = distance;
          next[i] = c;
        }
      }
    }
    if (next == result.label) {
      result.settled = true;
      break;
    }
    result.label = next;
    if (!seen.insert(next).second) break;
  }
  result.changed = differences(start, result.label);
  return result;
}

L1Classes reclassify_locally(const PeakBoxes& boxes, const std::vector<core::Vec3>& positions,
                             const std::vector<int>& start, int k, const LocalL1Options& options,
                             core::Threads threads) {
  L1Classes result;
  result.label = start;
  result.settled = false;
  const core::NeighbourList near = core::neighbours_within(positions, {}, options.radius_a, threads);
  std::set<std::vector<int>> seen{start};
  while (result.rounds < options.max_rounds) {
    ++result.rounds;
    std::vector<std::vector<double>> everywhere;
    for (int c = 0; c < k; ++c)
      everywhere.push_back(mean_box(boxes, result.label, c));
    std::vector<int> next(result.label);
    constexpr std::size_t block = 128;
    core::parallel_for((boxes.count + block - 1) / block, threads, [&](std::size_t b, int) {
      std::vector<double> mean(boxes.length);
      for (std::size_t i = b * block; i < std::min((b + 1) * block, boxes.count); ++i) {
        if (result.label[i] < 0) continue;
        double least = unreached;
        for (int c = 0; c < k; ++c) {
          std::size_t members = 0;
          std::fill(mean.begin(), mean.end(), 0.0);
          for (const std::uint32_t j : near.of(i)) {
            if (result.label[j] != c) continue;
            ++members;
            const auto box = boxes.box(j);
            for (std::size_t v = 0; v < boxes.length; ++v)
              mean[v] += static_cast<double>(box[v]);
          }
          const auto& whole = everywhere[static_cast<std::size_t>(c)];
          if (members < options.least_members) {
            if (whole.empty()) continue;
            mean = whole;
          } else {
            for (double& m : mean)
              m /= static_cast<double>(members);
          }
          const double distance = l1_distance(boxes.box(i), mean);
          if (distance < least) {
            least = distance;
            next[i] = c;
          }
        }
      }
    });
    if (next == result.label) {
      result.settled = true;
      break;
    }
    if (!seen.insert(next).second) break;
    result.label = next;
  }
  result.changed = differences(start, result.label);
  return result;
}

} // namespace aet::recon
