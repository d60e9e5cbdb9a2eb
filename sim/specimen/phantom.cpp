#include "sim/specimen/phantom.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace aet::specimen {
namespace {

using core::Vec3;

template <typename N>
void check_parents(const std::vector<std::vector<N>>& moments,
                   const std::vector<std::vector<std::vector<int>>>& parents) {
  bool fits = !moments.empty() && parents.size() == moments.size();
  for (std::size_t t = 0; fits && t < moments.size(); ++t)
    fits = parents[t].size() == moments[t].size();
  if (!fits)
    throw core::ConfigError(fmt::format("phantom: {} moments of nuclei and {} of parents; each nucleus of at "
                                        "least one moment needs a list of parents",
                                        moments.size(), parents.size()));
}

void check(const LiquidPhantom& p) {
  check_parents(p.moments, p.parents);
  if (!(p.radius_a >= 5.0) || p.radius_a > 200.0)
    throw core::ConfigError(
        fmt::format("phantom: radius_a = {} is out of range; allowed is 5 to 200", p.radius_a));
  for (const auto& moment : p.moments)
    for (const PlantedCrystal& c : moment) {
      if (!(c.radius_a >= 3.0) || c.centre_a.norm() + c.radius_a > p.radius_a)
        throw core::ConfigError(
            fmt::format("phantom: a crystal of radius {} A, {:.2f} A from the centre, must be at "
                        "least 3 A large and fit into the particle of {} A",
                        c.radius_a, c.centre_a.norm(), p.radius_a));
      if (!(c.shake_core_a >= 0.0) || !(c.shake_rim_a >= 0.0) || c.shake_core_a > 0.5 || c.shake_rim_a > 0.5)
        throw core::ConfigError(fmt::format("phantom: a crystal is shaken by {} to {} A; allowed is 0 to 0.5",
                                            c.shake_core_a, c.shake_rim_a));
    }
}

core::Atoms liquid_moment(const LiquidPhantom& p, const std::vector<PlantedCrystal>& crystals) {
  std::vector<Vec3> fixed;
  std::vector<double> planted;
  double crystal_volume = 0.0;
  const UnitCell cell = unit_cell(Lattice::fcc, p.lattice_constant_a, 1.0);
  for (std::size_t c = 0; c < crystals.size(); ++c) {
    const PlantedCrystal& crystal = crystals[c];
    crystal_volume += 4.0 / 3.0 * core::pi * std::pow(crystal.radius_a, 3);
    core::RandomStream random(p.seed, "specimen.phantom", {static_cast<std::uint32_t>(c)});
    const std::size_t others = fixed.size();
    for (const LatticePoint& site : points_in_sphere(cell, Vec3::Zero(), Vec3::Zero(), crystal.radius_a)) {
      const double r = site.position.norm() / crystal.radius_a;
      const double shake = crystal.shake_core_a + (crystal.shake_rim_a - crystal.shake_core_a) * r;
      Vec3 at = crystal.centre_a + crystal.rotation * site.position;
      for (int k = 0; k < 3; ++k)
        at[k] += shake * random.normal();
      const bool free = at.norm() <= p.radius_a &&
                        std::none_of(fixed.begin(), fixed.begin() + static_cast<std::ptrdiff_t>(others),
                                     [&](const Vec3& f) { return (f - at).norm() < p.min_distance_a; });
      if (!free) continue;
      fixed.push_back(at);
      planted.push_back(static_cast<double>(c));
    }
  }
  const double free_volume = 4.0 / 3.0 * core::pi * std::pow(p.radius_a, 3) - crystal_volume;
  const auto count = static_cast<std::size_t>(std::max(0.0, std::round(p.density_per_a3 * free_volume)));
  PackingOptions packing;
  packing.min_distance_a = p.min_distance_a;
  packing.seed = p.seed;
  const std::vector<Vec3> liquid = random_packing(count, Shape{}, p.radius_a, fixed, packing);
  core::Atoms atoms;
  atoms.positions = fixed;
  atoms.positions.insert(atoms.positions.end(), liquid.begin(), liquid.end());
  planted.resize(atoms.size(), -1.0);
  atoms.atomic_numbers.assign(atoms.size(), p.atomic_number);
  atoms.columns["planted"] = std::move(planted);
  if (p.u_rms_a > 0.0) atoms.columns["u_rms"].assign(atoms.size(), p.u_rms_a);
  return atoms;
}

} // namespace

std::vector<PlantedEvent> planted_events(const std::vector<std::vector<std::vector<int>>>& parents) {
  std::vector<PlantedEvent> events;
  for (std::size_t t = 1; t < parents.size(); ++t) {
    const std::size_t first = events.size();
    std::vector<std::vector<int>> children(parents[t - 1].size());
    for (std::size_t k = 0; k < parents[t].size(); ++k) {
      std::vector<int> from = parents[t][k];
      std::sort(from.begin(), from.end());
      for (const int parent : from) {
        if (parent < 0 || static_cast<std::size_t>(parent) >= children.size())
          throw core::ConfigError(
              fmt::format("phantom: nucleus {} of moment {} has the parent {}; the moment before "
                          "has {} nuclei",
                          k, t, parent, children.size()));
        children[static_cast<std::size_t>(parent)].push_back(static_cast<int>(k));
      }
      if (from.size() > 1) events.push_back({PlantedEventKind::merge, t, from, {static_cast<int>(k)}});
      if (from.empty()) events.push_back({PlantedEventKind::nucleate, t, {}, {static_cast<int>(k)}});
    }
    for (std::size_t k = 0; k < children.size(); ++k) {
      if (children[k].size() > 1)
        events.push_back({PlantedEventKind::divide, t, {static_cast<int>(k)}, children[k]});
      if (children[k].empty()) events.push_back({PlantedEventKind::dissolve, t, {static_cast<int>(k)}, {}});
    }
    std::sort(events.begin() + static_cast<std::ptrdiff_t>(first), events.end(),
              [](const PlantedEvent& a, const PlantedEvent& b) {
                return std::tie(a.kind, a.from, a.to) < std::tie(b.kind, b.from, b.to);
              });
  }
  return events;
}

std::vector<core::Atoms> build_phantom(const OrderPhantom& phantom) {
  check_parents(phantom.moments, phantom.parents);
  std::vector<core::Atoms> series;
  for (const std::vector<OrderedNucleus>& nuclei : phantom.moments) {
    ParticleOptions options = phantom.particle;
    options.nuclei = nuclei;
    series.push_back(build_particle(options).atoms);
  }
  return series;
}

std::vector<core::Atoms> build_phantom(const LiquidPhantom& phantom) {
  check(phantom);
  std::vector<core::Atoms> series;
  for (const std::vector<PlantedCrystal>& crystals : phantom.moments)
    series.push_back(liquid_moment(phantom, crystals));
  return series;
}

} // namespace aet::specimen
