#include "validation/score/breakdown.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/neighbours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace aet::validation {

namespace {

constexpr double neighbour_reach = 1.5; ///< in nearest-neighbour distances: first and second shell of fcc
constexpr double surface_reach = 1.9;   ///< the same: three shells, so that voids of a glass matter little
constexpr double surface_one_sidedness = 0.3;
constexpr int depth_steps = 4;
constexpr double infinite = std::numeric_limits<double>::infinity();

Confusion confusion_of(const core::Atoms& truth, const core::Atoms& model, const MatchResult& match) {
  std::set<int> all(truth.atomic_numbers.begin(), truth.atomic_numbers.end());
  all.insert(model.atomic_numbers.begin(), model.atomic_numbers.end());
  Confusion c;
  c.species.assign(all.begin(), all.end());
  const std::size_t n = c.species.size();
  c.called.assign(n, std::vector<std::size_t>(n, 0));
  c.missed.assign(n, 0);
  c.spurious.assign(n, 0);
  const auto index = [&c](int z) {
    return static_cast<std::size_t>(std::lower_bound(c.species.begin(), c.species.end(), z) -
                                    c.species.begin());
  };
  for (const MatchPair& pair : match.pairs)
    ++c.called[index(truth.atomic_numbers[pair.truth])][index(model.atomic_numbers[pair.model])];
  for (const std::size_t i : match.missed)
    ++c.missed[index(truth.atomic_numbers[i])];
  for (const std::size_t i : match.extra)
    ++c.spurious[index(model.atomic_numbers[i])];
  return c;
}

/// Bands between rising edges; the last one is open. An empty band is left out.
std::vector<Band> bands(const std::vector<double>& property, const std::vector<double>& edges,
                        const core::Atoms& truth, const core::Atoms& model, const MatchResult& match) {
  std::vector<Band> out;
  for (std::size_t k = 0; k < edges.size(); ++k)
    out.push_back({.low = edges[k], .high = k + 1 < edges.size() ? edges[k + 1] : infinite});
  const auto band_of = [&](double value) -> Band& {
    const auto next = std::upper_bound(edges.begin() + 1, edges.end(), value);
    return out[static_cast<std::size_t>(next - edges.begin()) - 1];
  };
  for (const double value : property)
    ++band_of(value).truth;
  std::vector<core::Vec3> squares(out.size(), core::Vec3::Zero());
  for (const MatchPair& pair : match.pairs) {
    Band& band = band_of(property[pair.truth]);
    ++band.matched;
    band.right_species += truth.atomic_numbers[pair.truth] == model.atomic_numbers[pair.model] ? 1 : 0;
    squares[static_cast<std::size_t>(&band - out.data())] += pair.error.cwiseAbs2();
  }
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (out[k].matched == 0) continue;
    const core::Vec3 mean = squares[k] / static_cast<double>(out[k].matched);
    out[k].rmsd_axis_a = mean.cwiseSqrt();
    out[k].rmsd_a = std::sqrt(mean.sum());
  }
  std::erase_if(out, [](const Band& band) { return band.truth == 0; });
  return out;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double nearest_distance(const core::Atoms& truth) {
  return median(core::nearest_neighbours(truth.positions, truth.cell, 1).distance);
}

/// Distance of every atom from the nearest surface atom [A].
std::vector<double> depths(const core::Atoms& truth, const std::vector<double>& one_sided) {
  std::vector<core::Vec3> surface;
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (one_sided[i] > surface_one_sidedness) surface.push_back(truth.positions[i]);
  // Sorted along x, so that the search of an atom ends once x alone is farther than the best.
  std::sort(surface.begin(), surface.end(),
            [](const core::Vec3& a, const core::Vec3& b) { return a.x() < b.x(); });
  std::vector<double> depth(truth.size(), infinite);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const core::Vec3& p = truth.positions[i];
    const auto start = std::lower_bound(surface.begin(), surface.end(), p.x(),
                                        [](const core::Vec3& s, double x) { return s.x() < x; });
    double& best = depth[i];
    for (auto s = start; s != surface.end() && s->x() - p.x() < best; ++s)
      best = std::min(best, (*s - p).norm());
    for (auto s = start; s != surface.begin() && p.x() - std::prev(s)->x() < best; --s)
      best = std::min(best, (*std::prev(s) - p).norm());
  }
  return depth;
}

} // namespace

std::vector<double> one_sidedness(const core::Atoms& atoms, double cutoff_a) {
  const auto list = core::neighbours_within(atoms.positions, atoms.cell, cutoff_a);
  std::vector<double> out(atoms.size(), 1.0);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (list.count(i) == 0) continue;
    core::Vec3 sum = core::Vec3::Zero();
    for (std::size_t k = list.first[i]; k < list.first[i + 1]; ++k)
      sum += core::Vec3(list.dx[k], list.dy[k], list.dz[k]) / list.distance[k];
    out[i] = sum.norm() / static_cast<double>(list.count(i));
  }
  return out;
}

Breakdown breakdown(const core::Atoms& truth, const core::Atoms& model, const MatchResult& match) {
  Breakdown out;
  out.confusion = confusion_of(truth, model, match);
  constexpr std::size_t fewest = 20;
  if (truth.size() < fewest) {
    out.reason = "the truth has fewer than 20 atoms";
    return out;
  }
  try {
    const double d = nearest_distance(truth);
    const double reach = neighbour_reach * d;
    const std::vector<double> one_sided = one_sidedness(truth, surface_reach * d);
    std::vector<double> depth_edges{0.0};
    for (int k = 0; k < depth_steps; ++k)
      depth_edges.push_back((k + 0.5) * d);
    out.by_depth = bands(depths(truth, one_sided), depth_edges, truth, model, match);

    const auto list = core::neighbours_within(truth.positions, truth.cell, reach);
    std::vector<double> counts;
    for (std::size_t i = 0; i < truth.size(); ++i)
      counts.push_back(static_cast<double>(list.count(i)));
    std::vector<double> sorted(counts);
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> edges{sorted.front()};
    for (const std::size_t quarter : {1U, 2U, 3U}) {
      const double edge = sorted[quarter * sorted.size() / 4];
      if (edge > edges.back()) edges.push_back(edge);
    }
    out.by_neighbours = bands(counts, edges, truth, model, match);
  } catch (const core::Error& e) { // atoms in one place, or a cell too small: no reason to lose the score
    out.by_depth.clear();
    out.by_neighbours.clear();
    out.reason = e.what();
  }
  return out;
}

} // namespace aet::validation
