#include "analysis/nuclei/dynamics.hpp"

#include "analysis/neighbours/cell_grid.hpp"
#include "sim/core/error.hpp"

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
  int from = 0; // nucleus of the earlier frame
  int to = 0;   // nucleus of the later frame
  double overlap = 0.0;
};

void check(std::span<const NucleiSnapshot> frames, const DynamicsOptions& o) {
  if (!(o.min_overlap >= 0.0) || o.min_overlap > 1.0)
    throw core::ConfigError(
        fmt::format("least overlap of common nuclei is {}; it must lie between 0 and 1", o.min_overlap));
  if (!(o.reach_a > 0.0) || !std::isfinite(o.reach_a))
    throw core::ConfigError(fmt::format("reach of an atom is {} A; it must be positive", o.reach_a));
  if (o.frame_gap < 0)
    throw core::ConfigError(fmt::format("frame gap is {}; it must not be negative", o.frame_gap));
  if (!(o.class_tolerance >= 0.0))
    throw core::ConfigError(fmt::format("class tolerance is {}; it must not be negative", o.class_tolerance));
  if (frames.empty()) throw core::DataError("nuclei dynamics need at least one frame; there is none");
  for (const NucleiSnapshot& frame : frames) {
    if (frame.nucleus_of_atom.size() != frame.positions.size())
      throw core::DataError(fmt::format("frame {}: {} nucleus labels for {} atoms", frame.name,
                                        frame.nucleus_of_atom.size(), frame.positions.size()));
    const int nuclei = static_cast<int>(frame.effective_atoms.size());
    for (const int label : frame.nucleus_of_atom)
      if (label < -1 || label >= nuclei)
        throw core::DataError(
            fmt::format("frame {}: nucleus label {} with {} nuclei", frame.name, label, nuclei));
  }
}

std::vector<std::size_t> sizes(const NucleiSnapshot& frame) {
  std::vector<std::size_t> result(frame.effective_atoms.size(), 0);
  for (const int label : frame.nucleus_of_atom)
    if (label >= 0) ++result[static_cast<std::size_t>(label)];
  return result;
}

/// Adds, for each pair of nuclei, how many atoms of `a` lie in the space of a nucleus of `b`.
void count_inside(const NucleiSnapshot& a, const NucleiSnapshot& b, const CellGrid& grid_of_b, double reach,
                  bool swap, std::map<std::pair<int, int>, std::size_t>& counts) {
  for (std::size_t i = 0; i < a.positions.size(); ++i) {
    const int mine = a.nucleus_of_atom[i];
    if (mine < 0) continue;
    const auto hit = grid_of_b.nearest(a.positions[i], reach);
    if (!hit) continue;
    const int theirs = b.nucleus_of_atom[hit->index];
    if (theirs >= 0) ++counts[swap ? std::pair(theirs, mine) : std::pair(mine, theirs)];
  }
}

std::vector<Link> find_links(const NucleiSnapshot& early, const NucleiSnapshot& late,
                             const CellGrid& grid_early, const CellGrid& grid_late,
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

NucleusClass classify(const std::vector<double>& effective, double tolerance) {
  const double slack = tolerance * *std::max_element(effective.begin(), effective.end());
  double highest = effective.front();
  double lowest = effective.front();
  double fall = 0.0;
  double rise = 0.0;
  for (const double x : effective) {
    highest = std::max(highest, x);
    lowest = std::min(lowest, x);
    fall = std::max(fall, highest - x);
    rise = std::max(rise, x - lowest);
  }
  if (fall <= slack && effective.back() > effective.front()) return NucleusClass::growing;
  if (rise <= slack && effective.back() < effective.front()) return NucleusClass::dissolving;
  return NucleusClass::fluctuating;
}

std::vector<Event> find_events(const NucleiSnapshot& early, const NucleiSnapshot& late, std::size_t frame,
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
      events.push_back({EventKind::merge, frame, previous[k], {static_cast<int>(k)}});
    if (previous[k].empty()) events.push_back({EventKind::nucleate, frame, {}, {static_cast<int>(k)}});
  }
  for (std::size_t k = 0; k < next.size(); ++k) {
    if (next[k].size() > 1) events.push_back({EventKind::divide, frame, {static_cast<int>(k)}, next[k]});
    if (next[k].empty()) events.push_back({EventKind::dissolve, frame, {static_cast<int>(k)}, {}});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.kind, a.from, a.to) < std::tie(b.kind, b.from, b.to);
  });
  return events;
}

