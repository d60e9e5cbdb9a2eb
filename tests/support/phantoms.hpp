// Series of particles with planted nuclei, and how well an analysis finds what was planted.
#pragma once

#include "analysis/chemistry/chemistry.hpp"
#include "analysis/moment/moment_chance.hpp"
#include "sim/core/orientation.hpp"
#include "sim/specimen/phantom.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <vector>

namespace aet::test {

/// FePt, 5000 atoms: one nucleus grows, two merge and divide again, one dissolves, one appears.
inline specimen::OrderPhantom order_series() {
  using specimen::OrderedNucleus;
  using specimen::Phase;
  specimen::OrderPhantom p;
  p.particle.lattice_constant_a = 3.87;
  p.particle.elements = {26, 78};
  p.particle.facets = specimen::truncated_octahedron(1.15);
  p.particle.atoms = 5000;
  p.particle.static_displacement_a = 0.1;
  p.particle.exact_nuclei = true;
  p.particle.seed = 3;
  const auto nucleus = [](const core::Vec3& centre, double length, int axis, int variant) {
    return OrderedNucleus{Phase::l1_0, axis, variant, centre, 1.0, length, 4.0};
  };
  const core::Vec3 left(-12, -8, 0);
  const core::Vec3 right(4, -8, 0);
  const core::Vec3 middle(-4, -8, 0);
  const core::Vec3 top(0, 13, 0);
  const core::Vec3 back(0, 3, -15);
  const core::Vec3 front(2, 3, 15);
  p.moments = {
      {nucleus(top, 8, 0, 0), nucleus(left, 8, 2, 0), nucleus(right, 8, 2, 0), nucleus(back, 8.5, 1, 0)},
      {nucleus(top, 8.5, 0, 0), nucleus(middle, 13, 2, 0), nucleus(back, 8, 1, 0), nucleus(front, 8, 1, 1)},
      {nucleus(top, 9, 0, 0), nucleus(left, 8, 2, 0), nucleus(right, 8, 2, 0), nucleus(front, 8.5, 1, 1)},
      {nucleus(top, 9.5, 0, 0), nucleus(left, 7.5, 2, 0), nucleus(right, 8.5, 2, 0),
       nucleus(front, 9, 1, 1)}};
  p.parents = {{{}, {}, {}, {}}, {{0}, {1, 2}, {3}, {}}, {{0}, {1}, {1}, {3}}, {{0}, {1}, {2}, {3}}};
  return p;
}

/// Pt in liquid-like surroundings: a crystal grows, one dissolves, one appears, two merge, one divides.
inline specimen::LiquidPhantom liquid_series() {
  specimen::LiquidPhantom p;
  p.radius_a = 26.0;
  p.seed = 5;
  const auto crystal = [](const core::Vec3& centre, double radius, double turn) {
    specimen::PlantedCrystal c;
    c.centre_a = centre;
    c.radius_a = radius;
    c.rotation = core::rotation_from_euler({turn, 0.5 * turn, 0.2});
    return c;
  };
  const core::Vec3 left(-14, 0, 0);
  const core::Vec3 right(5, 0, 0);
  const core::Vec3 middle(-5, 0, 0);
  const core::Vec3 top(2, 15, 4);
  const core::Vec3 low(0, -15, -3);
  p.moments = {{crystal(left, 8, 0.4), crystal(right, 8, 1.1), crystal(top, 7.5, 2.0)},
               {crystal(middle, 13.5, 0.4), crystal(top, 8.5, 2.0)},
               {crystal(middle, 14, 0.4), crystal(top, 9.5, 2.0), crystal(low, 8, 3.0)},
               {crystal(left, 8.5, 0.4), crystal(right, 8.5, 1.1), crystal(top, 10, 2.0)}};
  p.parents = {{{}, {}, {}}, {{0, 1}, {2}}, {{0}, {1}, {}}, {{0}, {0}, {1}}};
  return p;
}

/// Found nuclei of each moment by the number of the planted one they stand for, -1 for none.
struct Named {
  std::vector<std::vector<int>> planted_of; ///< [moment][found nucleus]
  std::size_t planted = 0;
  std::size_t matched = 0;  ///< planted nuclei that were found
  std::size_t spurious = 0; ///< found nuclei that were not planted

