// Extended XYZ, as OVITO and ASE read it: Lattice and pbc always, named per-atom columns.
#pragma once

#include "sim/core/atoms.hpp"

#include <filesystem>

namespace aet::core {

/// Read the first frame. Plain XYZ works too (no Lattice: no cell). Species may be symbols or atomic numbers;
/// real and integer columns of the Properties key become `columns` (vectors as name_0, name_1, ...).
/// \throws DataError naming the path and line.
[[nodiscard]] Atoms read_xyz(const std::filesystem::path& path);

/// Written with 8 decimals; columns in alphabetical order as real columns. Without a cell, a bounding box
/// with 10 A of margin is written and pbc="F F F".
/// \throws ExternalError if not written.
void write_xyz(const std::filesystem::path& path, const Atoms& atoms);

} // namespace aet::core
