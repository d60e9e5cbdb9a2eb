// Crystallographic information files of small unit cells.
#pragma once

#include "sim/core/io/atom_files.hpp"

namespace aet::core {

/// The whole unit cell of the first data block that has atoms, all symmetry operations applied: those listed
/// in the file (_space_group_symop_operation_xyz), else those of its space group by name. Atoms within 0.2 A
/// of each other that symmetry made are one. a lies along x, b in the xy plane. Column "u_rms" = sqrt(U_iso)
/// if all sites have one; columns "u_aniso_0" ... "u_aniso_5" = U11 U22 U33 U12 U13 U23 along x, y, z
/// [angstrom^2] if some sites have tensors (_atom_site_aniso_U_11 ..., or B) and all others a U_iso. Sites
/// occupied in part, or shared by elements, are an error, or with options.occupancy_seed filled one by one at
/// random, each element with its occupancy.
/// \throws DataError naming the path: broken syntax, no cell, no symmetry, no atoms, two full sites on one
///   place, partial occupancy without seed,
///   an incomplete tensor.
[[nodiscard]] Atoms read_cif(const std::filesystem::path& path, const AtomFileOptions& options = {});

} // namespace aet::core
