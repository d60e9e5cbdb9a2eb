// Nuclei of chemical order that chance makes: the same sites and composition, species permuted.
#pragma once

#include "analysis/chemistry/chemical_kernel.hpp"
#include "analysis/nuclei/chance.hpp"

#include <span>
#include <vector>

namespace aet::analysis {

/// \param species 0 or 1, one an atom; those of atoms on lattices change places.
/// \param shell   first shell of the atoms.
[[nodiscard]] ChanceNuclei permuted_chance(const core::Atoms& atoms, const LatticeSites& sites,
                                           const ChemicalKernel& kernel, const std::vector<int>& species,
                                           const core::NeighbourList& shell, const SurfaceOfAtoms& surface,
                                           const NucleiOptions& rule, const ChanceOptions& chance,
                                           double surface_site_depth_a, core::Threads threads = {});

} // namespace aet::analysis
