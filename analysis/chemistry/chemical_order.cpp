#include "analysis/chemistry/chemical_order.hpp"

#include "analysis/chemistry/chemical_kernel.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace aet::analysis {
namespace {

std::array<ChemicalPhase, 16> make_phases() {
  std::array<ChemicalPhase, 16> all;
  std::size_t at = 0;
  // Half edges of the sublattices; the layer of a site along an axis is its coordinate there.
  constexpr std::array<std::array<int, 3>, 4> half_edges{{{0, 0, 0}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}}};
  for (int axis = 0; axis < 3; ++axis)
    for (int variant = 0; variant < 2; ++variant) {
      ChemicalPhase& p = all.at(at++);
      p = {fmt::format("L1_0 {} {}", "xyz"[axis], variant), PhaseKind::l1_0, axis, variant, {}};
      for (std::size_t s = 0; s < 4; ++s)
        p.owner.at(s) = half_edges.at(s).at(static_cast<std::size_t>(axis)) ^ variant;
    }
  for (const bool a_rich : {true, false})
    for (int variant = 0; variant < 4; ++variant) {
      ChemicalPhase& p = all.at(at++);
      p = {fmt::format("L1_2 {} {}", a_rich ? "A3B" : "AB3", variant),
           a_rich ? PhaseKind::l1_2_a3b : PhaseKind::l1_2_ab3,
           -1,
           variant,
           {}};
      for (int s = 0; s < 4; ++s)
        p.owner.at(static_cast<std::size_t>(s)) = (s == variant) == a_rich ? 1 : 0;
    }
  all.at(at++) = {"A1 A", PhaseKind::a1_a, -1, 0, {0, 0, 0, 0}};
  all.at(at++) = {"A1 B", PhaseKind::a1_b, -1, 0, {1, 1, 1, 1}};
  return all;
}

} // namespace

std::vector<int> species_of(const core::Atoms& atoms, const ChemicalOptions& o) {
  const std::set<int> present(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end());
  if (present.size() != 2)
    throw core::DataError(fmt::format(
        "chemical order needs two elements; the atoms have {}: give a model with species", present.size()));
  const int a = o.element_a > 0 ? o.element_a : *present.begin();
  const int b = o.element_b > 0 ? o.element_b : *present.rbegin();
  if (a == b || !present.contains(a) || !present.contains(b))
    throw core::DataError(
        fmt::format("chemical order of atomic numbers {} and {} was asked for; the atoms have {} "
                    "and {}",
                    a, b, *present.begin(), *present.rbegin()));
  std::vector<int> species;
  for (const int z : atoms.atomic_numbers)
    species.push_back(z == a ? 0 : 1);
  return species;
}

bool ChemicalOrder::wants_other(int sublattice, std::size_t atom) const {
  const ChemicalPhase& own = chemical_phases().at(static_cast<std::size_t>(phase[atom]));
  return own.ordered() && own.owner.at(static_cast<std::size_t>(sublattice)) != species[atom];
}

double ChemicalPhase::fraction_a() const {
  return 0.25 * static_cast<double>(std::count(owner.begin(), owner.end(), 0));
}

const std::array<ChemicalPhase, 16>& chemical_phases() {
  static const std::array<ChemicalPhase, 16> all = make_phases();
  return all;
}

ChemicalOrder chemical_order(const core::Atoms& atoms, const LatticeSites& sites,
                             const ChemicalOptions& options, core::Threads threads) {
  const std::vector<int> species = species_of(atoms, options);
  return ChemicalKernel(atoms, sites, options.kernel_cells, threads).order(species, threads);
}

