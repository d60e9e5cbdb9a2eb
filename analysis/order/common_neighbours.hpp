// Adaptive common neighbour analysis: which crystal an atom's shell is, by how its neighbours are bonded.
#pragma once

#include "analysis/order/structure.hpp"

#include <optional>
#include <span>
#include <vector>

namespace aet::analysis {

/// Structure of every atom: fcc, hcp, bcc, icosahedron or none. The cut-off between neighbours is each atom's
/// own: halfway to the second shell of fcc by its 12 nearest atoms, and to the third shell of bcc by its 14.
/// Stukowski, Modelling Simul. Mater. Sci. Eng. 20, 045021 (2012), doi:10.1088/0965-0393/20/4/045021; bonds
/// of pairs after Honeycutt and Andersen, J. Phys. Chem. 91, 4950 (1987), doi:10.1021/j100303a014. Atoms at
/// a surface are none, and heat makes more of them so.
/// \throws as core::nearest_neighbours(); fewer than 15 atoms are all none.
[[nodiscard]] std::vector<Structure> common_neighbour_structures(std::span<const core::Vec3> positions,
                                                                 const std::optional<core::Cell>& cell,
                                                                 core::Threads threads = {});

} // namespace aet::analysis
