// LAMMPS "dump atom" and "dump custom" text files, plain or gzip-compressed.
#pragma once

#include "sim/core/io/atom_files.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>

namespace aet::core {

/// Read one frame. Columns may stand in any order: id (atoms are sorted by it), element or type, and x y z,
/// xu yu zu, xs ys zs or xsu ysu zsu; other numeric columns become `columns`. Tilted boxes are understood;
/// the origin of the box is subtracted only for scaled coordinates, so positions are those LAMMPS has.
/// \throws DataError naming path and line: truncated or damaged, no such frame, columns missing, a type
/// without
///         element, an id that occurs twice, more than 10^9 atoms.
[[nodiscard]] Atoms read_lammps_dump(const std::filesystem::path& path, const AtomFileOptions& options = {});

/// All frames, one after the other, in the order of the file, which is read once; `options.frame` has no
/// meaning here. Every frame must hold the same ids. Returns the number of frames. \throws DataError as
/// read_lammps_dump(), for no frame at all, and for a frame with other ids than the first.
std::size_t visit_lammps_frames(const std::filesystem::path& path, const AtomFileOptions& options,
                                const std::function<void(Atoms)>& visit);

/// One frame, step 0: id type element x y z; types by rising atomic number. Without a cell the box is the
/// atoms' extent with 10 A around it, boundaries f. Compressed if the name ends in .gz. \throws DataError if
/// the cell is not of the form LAMMPS has (lower triangular); ExternalError if not written.
void write_lammps_dump(const std::filesystem::path& path, const Atoms& atoms);

} // namespace aet::core
