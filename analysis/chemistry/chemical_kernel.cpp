#include "analysis/chemistry/chemical_kernel.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"

#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace aet::analysis {
namespace {

constexpr std::size_t kernel_block = 64;

/// Weights around one atom, nearest first, so that sums do not depend on the order of atoms.
struct Around {
  std::vector<std::uint32_t> index;
  std::vector<double> weight;
};

} // namespace

double normalised_order(double f, double phase_a, double all_a) {
  const double by_chance = 2.0 * phase_a * all_a - phase_a - all_a + 1.0;
  return (f - by_chance) / (1.0 - by_chance);
}

ChemicalKernel::ChemicalKernel(const core::Atoms& atoms, const LatticeSites& sites, double kernel_cells,
                               core::Threads threads) {
  if (!(kernel_cells > 0.0) || !std::isfinite(kernel_cells))
    throw core::ConfigError(
        fmt::format("kernel of the chemical order is {} cells; it must be positive", kernel_cells));
  const std::size_t n = atoms.size();
  if (sites.grain_of_atom.size() != n)
    throw core::DataError(
        fmt::format("lattice sites of {} atoms are given for {} atoms", sites.grain_of_atom.size(), n));
  sublattice_.assign(n, -1);
  first_.assign(n + 1, 0);
  if (sites.grains.empty()) return;
  std::vector<double> edge;
  for (const LatticeGrain& grain : sites.grains)
    edge.push_back(std::cbrt(std::abs(grain.lattice.edges.determinant())));
  const double widest = *std::max_element(edge.begin(), edge.end());
  const core::CellGrid grid(atoms.positions, atoms.cell, kernel_cells * widest * 2.0);
  std::vector<Around> around(n);
  core::parallel_for((n + kernel_block - 1) / kernel_block, threads, [&](std::size_t b, int) {
    std::vector<core::Hit> hits;
    for (std::size_t i = b * kernel_block; i < std::min(n, (b + 1) * kernel_block); ++i) {
      const int grain = sites.grain_of_atom[i];
      if (grain < 0) continue;
      sublattice_[i] = static_cast<std::int8_t>(sites.sublattice(i));
      const double sigma = kernel_cells * edge[static_cast<std::size_t>(grain)];
      grid.within(atoms.positions[i], 4.0 * sigma, hits);
      std::sort(hits.begin(), hits.end(), core::nearer);
      for (const core::Hit& hit : hits) {
        if (sites.grain_of_atom[hit.index] != grain) continue;
        around[i].index.push_back(hit.index);
        around[i].weight.push_back(std::exp(-0.5 * hit.distance * hit.distance / (sigma * sigma)));
      }
    }
  });
  double on_lattice = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    index_.insert(index_.end(), around[i].index.begin(), around[i].index.end());
    weight_.insert(weight_.end(), around[i].weight.begin(), around[i].weight.end());
    first_[i + 1] = index_.size();
    if (sublattice_[i] < 0) continue;
    double total = 0.0;
    double squares = 0.0;
    for (const double w : around[i].weight) {
      total += w;
      squares += w * w;
    }
    on_lattice += 1.0;
    sites_seen_ += total * total / squares;
    around[i] = {};
  }
  if (on_lattice > 0.0) sites_seen_ /= on_lattice;
}

ChemicalOrder ChemicalKernel::order(const std::vector<int>& species, core::Threads threads) const {
  const std::size_t n = sublattice_.size();
  ChemicalOrder result;
  result.species = species;
  result.order.assign(chemical_phases().size(), std::vector<double>(n, 0.0));
  result.phase.assign(n, -1);
  result.alpha.assign(n, 0.0);
  result.sd.assign(n, 0.0);
  result.antisite.assign(n, 0);
  double on_lattice = 0.0;
  double of_a = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    if (sublattice_[i] < 0) continue;
    on_lattice += 1.0;
    of_a += species[i] == 0 ? 1.0 : 0.0;
  }
  if (on_lattice == 0.0) return result;
  result.fraction_a = of_a / on_lattice;
  if (of_a == 0.0 || of_a == on_lattice)
    throw core::DataError("chemical order needs two elements; all atoms on fcc lattices are of one");

  core::parallel_for((n + kernel_block - 1) / kernel_block, threads, [&](std::size_t b, int) {
    for (std::size_t i = b * kernel_block; i < std::min(n, (b + 1) * kernel_block); ++i) {
      if (sublattice_[i] < 0) continue;
      std::array<std::array<double, 2>, 4> weight{};
      double total = 0.0;
      double squares = 0.0;
      for (std::size_t e = first_[i]; e < first_[i + 1]; ++e) {
        const std::size_t other = index_[e];
        weight.at(static_cast<std::size_t>(sublattice_[other]))
            .at(static_cast<std::size_t>(species[other])) += weight_[e];
        total += weight_[e];
        squares += weight_[e] * weight_[e];
      }
      double part = 0.0;
      for (std::size_t j = 0; j < chemical_phases().size(); ++j) {
        const ChemicalPhase& phase = chemical_phases().at(j);
        double matching = 0.0;
        for (std::size_t s = 0; s < 4; ++s)
          matching += weight.at(s).at(static_cast<std::size_t>(phase.owner.at(s)));
        const double value = normalised_order(matching / total, phase.fraction_a(), result.fraction_a);
        result.order[j][i] = value;
        if (result.phase[i] < 0 || value > result.alpha[i]) {
          result.phase[i] = static_cast<int>(j);
          result.alpha[i] = value;
          part = matching / total;
        }
      }
      // Laplace's rule keeps the error of a perfect neighbourhood above 0.
      const double seen = total * total / squares;
      const double right = (part * seen + 1.0) / (seen + 2.0);
      const double phase_a = chemical_phases().at(static_cast<std::size_t>(result.phase[i])).fraction_a();
      result.sd[i] =
          std::sqrt(right * (1.0 - right) / seen) * (normalised_order(1.0, phase_a, result.fraction_a) -
                                                     normalised_order(0.0, phase_a, result.fraction_a));
      result.antisite[i] = result.wants_other(sublattice_[i], i) ? 1 : 0;
    }
  });
  return result;
}

} // namespace aet::analysis
