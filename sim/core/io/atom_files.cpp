#include "sim/core/io/atom_files.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/cif.hpp"
#include "sim/core/io/lammps_dump.hpp"
#include "sim/core/io/poscar.hpp"
#include "sim/core/io/xyz.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <string>

namespace aet::core {

namespace fs = std::filesystem;

AtomFormat atom_format(const fs::path& path) {
  std::string name = path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool compressed = name.ends_with(".gz");
  const std::string bare = compressed ? name.substr(0, name.size() - 3) : name;
  if (bare.ends_with(".dump") || bare.ends_with(".lammpstrj")) return AtomFormat::dump;
  if (!compressed) {
    if (name.ends_with(".xyz") || name.ends_with(".extxyz")) return AtomFormat::xyz;
    if (name.ends_with(".cif")) return AtomFormat::cif;
    if (name.ends_with(".vasp") || name.ends_with(".poscar") || name.starts_with("poscar") ||
        name.starts_with("contcar")) {
      return AtomFormat::poscar;
    }
  }
  throw ConfigError(
      fmt::format("'{}' has no name by which its format is known; use .xyz, .extxyz, .dump or .lammpstrj "
                  "(with .gz too), .cif, .vasp, or POSCAR.",
                  path.string()));
}

Atoms read_atoms(const fs::path& path, const AtomFileOptions& options) {
  switch (atom_format(path)) {
  case AtomFormat::dump:
    return read_lammps_dump(path, options);
  case AtomFormat::cif:
    return read_cif(path, options);
  case AtomFormat::poscar:
    return read_poscar(path);
  case AtomFormat::xyz:
    break;
  }
  return read_xyz(path);
}

void write_atoms(const fs::path& path, const Atoms& atoms) {
  switch (atom_format(path)) {
  case AtomFormat::dump:
    write_lammps_dump(path, atoms);
    return;
  case AtomFormat::cif:
    throw ConfigError(fmt::format("'{}': CIF files are read, not written; use .xyz, .dump, .vasp or POSCAR.",
                                  path.string()));
  case AtomFormat::poscar:
    write_poscar(path, atoms);
    return;
  case AtomFormat::xyz:
    write_xyz(path, atoms);
  }
}

} // namespace aet::core
