#include "analysis/nuclei/dynamics.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <tuple>
#include <utility>

namespace aet::analysis {
namespace {

struct Link {
  int from = 0; // nucleus of the earlier moment
  int to = 0;   // nucleus of the later moment
  double overlap = 0.0;
};

void check(std::span<const NucleiSnapshot> moments, const DynamicsOptions& o) {
  if (!(o.min_overlap >= 0.0) || o.min_overlap > 1.0)
    throw core::ConfigError(
        fmt::format("least overlap of common nuclei is {}; it must lie between 0 and 1", o.min_overlap));
  if (!(o.reach_a > 0.0) || !std::isfinite(o.reach_a))
    throw core::ConfigError(fmt::format("reach of an atom is {} A; it must be positive", o.reach_a));
  if (o.moment_gap < 0)
    throw core::ConfigError(fmt::format("moment gap is {}; it must not be negative", o.moment_gap));
  if (!(o.class_tolerance >= 0.0))
    throw core::ConfigError(fmt::format("class tolerance is {}; it must not be negative", o.class_tolerance));
  if (moments.empty()) throw core::DataError("nuclei dynamics need at least one moment; there is none");
  for (const NucleiSnapshot& moment : moments) {
    if (moment.nucleus_of_atom.size() != moment.positions.size())
      throw core::DataError(fmt::format("moment {}: {} nucleus labels for {} atoms", moment.name,
                                        moment.nucleus_of_atom.size(), moment.positions.size()));
    const std::size_t count = moment.effective_atoms.size();
    for (const std::size_t given :
         {moment.effective_atoms_sd.size(), moment.by_chance.size(), moment.phase.size()})
      if (given != 0 && given != count)
        throw core::DataError(fmt::format("moment {}: {} entries for {} nuclei", moment.name, given, count));
    const int nuclei = static_cast<int>(count);
    for (const int label : moment.nucleus_of_atom)
      if (label < -1 || label >= nuclei)
        throw core::DataError(
            fmt::format("moment {}: nucleus label {} with {} nuclei", moment.name, label, nuclei));
  }
}

bool takes_part(const NucleiSnapshot& moment, int nucleus) {
  return nucleus >= 0 &&
         (moment.by_chance.empty() || moment.by_chance[static_cast<std::size_t>(nucleus)] == 0);
}

bool same_phase(const NucleiSnapshot& a, int of_a, const NucleiSnapshot& b, int of_b) {
  return a.phase.empty() || b.phase.empty() ||
         a.phase[static_cast<std::size_t>(of_a)] == b.phase[static_cast<std::size_t>(of_b)];
}

std::vector<std::size_t> sizes(const NucleiSnapshot& moment) {
  std::vector<std::size_t> result(moment.effective_atoms.size(), 0);
  for (const int label : moment.nucleus_of_atom)
    if (label >= 0) ++result[static_cast<std::size_t>(label)];
  return result;
}

/// Adds, for each pair of nuclei, how many atoms of `a` lie in the space of a nucleus of `b`.
void count_inside(const NucleiSnapshot& a, const NucleiSnapshot& b, const core::CellGrid& grid_of_b,
                  double reach, bool swap, std::map<std::pair<int, int>, std::size_t>& counts) {
  for (std::size_t i = 0; i < a.positions.size(); ++i) {
    const int mine = a.nucleus_of_atom[i];
    if (!takes_part(a, mine)) continue;
    const auto hit = grid_of_b.nearest(a.positions[i], reach);
    if (!hit) continue;
    const int theirs = b.nucleus_of_atom[hit->index];
    if (takes_part(b, theirs) && same_phase(a, mine, b, theirs))
      ++counts[swap ? std::pair(theirs, mine) : std::pair(mine, theirs)];
  }
}

std::vector<Link> find_links(const NucleiSnapshot& early, const NucleiSnapshot& late,
                             const core::CellGrid& grid_early, const core::CellGrid& grid_late,
                             const DynamicsOptions& options) {
  std::map<std::pair<int, int>, std::size_t> counts;
  count_inside(early, late, grid_late, options.reach_a, false, counts);
  count_inside(late, early, grid_early, options.reach_a, true, counts);
  const auto size_early = sizes(early);
  const auto size_late = sizes(late);
  std::vector<Link> links;
  for (const auto& [pair, count] : counts) {
    const std::size_t smaller = std::min(size_early[static_cast<std::size_t>(pair.first)],
                                         size_late[static_cast<std::size_t>(pair.second)]);
    const double overlap = 0.5 * static_cast<double>(count) / static_cast<double>(smaller);
    if (overlap > options.min_overlap) links.push_back({pair.first, pair.second, overlap});
  }
  return links;
}

/// Whether the number falls by more than the tolerance from some moment to a later one.
bool falls(std::span<const double> value, std::span<const double> sd, double tolerance) {
  for (std::size_t a = 0; a < value.size(); ++a)
    for (std::size_t b = a + 1; b < value.size(); ++b)
      if (value[a] - value[b] > tolerance * std::hypot(sd[a], sd[b])) return true;
  return false;
}

NucleusClass classify(const CommonNucleus& nucleus, double tolerance) {
  const std::vector<double>& value = nucleus.effective_atoms;
  std::vector<double> negative;
  for (const double x : value)
    negative.push_back(-x);
  if (value.back() > value.front() && !falls(value, nucleus.effective_atoms_sd, tolerance))
    return NucleusClass::growing;
  if (value.back() < value.front() && !falls(negative, nucleus.effective_atoms_sd, tolerance))
    return NucleusClass::dissolving;
  return NucleusClass::fluctuating;
}

std::vector<Event> find_events(const NucleiSnapshot& early, const NucleiSnapshot& late, std::size_t moment,
                               const std::vector<Link>& links) {
  std::vector<std::vector<int>> next(early.effective_atoms.size());
  std::vector<std::vector<int>> previous(late.effective_atoms.size());
  for (const Link& link : links) { // links come sorted, so these lists rise
    next[static_cast<std::size_t>(link.from)].push_back(link.to);
    previous[static_cast<std::size_t>(link.to)].push_back(link.from);
  }
  std::vector<Event> events;
  for (std::size_t k = 0; k < previous.size(); ++k) {
    if (previous[k].size() > 1)
      events.push_back({EventKind::merge, moment, previous[k], {static_cast<int>(k)}, {}});
    if (previous[k].empty() && takes_part(late, static_cast<int>(k)))
      events.push_back({EventKind::nucleate, moment, {}, {static_cast<int>(k)}, {}});
  }
  for (std::size_t k = 0; k < next.size(); ++k) {
    if (next[k].size() > 1) events.push_back({EventKind::divide, moment, {static_cast<int>(k)}, next[k], {}});
    if (next[k].empty() && takes_part(early, static_cast<int>(k)))
      events.push_back({EventKind::dissolve, moment, {static_cast<int>(k)}, {}, {}});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.kind, a.from, a.to) < std::tie(b.kind, b.from, b.to);
  });
  return events;
}

