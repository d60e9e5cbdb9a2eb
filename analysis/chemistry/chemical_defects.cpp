#include "analysis/chemistry/chemical_defects.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace aet::analysis {
namespace {

using core::Mat3;
using core::Vec3;

const ChemicalPhase& phase_of(const ChemicalOrder& chemistry, std::size_t atom) {
  return chemical_phases().at(static_cast<std::size_t>(chemistry.phase[atom]));
}

BoundaryKind kind_of(const ChemicalPhase& a, const ChemicalPhase& b) {
  if (!a.ordered() || !b.ordered()) return BoundaryKind::disorder;
  if (a.kind != b.kind) return BoundaryKind::phase;
  return a.axis == b.axis ? BoundaryKind::antiphase : BoundaryKind::orientation;
}

/// Every pair of neighbours on lattices once.
template <typename F>
void for_pairs(const ChemicalOrder& chemistry, const core::NeighbourList& neighbours, const F& f) {
  for (std::size_t i = 0; i < neighbours.atoms(); ++i)
    for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e) {
      const std::size_t j = neighbours.index[e];
      if (j > i && chemistry.phase[i] >= 0 && chemistry.phase[j] >= 0) f(i, j, neighbours.distance[e]);
    }
}

} // namespace

std::vector<BoundaryPair> phase_boundaries(const ChemicalOrder& chemistry, const LatticeSites& sites,
                                           const core::NeighbourList& neighbours) {
  std::vector<BoundaryPair> result;
  for_pairs(chemistry, neighbours, [&](std::size_t i, std::size_t j, double) {
    if (sites.grain_of_atom[i] != sites.grain_of_atom[j]) {
      result.push_back({i, j, BoundaryKind::lattice});
    } else if (chemistry.phase[i] != chemistry.phase[j]) {
      result.push_back({i, j, kind_of(phase_of(chemistry, i), phase_of(chemistry, j))});
    }
  });
  std::sort(result.begin(), result.end(), [](const BoundaryPair& x, const BoundaryPair& y) {
    return std::tie(x.a, x.b) < std::tie(y.a, y.b);
  });
  return result;
}

std::vector<BoundaryPair> swap_pairs(const ChemicalOrder& chemistry, const LatticeSites& sites,
                                     const core::NeighbourList& neighbours) {
  std::vector<std::tuple<double, std::size_t, std::size_t>> candidates;
  for_pairs(chemistry, neighbours, [&](std::size_t i, std::size_t j, double distance) {
    // Both wrong and of different elements: each is what the other's site wants.
    if (chemistry.antisite[i] != 0 && chemistry.antisite[j] != 0 &&
        chemistry.species[i] != chemistry.species[j] && chemistry.phase[i] == chemistry.phase[j] &&
        sites.grain_of_atom[i] == sites.grain_of_atom[j])
      candidates.emplace_back(distance, i, j);
  });
  std::sort(candidates.begin(), candidates.end());
  std::vector<bool> taken(chemistry.phase.size(), false);
  std::vector<BoundaryPair> result;
  for (const auto& [distance, i, j] : candidates) {
    if (taken[i] || taken[j]) continue;
    taken[i] = taken[j] = true;
    result.push_back({i, j, BoundaryKind::antiphase});
  }
  std::sort(result.begin(), result.end(),
            [](const BoundaryPair& x, const BoundaryPair& y) { return x.a < y.a; });
  return result;
}

