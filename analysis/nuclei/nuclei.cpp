#include "analysis/nuclei/nuclei.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/neighbours.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace aet::analysis {
namespace {

using core::Vec3;

constexpr double tie_width = 1e-9; // far below any meaning of an order parameter, far above rounding

void check(const NucleiOptions& o) {
  if (!(o.radius_a > 0.0) || !std::isfinite(o.radius_a))
    throw core::ConfigError(fmt::format("nucleus search radius is {} A; it must be positive", o.radius_a));
  if (!std::isfinite(o.threshold))
    throw core::ConfigError("nucleus threshold is not a number; give one between 0 and 1");
  if (o.min_atoms < 1)
    throw core::ConfigError(fmt::format("smallest nucleus is {} atoms; it must be at least 1", o.min_atoms));
  if (!(o.core_share >= 0.0) || o.core_share > 1.0)
    throw core::ConfigError(fmt::format("core share is {}; it must lie between 0 and 1", o.core_share));
}

bool before(const Vec3& a, const Vec3& b) {
  return std::tie(a.x(), a.y(), a.z()) < std::tie(b.x(), b.y(), b.z());
}

class Climb {
public:
  Climb(std::span<const Vec3> positions, std::span<const double> alpha, std::span<const int> phases,
        const core::NeighbourList& near)
      : positions_(positions), alpha_(alpha), phases_(phases), near_(near) {}

  /// Root of every atom by the published rule: parent = highest in the sphere, the atom listed first wins a
  /// tie.
  [[nodiscard]] std::vector<std::size_t> first_listed() const {
    std::vector<std::size_t> parent(alpha_.size());
    for (std::size_t i = 0; i < alpha_.size(); ++i) {
      std::size_t best = i;
      for (std::size_t e = near_.first[i]; e < near_.first[i + 1]; ++e) {
        const std::size_t j = near_.index[e];
        if (!same_phase(i, j)) continue;
        if (alpha_[j] > alpha_[best] || (alpha_[j] == alpha_[best] && j < best)) best = j;
      }
      parent[i] = best;
    }
    return roots(parent);
  }

  /// Root of every atom where equals are joined: groups of atoms of equal height climb as one.
  [[nodiscard]] std::vector<std::size_t> joined() const {
    const std::size_t n = alpha_.size();
    std::vector<long long> height(n);
    for (std::size_t i = 0; i < n; ++i)
      height[i] = std::llround(alpha_[i] / tie_width);

    std::vector<std::size_t> group(n);
    std::iota(group.begin(), group.end(), std::size_t{0});
    const auto find = [&](std::size_t i) {
      while (group[i] != i)
        i = group[i] = group[group[i]];
      return i;
    };
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t e = near_.first[i]; e < near_.first[i + 1]; ++e) {
        const std::size_t j = near_.index[e];
        if (!same_phase(i, j) || height[i] != height[j]) continue;
        // The head of a group is its first atom in space, whatever its place in the list.
        std::size_t a = find(i);
        std::size_t b = find(j);
        if (a == b) continue;
        if (before(positions_[b], positions_[a])) std::swap(a, b);
        group[b] = a;
      }

    std::vector<std::size_t> parent(n);
    for (std::size_t i = 0; i < n; ++i)
      parent[i] = find(i);
    std::vector<std::size_t> best(parent); // per head: highest atom that any of the group sees
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t head = parent[i];
      for (std::size_t e = near_.first[i]; e < near_.first[i + 1]; ++e) {
        const std::size_t j = near_.index[e];
        if (!same_phase(i, j)) continue;
        const std::size_t now = best[head];
        if (height[j] > height[now] ||
            (height[j] == height[now] && height[j] > height[head] && before(positions_[j], positions_[now])))
          best[head] = j;
      }
    }
    for (std::size_t i = 0; i < n; ++i)
      if (parent[i] == i) parent[i] = best[i];
    return roots(parent);
  }

private:
  [[nodiscard]] bool same_phase(std::size_t i, std::size_t j) const {
    return phases_.empty() || phases_[i] == phases_[j];
  }

  [[nodiscard]] static std::vector<std::size_t> roots(std::vector<std::size_t> parent) {
    for (std::size_t i = 0; i < parent.size(); ++i) {
      std::size_t root = i;
      while (parent[root] != root)
        root = parent[root];
      for (std::size_t step = i; parent[step] != root && step != root;)
        step = std::exchange(parent[step], root);
    }
    return parent;
  }

  std::span<const Vec3> positions_;
  std::span<const double> alpha_;
  std::span<const int> phases_;
  const core::NeighbourList& near_;
};

