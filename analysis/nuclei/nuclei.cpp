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
  if (!(o.persistence >= 0.0) || !std::isfinite(o.persistence))
    throw core::ConfigError(fmt::format(
        "persistence of nuclei is {} standard deviations; it must not be negative", o.persistence));
  if (!(o.coherence >= -1.0) || o.coherence > 1.0)
    throw core::ConfigError(
        fmt::format("least coherence of maxima is {}; it must lie between -1 and 1", o.coherence));
  if (o.persistence > 0.0 && o.ties == TieRule::lowest_index)
    throw core::ConfigError(
        "nuclei by the atom listed first cannot be joined: set the persistence to 0, or join ties");
}

bool before(const Vec3& a, const Vec3& b) {
  return std::tie(a.x(), a.y(), a.z()) < std::tie(b.x(), b.y(), b.z());
}

/// The atom at the end of the way up from i; ways are shortened as they are walked.
std::size_t find_root(std::vector<std::size_t>& parent, std::size_t i) {
  while (parent[i] != i)
    i = parent[i] = parent[parent[i]];
  return i;
}

struct Field {
  std::span<const Vec3> positions;
  std::span<const double> alpha;
  PerAtom known;
  const core::NeighbourList& near;

  [[nodiscard]] bool same_phase(std::size_t i, std::size_t j) const {
    return known.phases.empty() || known.phases[i] == known.phases[j];
  }

  /// Cosine between how two atoms' surroundings are turned; 1 where that is not known.
  [[nodiscard]] double alike(std::size_t i, std::size_t j) const {
    if (known.turn.empty()) return 1.0;
    const auto a = known.turn.subspan(i * known.turn_size, known.turn_size);
    const auto b = known.turn.subspan(j * known.turn_size, known.turn_size);
    const double aa = std::inner_product(a.begin(), a.end(), a.begin(), 0.0);
    const double bb = std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
    return aa > 0.0 && bb > 0.0 ? std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / std::sqrt(aa * bb)
                                : 0.0;
  }
};

/// Root of every atom by the published rule: parent = highest in the sphere, the atom listed first wins a
/// tie.
std::vector<std::size_t> first_listed(const Field& field) {
  std::vector<std::size_t> parent(field.alpha.size());
  for (std::size_t i = 0; i < parent.size(); ++i) {
    std::size_t best = i;
    for (const std::size_t j : field.near.of(i)) {
      if (!field.same_phase(i, j)) continue;
      if (field.alpha[j] > field.alpha[best] || (field.alpha[j] == field.alpha[best] && j < best)) best = j;
    }
    parent[i] = best;
  }
  for (std::size_t i = 0; i < parent.size(); ++i)
    parent[i] = find_root(parent, i);
  return parent;
}

/// Root of every atom at or above the threshold, maxima joined; others are their own.
std::vector<std::size_t> joined(const Field& field, const NucleiOptions& options) {
  const std::size_t n = field.alpha.size();
  std::vector<long long> height(n);
  for (std::size_t i = 0; i < n; ++i)
    height[i] = std::llround(field.alpha[i] / tie_width);
  // Of equals the first in space, whatever its place in the list.
  const auto higher = [&](std::size_t a, std::size_t b) {
    if (height[a] != height[b]) return height[a] > height[b];
    return before(field.positions[a], field.positions[b]);
  };
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < n; ++i)
    if (field.alpha[i] >= options.threshold) order.push_back(i);
  std::sort(order.begin(), order.end(), higher);
  const auto variance = [&](std::size_t i) {
    return field.known.sd.empty() ? 0.0 : field.known.sd[i] * field.known.sd[i];
  };
  std::vector<std::size_t> parent(n);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  std::vector<bool> seen(n, false);
  for (const std::size_t i : order) {
    seen[i] = true;
    std::size_t best = i;
    for (const std::size_t j : field.near.of(i))
      if (seen[j] && field.same_phase(i, j) && higher(j, best)) best = j;
    if (best == i) continue; // a new maximum
    std::size_t mine = find_root(parent, best);
    parent[i] = mine;
    for (const std::size_t j : field.near.of(i)) {
      if (!seen[j] || !field.same_phase(i, j)) continue;
      const std::size_t other = find_root(parent, j);
      if (other == mine) continue;
      const std::size_t top = higher(mine, other) ? mine : other;
      const std::size_t lower = top == mine ? other : mine;
      const double dip = static_cast<double>(height[lower] - height[i]) * tie_width;
      if (dip > 0.0 && dip >= options.persistence * std::sqrt(variance(lower) + variance(i))) continue;
      if (dip > 0.0 && field.alike(lower, top) < options.coherence) continue;
      parent[lower] = top;
      mine = top;
    }
  }
  for (std::size_t i = 0; i < n; ++i)
    parent[i] = find_root(parent, i);
  return parent;
}

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

NucleiOptions nuclei_joined() {
  NucleiOptions options = nuclei_zhou2019_md();
  options.persistence = 4.0;
  return options;
}
NucleiOptions nuclei_joined_fept() {
  NucleiOptions options = nuclei_zhou2019_fept();
  options.persistence = 1.0;
  return options;
}
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
                   std::span<const double> alpha, const NucleiOptions& options, const PerAtom& known,
                   core::Threads threads) {
  check(options);
  const std::size_t n = positions.size();
  if (alpha.size() != n)
    throw core::DataError(fmt::format("{} order parameters are given for {} atoms", alpha.size(), n));
  if (!known.phases.empty() && known.phases.size() != n)
    throw core::DataError(fmt::format("{} phases are given for {} atoms", known.phases.size(), n));
  if (!known.sd.empty() && known.sd.size() != n)
    throw core::DataError(fmt::format("{} errors are given for {} atoms", known.sd.size(), n));
  if (!known.turn.empty() && known.turn.size() != n * known.turn_size)
    throw core::DataError(fmt::format("{} numbers of orientation are given for {} atoms; {} each are needed",
                                      known.turn.size(), n, known.turn_size));
  for (std::size_t i = 0; i < n; ++i)
    if (!std::isfinite(alpha[i]))
      throw core::DataError(
          fmt::format("the order parameter of atom {} (counted from 0) is not a number", i));

  const std::vector<double> value =
      options.fold_above_one ? folded(alpha) : std::vector<double>(alpha.begin(), alpha.end());
  const core::NeighbourList near = core::neighbours_within(positions, cell, options.radius_a, threads);
  const Field field{positions, value, known, near};
  const std::vector<std::size_t> root =
      options.ties == TieRule::lowest_index ? first_listed(field) : joined(field, options);

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