  [[nodiscard]] double f1() const {
    return 2.0 * static_cast<double>(matched) / static_cast<double>(planted + matched + spurious);
  }
};

/// A found nucleus stands for the planted one whose centre its core lies nearest to, within 0.7 of the
/// planted radius; each planted one once, the largest first.
inline Named name_nuclei(const std::vector<std::vector<core::Vec3>>& found,
                         const std::vector<std::vector<core::Vec3>>& centres,
                         const std::vector<std::vector<double>>& radii) {
  Named result;
  for (std::size_t t = 0; t < centres.size(); ++t) {
    std::set<int> taken;
    result.planted += centres[t].size();
    result.planted_of.emplace_back();
    for (const core::Vec3& core : found[t]) {
      int best = -1;
      double nearest = 1e300;
      for (std::size_t k = 0; k < centres[t].size(); ++k) {
        const double r = (core - centres[t][k]).norm();
        if (r > 0.7 * radii[t][k] || r >= nearest || taken.contains(static_cast<int>(k))) continue;
        nearest = r;
        best = static_cast<int>(k);
      }
      if (best >= 0) taken.insert(best);
      (best >= 0 ? result.matched : result.spurious) += 1;
      result.planted_of.back().push_back(best);
    }
  }
  return result;
}

/// Events in the numbers of planted nuclei, as (moment, kind, from, to); nuclei that were not planted become
/// -1.
using EventKey = std::tuple<std::size_t, int, std::vector<int>, std::vector<int>>;

inline std::vector<EventKey> named_events(const analysis::Dynamics& dynamics, const Named& names) {
  std::vector<EventKey> keys;
  for (const analysis::Event& e : dynamics.events) {
    const auto renamed = [&](const std::vector<int>& ids, std::size_t moment) {
      std::vector<int> result;
      for (const int id : ids)
        result.push_back(names.planted_of[moment][static_cast<std::size_t>(id)]);
      std::sort(result.begin(), result.end());
      return result;
    };
    keys.emplace_back(e.moment, static_cast<int>(e.kind), renamed(e.from, e.moment - 1),
                      renamed(e.to, e.moment));
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

inline std::vector<EventKey> planted_keys(const std::vector<specimen::PlantedEvent>& events) {
  std::vector<EventKey> keys;
  for (const specimen::PlantedEvent& e : events)
    keys.emplace_back(e.moment, static_cast<int>(e.kind), e.from, e.to);
  std::sort(keys.begin(), keys.end());
  return keys;
}

/// Planted events found, and the larger of the two numbers of events: their quotient is the accuracy.
struct EventScore {
  std::size_t correct = 0;
  std::size_t planted = 0;
  std::size_t found = 0;
};

inline EventScore score_events(const std::vector<EventKey>& planted, const std::vector<EventKey>& found) {
  std::vector<EventKey> both;
  std::set_intersection(planted.begin(), planted.end(), found.begin(), found.end(), std::back_inserter(both));
  return {both.size(), planted.size(), found.size()};
}

/// What the analysis says of a series, by its own settings, nuclei of chance left out.
struct SeriesFinding {
  std::vector<analysis::MomentAnalysis> frames;
  analysis::Dynamics dynamics;
  Named names; ///< of the nuclei that are left
};

/// \param centres, radii of the planted nuclei of each moment.
inline SeriesFinding finding_of(std::vector<analysis::MomentAnalysis> frames,
                                const std::vector<std::vector<core::Vec3>>& centres,
                                const std::vector<std::vector<double>>& radii, core::Threads threads) {
  SeriesFinding finding;
  std::vector<std::vector<core::Vec3>> cores;
  std::vector<std::vector<int>> number(frames.size()); // of each nucleus among those left, -1: of chance
  for (std::size_t t = 0; t < frames.size(); ++t) {
    cores.emplace_back();
    for (const analysis::NucleusReport& n : frames[t].nuclei) {
      const bool left = !n.chance || *n.chance <= analysis::max_chance;
      number[t].push_back(left ? static_cast<int>(cores[t].size()) : -1);
      if (left) cores[t].push_back(n.nucleus.core_position);
    }
  }
  const Named left = name_nuclei(cores, centres, radii);
  finding.names = left;
  for (std::size_t t = 0; t < frames.size(); ++t) {
    finding.names.planted_of[t].clear();
    for (const int k : number[t])
      finding.names.planted_of[t].push_back(k < 0 ? -1 : left.planted_of[t][static_cast<std::size_t>(k)]);
  }
  finding.dynamics = analysis::analyze_dynamics(frames, {}, threads);
  finding.frames = std::move(frames);
  return finding;
}

/// Nuclei of chemical order at all moments of a series, on the lattice of the first.
inline SeriesFinding find_order(const specimen::OrderPhantom& phantom, const std::vector<core::Atoms>& series,
                                analysis::ChemistryOptions options, core::Threads threads = {}) {
  std::vector<analysis::MomentAnalysis> frames;
  std::vector<std::vector<core::Vec3>> centres(series.size());
  std::vector<std::vector<double>> radii(series.size());
  for (std::size_t t = 0; t < series.size(); ++t) {
    const auto found = analysis::analyze_chemistry(series[t], options, threads);
    if (!options.lattice.reference) options.lattice.reference = found.sites.grains.front().lattice;
    options.neighbour_cutoff_a = found.moment.neighbour_cutoff_a;
    frames.push_back(found.moment);
    for (const specimen::OrderedNucleus& n : phantom.moments[t]) {
      centres[t].push_back(n.centre_a);
      radii[t].push_back(n.length_a);
    }
  }
  return finding_of(std::move(frames), centres, radii, threads);
}

/// Crystals in a liquid. `model` may be what was recovered of the series.
/// \param chance whether nuclei are held against those of a fluid.
inline SeriesFinding find_crystals(const specimen::LiquidPhantom& phantom,
                                   const std::vector<core::Atoms>& model,
                                   const analysis::AnalysisOptions& options, bool chance,
                                   core::Threads threads = {}) {
  std::vector<analysis::MomentAnalysis> frames;
  std::vector<std::vector<core::Vec3>> centres(model.size());
  std::vector<std::vector<double>> radii(model.size());
  std::optional<analysis::ChanceNuclei> of_fluid;
  for (std::size_t t = 0; t < model.size(); ++t) {
    frames.push_back(analysis::analyze_moment(model[t], options, threads));
    if (chance && !of_fluid)
      of_fluid = analysis::fluid_chance(std::span(&model[t], 1), frames.back(), options, {}, threads);
    if (chance) analysis::set_chance(frames.back(), *of_fluid);
    for (const specimen::PlantedCrystal& c : phantom.moments[t]) {
      centres[t].push_back(c.centre_a);
      radii[t].push_back(c.radius_a);
    }
  }
  return finding_of(std::move(frames), centres, radii, threads);
}

} // namespace aet::test