std::vector<double> folded(std::span<const double> alpha) {
  std::vector<double> result(alpha.begin(), alpha.end());
  if (result.empty()) return result;
  const double floor = *std::min_element(alpha.begin(), alpha.end());
  for (double& a : result)
    if (a > 1.0) a = std::max(2.0 - a, floor);
  return result;
}

Nucleus describe(std::size_t root, std::vector<std::size_t> members, std::span<const Vec3> positions,
                 const std::optional<core::Cell>& cell, std::span<const double> alpha, double core_share) {
  Nucleus nucleus;
  nucleus.root = root;
  nucleus.atoms = std::move(members);
  for (const std::size_t i : nucleus.atoms)
    if (alpha[i] > alpha[nucleus.root])
      nucleus.root = i; // a joined core: its true highest, within the tie width
  nucleus.alpha0 = alpha[nucleus.root];
  // Summed in the order of the values: the result does not depend on the order of atoms.
  std::vector<double> values;
  for (const std::size_t i : nucleus.atoms)
    values.push_back(alpha[i]);
  std::sort(values.begin(), values.end());
  nucleus.effective_atoms = std::accumulate(values.begin(), values.end(), 0.0);
  std::vector<Vec3> core;
  for (const std::size_t i : nucleus.atoms) {
    if (alpha[i] < core_share * nucleus.alpha0) continue;
    nucleus.core_atoms.push_back(i);
    core.push_back(core::nearest_image(positions[i], positions[nucleus.root], cell));
  }
  std::sort(core.begin(), core.end(), before);
  for (const Vec3& p : core)
    nucleus.core_position += p;
  nucleus.core_position /= static_cast<double>(core.size());
  return nucleus;
}

} // namespace

NucleiOptions nuclei_zhou2019_fept() {
  return {.radius_a = 3.87, .threshold = 0.3, .min_atoms = 13};
}
NucleiOptions nuclei_zhou2019_md() {
  return {.radius_a = 4.0, .threshold = 0.3, .min_atoms = 31};
}
NucleiOptions nuclei_published_hea() {
  return {.radius_a = 4.0,
          .threshold = 0.5,
          .min_atoms = 13,
          .ties = TieRule::lowest_index,
          .fold_above_one = true};
}

Nuclei find_nuclei(std::span<const Vec3> positions, const std::optional<core::Cell>& cell,
                   std::span<const double> alpha, const NucleiOptions& options, std::span<const int> phases,
                   core::Threads threads) {
  check(options);
  const std::size_t n = positions.size();
  if (alpha.size() != n)
    throw core::DataError(fmt::format("{} order parameters are given for {} atoms", alpha.size(), n));
  if (!phases.empty() && phases.size() != n)
    throw core::DataError(fmt::format("{} phases are given for {} atoms", phases.size(), n));
  for (std::size_t i = 0; i < n; ++i)
    if (!std::isfinite(alpha[i]))
      throw core::DataError(
          fmt::format("the order parameter of atom {} (counted from 0) is not a number", i));

  const std::vector<double> value =
      options.fold_above_one ? folded(alpha) : std::vector<double>(alpha.begin(), alpha.end());
  const core::NeighbourList near = core::neighbours_within(positions, cell, options.radius_a, threads);
  const Climb climb(positions, value, phases, near);
  const std::vector<std::size_t> root =
      options.ties == TieRule::lowest_index ? climb.first_listed() : climb.joined();

  Nuclei result;
  result.nucleus_of_atom.assign(n, -1);
  result.root_of_atom.assign(n, -1);
  std::map<std::size_t, std::vector<std::size_t>> clusters;
  for (std::size_t i = 0; i < n; ++i) {
    if (value[i] < options.threshold) continue;
    result.root_of_atom[i] = static_cast<long long>(root[i]);
    clusters[root[i]].push_back(i);
  }
  for (auto& [head, members] : clusters)
    if (members.size() >= static_cast<std::size_t>(options.min_atoms))
      result.nuclei.push_back(describe(head, std::move(members), positions, cell, value, options.core_share));
  std::sort(result.nuclei.begin(), result.nuclei.end(), [](const Nucleus& a, const Nucleus& b) {
    if (a.effective_atoms != b.effective_atoms) return a.effective_atoms > b.effective_atoms;
    return before(a.core_position, b.core_position);
  });
  for (std::size_t k = 0; k < result.nuclei.size(); ++k)
    for (const std::size_t i : result.nuclei[k].atoms)
      result.nucleus_of_atom[i] = static_cast<int>(k);
  return result;
}

} // namespace aet::analysis
