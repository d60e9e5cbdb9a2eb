// Extended XYZ, as OVITO and ASE read it: Lattice and pbc always, named per-atom columns.
#pragma once

#include "sim/core/atoms.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>

namespace aet::core {

/// Read the first frame. Plain XYZ works too (no Lattice: no cell). Species may be symbols or atomic numbers;
/// real and integer columns of the Properties key become `columns` (vectors as name_0, name_1, ...).
/// \throws DataError naming the path and line.
[[nodiscard]] Atoms read_xyz(const std::filesystem::path& path);

/// All frames, one after the other, in the order of the file, as read_xyz() reads the first. Returns their
/// number, at least one.
/// \throws DataError naming the path and line.
std::size_t visit_xyz_frames(const std::filesystem::path& path, const std::function<void(Atoms)>& visit);

/// Written with 8 decimals; columns in alphabetical order as real columns. Without a cell, a bounding box
/// with 10 A of margin is written and pbc="F F F".
/// \throws ExternalError if not written.
void write_xyz(const std::filesystem::path& path, const Atoms& atoms);

} // namespace aet::core