std::vector<DepthPoint> antisites_by_depth(const core::Atoms& atoms, const ChemicalOrder& chemistry,
                                           const LatticeSites& sites, const core::NeighbourList& neighbours,
                                           const ChemicalGrain& grain, double width, double beyond) {
  if (!(width > 0.0) || !(beyond >= 0.0))
    throw core::ConfigError(
        fmt::format("shells of anti-site density are {} A wide and reach {} A outside; the first "
                    "must be positive, the second not negative",
                    width, beyond));
  if (grain.atoms.empty()) throw core::DataError("anti-site density of a grain without atoms was asked for");
  std::vector<bool> member(atoms.size(), false);
  for (const std::size_t i : grain.atoms)
    member[i] = true;
  std::vector<Vec3> rim;
  std::vector<Vec3> inside;
  for (const std::size_t i : grain.atoms) {
    inside.push_back(atoms.positions[i]);
    bool at_surface = neighbours.count(i) < 12;
    for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e)
      at_surface = at_surface || !member[neighbours.index[e]];
    if (at_surface) rim.push_back(atoms.positions[i]);
  }
  if (rim.empty()) return {}; // a periodic crystal has no surface
  const core::CellGrid to_rim(rim, atoms.cell, 5.0);
  const core::CellGrid to_member(inside, atoms.cell, 5.0);
  const auto phase_number = static_cast<std::size_t>(grain.phase);
  const ChemicalPhase& phase = chemical_phases().at(phase_number);
  const int lattice = sites.grain_of_atom[grain.atoms.front()];
  std::map<long long, DepthPoint> shells;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (sites.grain_of_atom[i] != lattice) continue;
    double depth = 0.0;
    if (member[i]) {
      depth = to_rim.nearest(atoms.positions[i], std::numeric_limits<double>::infinity())->distance;
    } else {
      const auto hit = to_member.nearest(atoms.positions[i], beyond);
      if (!hit) continue;
      depth = -hit->distance;
    }
    DepthPoint& shell = shells[static_cast<long long>(std::floor(depth / width))];
    shell.depth_a += depth;
    ++shell.atoms;
    shell.order_mean += chemistry.order[phase_number][i];
    const int wanted = phase.owner.at(static_cast<std::size_t>(sites.sublattice(i)));
    shell.antisite_fraction += wanted != chemistry.species[i] ? 1.0 : 0.0;
  }
  std::vector<DepthPoint> result;
  for (auto& [number, shell] : shells) {
    const double n = static_cast<double>(shell.atoms);
    result.push_back({shell.depth_a / n, shell.atoms, shell.antisite_fraction / n, shell.order_mean / n});
  }
  return result;
}

std::optional<Tetragonality> tetragonality(const core::Atoms& atoms, const LatticeSites& sites,
                                           std::span<const std::size_t> members, int axis) {
  if (axis < 0 || axis > 2)
    throw core::ConfigError(fmt::format("axis of c/a is {}; it must be 0, 1 or 2", axis));
  if (members.size() < 4) return std::nullopt;
  const double n = static_cast<double>(members.size());
  const auto site = [&](std::size_t i) { return Vec3(sites.site[i][0], sites.site[i][1], sites.site[i][2]); };
  Vec3 mean_site = Vec3::Zero();
  Vec3 mean_position = Vec3::Zero();
  const Vec3 first = atoms.positions[members.front()];
  for (const std::size_t i : members) {
    mean_site += site(i) / n;
    mean_position += core::nearest_image(atoms.positions[i], first, atoms.cell) / n;
  }
  Mat3 normal = Mat3::Zero();
  Mat3 product = Mat3::Zero();
  for (const std::size_t i : members) {
    const Vec3 s = site(i) - mean_site;
    normal += s * s.transpose();
    product += s * (core::nearest_image(atoms.positions[i], first, atoms.cell) - mean_position).transpose();
  }
  const Vec3 spread = Eigen::SelfAdjointEigenSolver<Mat3>(normal, Eigen::EigenvaluesOnly).eigenvalues();
  if (!(spread[0] > 0.2 * n)) return std::nullopt; // (nearly) in one layer
  const Mat3 edges = 2.0 * normal.inverse() * product;
  Tetragonality t;
  t.c = edges.row(axis).norm();
  t.a = 0.5 * (edges.row((axis + 1) % 3).norm() + edges.row((axis + 2) % 3).norm());
  t.c_over_a = t.c / t.a;
  t.atoms = members.size();
  return t;
}

WeightedMean weighted_c_over_a(std::span<const Tetragonality> list) {
  if (list.empty()) throw core::DataError("the mean c/a of no grain was asked for");
  double weight = 0.0;
  WeightedMean result;
  for (const Tetragonality& t : list) {
    weight += static_cast<double>(t.atoms);
    result.mean += static_cast<double>(t.atoms) * t.c_over_a;
  }
  result.mean /= weight;
  for (const Tetragonality& t : list)
    result.deviation += static_cast<double>(t.atoms) * std::pow(t.c_over_a - result.mean, 2) / weight;
  result.deviation = std::sqrt(result.deviation);
  return result;
}

} // namespace aet::analysis