/// All nuclei of all moments, and which of them are tied together.
class Graph {
public:
  explicit Graph(std::span<const NucleiSnapshot> moments) {
    for (const NucleiSnapshot& moment : moments) {
      first_.push_back(head_.size());
      head_.resize(head_.size() + moment.effective_atoms.size());
    }
    std::iota(head_.begin(), head_.end(), std::size_t{0});
  }
  void join(std::size_t moment_a, int a, std::size_t moment_b, int b) {
    const std::size_t x = find(node(moment_a, a));
    const std::size_t y = find(node(moment_b, b));
    head_[std::max(x, y)] = std::min(x, y);
  }
  [[nodiscard]] std::size_t part(std::size_t moment, int nucleus) { return find(node(moment, nucleus)); }

private:
  [[nodiscard]] std::size_t node(std::size_t moment, int nucleus) const {
    return first_[moment] + static_cast<std::size_t>(nucleus);
  }
  std::size_t find(std::size_t i) {
    while (head_[i] != i)
      i = head_[i] = head_[head_[i]];
    return i;
  }
  std::vector<std::size_t> first_;
  std::vector<std::size_t> head_;
};

std::vector<CommonNucleus> common_nuclei(std::span<const NucleiSnapshot> moments, Graph& graph,
                                         double tolerance) {
  std::map<std::size_t, CommonNucleus>
      parts; // the key is the earliest member, so the order is the wanted one
  for (std::size_t f = 0; f < moments.size(); ++f)
    for (std::size_t k = 0; k < moments[f].effective_atoms.size(); ++k) {
      if (!takes_part(moments[f], static_cast<int>(k))) continue;
      CommonNucleus& common = parts[graph.part(f, static_cast<int>(k))];
      common.members.resize(moments.size());
      common.members[f].push_back(static_cast<int>(k));
    }
  std::vector<CommonNucleus> result;
  for (auto& [key, common] : parts) {
    const auto times = std::count_if(common.members.begin(), common.members.end(),
                                     [](const auto& ids) { return !ids.empty(); });
    if (times < 2) continue;
    for (std::size_t f = 0; f < moments.size(); ++f) {
      const auto& effective = moments[f].effective_atoms;
      auto& ids = common.members[f];
      std::stable_sort(ids.begin(), ids.end(), [&](int a, int b) {
        return effective[static_cast<std::size_t>(a)] > effective[static_cast<std::size_t>(b)];
      });
      double sum = 0.0;
      double variance = 0.0;
      for (const int id : ids) {
        sum += effective[static_cast<std::size_t>(id)];
        if (!moments[f].effective_atoms_sd.empty())
          variance += std::pow(moments[f].effective_atoms_sd[static_cast<std::size_t>(id)], 2);
      }
      common.effective_atoms.push_back(sum);
      common.effective_atoms_sd.push_back(std::sqrt(variance));
    }
    common.kind = classify(common, tolerance);
    result.push_back(std::move(common));
  }
  return result;
}

} // namespace

