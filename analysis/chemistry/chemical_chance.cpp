#include "analysis/chemistry/chemical_chance.hpp"

#include "sim/core/random.hpp"

#include <utility>

namespace aet::analysis {
namespace {

constexpr int usual_permutations = 50;

/// Fisher and Yates, among the atoms on lattices.
std::vector<int> permuted(std::vector<int> species, const LatticeSites& sites, core::RandomStream random) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < species.size(); ++i)
    if (sites.grain_of_atom[i] >= 0) places.push_back(i);
  for (std::size_t k = places.size(); k > 1; --k) {
    const auto other = static_cast<std::size_t>(random.uniform() * static_cast<double>(k));
    std::swap(species[places[k - 1]], species[places[other]]);
  }
  return species;
}

} // namespace

ChanceNuclei permuted_chance(const core::Atoms& atoms, const LatticeSites& sites,
                             const ChemicalKernel& kernel, const std::vector<int>& species,
                             const core::NeighbourList& shell, const SurfaceOfAtoms& surface,
                             const NucleiOptions& rule, const ChanceOptions& chance,
                             double surface_site_depth_a, core::Threads threads) {
  ChanceNuclei result;
  result.how = "the same sites and composition, species permuted";
  result.realizations = chance.realizations > 0 ? chance.realizations : usual_permutations;
  result.min_atoms = rule.min_atoms;
  std::vector<std::vector<ChanceNucleus>> found(static_cast<std::size_t>(result.realizations));
  core::parallel_for(found.size(), threads, [&](std::size_t r, int) {
    const core::RandomStream random(chance.seed, "analysis.permuted", {static_cast<std::uint32_t>(r)});
    const ChemicalOrder order = kernel.order(permuted(species, sites, random));
    for (const Nucleus& nucleus : find_chemical_nuclei(atoms, order, rule_of_chance(rule)).nuclei)
      found[r].push_back(chance_nucleus(nucleus, atoms, shell, surface, surface_site_depth_a));
  });
  for (const std::vector<ChanceNucleus>& one : found)
    result.nuclei.insert(result.nuclei.end(), one.begin(), one.end());
  sort_by_size(result);
  return result;
}

} // namespace aet::analysis
