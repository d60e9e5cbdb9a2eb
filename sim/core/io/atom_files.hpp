// Any file of atoms that other programs use: what it is follows from its name.
#pragma once

#include "sim/core/atoms.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace aet::core {

struct AtomFileOptions {
  std::vector<int>
      type_elements;         ///< atomic numbers of LAMMPS types 1, 2, ... where a dump has no element column
  std::optional<long> frame; ///< of a dump, 0 = first; default the last
  /// CIF sites that are occupied in part: none: an error; else each is filled at random with its occupancy.
  std::optional<std::uint64_t> occupancy_seed;
};

enum class AtomFormat { xyz, dump, cif, poscar };

/// .xyz, .extxyz; .dump, .lammpstrj (each also with .gz); .cif; .vasp, .poscar, or a file named POSCAR or
/// CONTCAR...
/// \throws ConfigError for another name.
[[nodiscard]] AtomFormat atom_format(const std::filesystem::path& path);

/// Read atoms, unit cell expanded where there is one.
/// \throws ConfigError for an unknown kind of file; DataError naming the path (and line) for anything wrong
///   in it.
[[nodiscard]] Atoms read_atoms(const std::filesystem::path& path, const AtomFileOptions& options = {});

/// Write XYZ, dump or POSCAR; CIF is read only. Dumps and POSCARs hold no columns.
/// \throws ConfigError for another kind of file; ExternalError if it cannot be written.
void write_atoms(const std::filesystem::path& path, const Atoms& atoms);

} // namespace aet::core