/// All nuclei of all frames, and which of them are tied together.
class Graph {
public:
  explicit Graph(std::span<const NucleiSnapshot> frames) {
    for (const NucleiSnapshot& frame : frames) {
      first_.push_back(head_.size());
      head_.resize(head_.size() + frame.effective_atoms.size());
    }
    std::iota(head_.begin(), head_.end(), std::size_t{0});
  }
  void join(std::size_t frame_a, int a, std::size_t frame_b, int b) {
    const std::size_t x = find(node(frame_a, a));
    const std::size_t y = find(node(frame_b, b));
    head_[std::max(x, y)] = std::min(x, y);
  }
  [[nodiscard]] std::size_t part(std::size_t frame, int nucleus) { return find(node(frame, nucleus)); }

private:
  [[nodiscard]] std::size_t node(std::size_t frame, int nucleus) const {
    return first_[frame] + static_cast<std::size_t>(nucleus);
  }
  std::size_t find(std::size_t i) {
    while (head_[i] != i)
      i = head_[i] = head_[head_[i]];
    return i;
  }
  std::vector<std::size_t> first_;
  std::vector<std::size_t> head_;
};

std::vector<CommonNucleus> common_nuclei(std::span<const NucleiSnapshot> frames, Graph& graph,
                                         double tolerance) {
  std::map<std::size_t, CommonNucleus>
      parts; // the key is the earliest member, so the order is the wanted one
  for (std::size_t f = 0; f < frames.size(); ++f)
    for (std::size_t k = 0; k < frames[f].effective_atoms.size(); ++k) {
      CommonNucleus& common = parts[graph.part(f, static_cast<int>(k))];
      common.members.resize(frames.size());
      common.members[f].push_back(static_cast<int>(k));
    }
  std::vector<CommonNucleus> result;
  for (auto& [key, common] : parts) {
    const auto times = std::count_if(common.members.begin(), common.members.end(),
                                     [](const auto& ids) { return !ids.empty(); });
    if (times < 2) continue;
    for (std::size_t f = 0; f < frames.size(); ++f) {
      const auto& effective = frames[f].effective_atoms;
      auto& ids = common.members[f];
      std::stable_sort(ids.begin(), ids.end(), [&](int a, int b) {
        return effective[static_cast<std::size_t>(a)] > effective[static_cast<std::size_t>(b)];
      });
      double sum = 0.0;
      for (const int id : ids)
        sum += effective[static_cast<std::size_t>(id)];
      common.effective_atoms.push_back(sum);
    }
    common.kind = classify(common.effective_atoms, tolerance);
    result.push_back(std::move(common));
  }
  return result;
}

} // namespace

Dynamics analyze_dynamics(std::span<const NucleiSnapshot> frames, const DynamicsOptions& options,
                          core::Threads threads) {
  check(frames, options);
  const std::size_t n = frames.size();
  const std::size_t gap = options.frame_gap > 0 ? static_cast<std::size_t>(options.frame_gap)
                          : n <= 10             ? n
                                                : 1;

  std::vector<std::unique_ptr<CellGrid>> grids(n);
  core::parallel_for(n, threads, [&](std::size_t f, int) {
    grids[f] = std::make_unique<CellGrid>(frames[f].positions, frames[f].cell, options.reach_a);
  });
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = a + 1; b < n && b - a <= gap; ++b)
      pairs.emplace_back(a, b);
  std::vector<std::vector<Link>> links(pairs.size());
  core::parallel_for(pairs.size(), threads, [&](std::size_t p, int) {
    const auto [a, b] = pairs[p];
    links[p] = find_links(frames[a], frames[b], *grids[a], *grids[b], options);
  });

  Dynamics result;
  for (const NucleiSnapshot& frame : frames)
    result.frames.push_back(frame.name);
  Graph graph(frames);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const auto [a, b] = pairs[p];
    for (const Link& link : links[p]) {
      graph.join(a, link.from, b, link.to);
      result.links.push_back({a, b, link.from, link.to, link.overlap});
    }
    if (b != a + 1) continue;
    const std::vector<Event> events = find_events(frames[a], frames[b], b, links[p]);
    result.events.insert(result.events.end(), events.begin(), events.end());
  }
  result.common = common_nuclei(frames, graph, options.class_tolerance);
  return result;
}

} // namespace aet::analysis