ChemicalOrder divide_boundaries(const ChemicalOrder& chemistry, const LatticeSites& sites,
                                const core::NeighbourList& neighbours, const BoundaryOptions& options) {
  if (!(options.min_order >= -1.0) || options.min_order > 1.0 || options.layers < 0 || options.layers > 20 ||
      options.min_atoms < 1)
    throw core::ConfigError(
        fmt::format("boundaries of order below {}, grains of {} atoms and {} layers were asked "
                    "for; allowed are -1 to 1, at least 1, and 0 to 20",
                    options.min_order, options.min_atoms, options.layers));
  const std::size_t n = chemistry.phase.size();
  if (neighbours.atoms() != n)
    throw core::DataError(
        fmt::format("neighbours of {} atoms are given for the chemical order of {}", neighbours.atoms(), n));
  ChemicalOrder result = chemistry;
  std::vector<bool> open(n, false);
  for (std::size_t i = 0; i < n; ++i)
    open[i] = result.phase[i] >= 0 && result.alpha[i] < options.min_order;
  const ChemicalGrains regions = chemical_grains(chemistry, sites, neighbours);
  for (const ChemicalGrain& region : regions.grains) {
    const auto inside = [&](std::size_t i) {
      for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e)
        if (regions.grain_of_atom[neighbours.index[e]] != regions.grain_of_atom[i]) return false;
      return true;
    };
    if (region.atoms.size() >= static_cast<std::size_t>(options.min_atoms) &&
        std::any_of(region.atoms.begin(), region.atoms.end(), inside))
      continue;
    for (const std::size_t i : region.atoms)
      open[i] = true;
  }
  for (int layer = 0; layer < options.layers; ++layer) {
    std::vector<std::pair<std::size_t, int>> decided;
    for (std::size_t i = 0; i < n; ++i) {
      if (!open[i]) continue;
      double highest = 0.0;
      int phase = -1;
      for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e) {
        const std::size_t j = neighbours.index[e];
        if (open[j] || result.phase[j] < 0 || sites.grain_of_atom[j] != sites.grain_of_atom[i]) continue;
        const double order = result.order[static_cast<std::size_t>(result.phase[j])][i];
        const bool better = order > highest || (order == highest && phase > result.phase[j]);
        if (!better) continue;
        highest = order;
        phase = result.phase[j];
      }
      if (phase >= 0) decided.emplace_back(i, phase);
    }
    for (const auto& [i, phase] : decided) {
      open[i] = false;
      result.phase[i] = phase;
      result.alpha[i] = result.order[static_cast<std::size_t>(phase)][i];
      result.antisite[i] = result.wants_other(sites.sublattice(i), i) ? 1 : 0;
    }
  }
  return result;
}

double order_of_set(const ChemicalOrder& chemistry, const LatticeSites& sites,
                    std::span<const std::size_t> members, const ChemicalPhase& phase) {
  double matching = 0.0;
  for (const std::size_t i : members)
    matching +=
        phase.owner.at(static_cast<std::size_t>(sites.sublattice(i))) == chemistry.species[i] ? 1.0 : 0.0;
  return normalised_order(matching / static_cast<double>(members.size()), phase.fraction_a(),
                          chemistry.fraction_a);
}

ChemicalGrains chemical_grains(const ChemicalOrder& chemistry, const LatticeSites& sites,
                               const core::NeighbourList& neighbours) {
  const std::size_t n = chemistry.phase.size();
  ChemicalGrains result;
  result.grain_of_atom.assign(n, -1);
  for (std::size_t start = 0; start < n; ++start) {
    if (chemistry.phase[start] < 0 || result.grain_of_atom[start] >= 0) continue;
    const int number = static_cast<int>(result.grains.size());
    ChemicalGrain grain;
    grain.phase = chemistry.phase[start];
    grain.atoms.push_back(start);
    result.grain_of_atom[start] = number;
    for (std::size_t next = 0; next < grain.atoms.size(); ++next) {
      const std::size_t i = grain.atoms[next];
      for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e) {
        const std::size_t j = neighbours.index[e];
        if (result.grain_of_atom[j] >= 0 || chemistry.phase[j] != grain.phase ||
            sites.grain_of_atom[j] != sites.grain_of_atom[start])
          continue;
        result.grain_of_atom[j] = number;
        grain.atoms.push_back(j);
      }
    }
    std::sort(grain.atoms.begin(), grain.atoms.end());
    result.grains.push_back(std::move(grain));
  }
  std::stable_sort(
      result.grains.begin(), result.grains.end(),
      [](const ChemicalGrain& a, const ChemicalGrain& b) { return a.atoms.size() > b.atoms.size(); });
  for (std::size_t g = 0; g < result.grains.size(); ++g)
    for (const std::size_t i : result.grains[g].atoms)
      result.grain_of_atom[i] = static_cast<int>(g);
  return result;
}

Nuclei find_chemical_nuclei(const core::Atoms& atoms, const ChemicalOrder& chemistry,
                            const NucleiOptions& options, core::Threads threads) {
  std::vector<double> alpha = chemistry.alpha;
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    const int phase = chemistry.phase[i];
    if (phase < 0 || !chemical_phases().at(static_cast<std::size_t>(phase)).ordered())
      alpha[i] = std::min(0.0, options.threshold - 1.0); // below any threshold
  }
  return find_nuclei(atoms.positions, atoms.cell, alpha, options,
                     {.phases = chemistry.phase, .sd = chemistry.sd}, threads);
}

} // namespace aet::analysis