Dynamics analyze_dynamics(std::span<const NucleiSnapshot> moments, const DynamicsOptions& options,
                          core::Threads threads) {
  check(moments, options);
  const std::size_t n = moments.size();
  const std::size_t gap = options.moment_gap > 0 ? static_cast<std::size_t>(options.moment_gap)
                          : n <= 10              ? n
                                                 : 1;

  std::vector<std::unique_ptr<core::CellGrid>> grids(n);
  core::parallel_for(n, threads, [&](std::size_t f, int) {
    grids[f] = std::make_unique<core::CellGrid>(moments[f].positions, moments[f].cell, options.reach_a);
  });
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = a + 1; b < n && b - a <= gap; ++b)
      pairs.emplace_back(a, b);
  std::vector<std::vector<Link>> links(pairs.size());
  core::parallel_for(pairs.size(), threads, [&](std::size_t p, int) {
    const auto [a, b] = pairs[p];
    links[p] = find_links(moments[a], moments[b], *grids[a], *grids[b], options);
  });

  Dynamics result;
  for (const NucleiSnapshot& moment : moments)
    result.moments.push_back(moment.name);
  Graph graph(moments);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const auto [a, b] = pairs[p];
    for (const Link& link : links[p]) {
      graph.join(a, link.from, b, link.to);
      result.links.push_back({a, b, link.from, link.to, link.overlap});
    }
    if (b != a + 1) continue;
    const std::vector<Event> events = find_events(moments[a], moments[b], b, links[p]);
    result.events.insert(result.events.end(), events.begin(), events.end());
  }
  result.common = common_nuclei(moments, graph, options.class_tolerance);
  return result;
}

} // namespace aet::analysis
