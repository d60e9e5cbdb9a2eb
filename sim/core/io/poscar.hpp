// VASP's POSCAR, format 5 (with a line of element symbols).
#pragma once

#include "sim/core/atoms.hpp"

#include <filesystem>

namespace aet::core {

/// Direct or Cartesian coordinates, selective dynamics read over, a negative scale is a volume.
/// \throws DataError naming path and line; files of format 4 (without symbols) among others.
[[nodiscard]] Atoms read_poscar(const std::filesystem::path& path);

/// Cartesian, elements by rising atomic number. VASP's cell is periodic: without one, the atoms are shifted
/// into a box with 10 A around them.
/// \throws ExternalError if not written.
void write_poscar(const std::filesystem::path& path, const Atoms& atoms);

} // namespace aet::core
