// LAMMPS "dump atom" and "dump custom" text files, plain or gzip-compressed.
#pragma once

#include "sim/core/io/atom_files.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aet::core {

/// Read one frame. Columns may stand in any order: id (atoms are sorted by it), element or type, and x y z,
/// xu yu zu, xs ys zs or xsu ysu zsu (units metal or real); other numeric columns become `columns`. Tilted
/// boxes are understood; the origin of the box is subtracted only for scaled coordinates, so positions are
/// those LAMMPS has.
/// \throws DataError naming path and line: truncated or damaged, no such frame, columns missing, a type
///   without element, an id that occurs twice, more than 10^9 atoms.
[[nodiscard]] Atoms read_lammps_dump(const std::filesystem::path& path, const AtomFileOptions& options = {});

/// One frame of a dump.
struct DumpFrame {
  long step = 0;
  std::optional<double> time_ps; ///< where the dump records it ("dump_modify time yes")
  std::vector<long> ids;         ///< rising, one an atom
  Atoms atoms;
};

/// All frames, one after the other, in the order of the file, which is read once; `options.frame` has no
/// meaning here. Every frame must hold the same ids. Returns the number of frames.
/// \throws DataError as read_lammps_dump(), for no frame at all, and for a frame with other ids than the
///   first.
std::size_t visit_lammps_frames(const std::filesystem::path& path, const AtomFileOptions& options,
                                const std::function<void(DumpFrame)>& visit);

/// A frame to be written; ids count the atoms from 1, types the elements by rising atomic number.
struct DumpText {
  long step = 0;
  std::optional<double> time_ps{};
  Cell cell{};             ///< lower triangular
  Vec3 low = Vec3::Zero(); ///< the cell's corner [angstrom]
  std::span<const int> atomic_numbers{};
  std::span<const Vec3> positions{};  ///< [angstrom]
  std::span<const Vec3> velocities{}; ///< [angstrom/ps]; empty: none are written
  bool unwrapped = false;             ///< columns xu yu zu instead of x y z
  int digits = 8;                     ///< after the decimal point, of positions and velocities
  int box_digits = 8;
};

/// Appends the frame to `text` as "dump custom" has it.
void append_frame(const DumpText& frame, std::string& text);

/// One frame, step 0: id type element x y z; types by rising atomic number. Without a cell the box is the
/// atoms' extent with 10 A around it, boundaries f. Compressed if the name ends in .gz.
/// \throws DataError if the cell is not of the form LAMMPS has (lower triangular); ExternalError if not
///   written.
void write_lammps_dump(const std::filesystem::path& path, const Atoms& atoms);

} // namespace aet::core
