// A potential file: what style it is, whom it cites, and which elements it holds.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace aet::md {

/// Formats of potential files: LAMMPS' embedded-atom pair styles, and our own list of Lennard-Jones
/// parameters.
enum class PotentialStyle {
  eam,       ///< funcfl: one element, e.g. Pt_u3.eam
  eam_alloy, ///< setfl, several elements
  eam_fs,    ///< setfl with Finnis-Sinclair densities
  lj_cut,    ///< read_lennard_jones()
};

/// The name LAMMPS gives the style: "eam", "eam/alloy", "eam/fs", "lj/cut".
[[nodiscard]] std::string style_name(PotentialStyle style);

/// \throws DataError for a name that is not one of the four.
[[nodiscard]] PotentialStyle style_from_name(const std::string& name);

struct PotentialFile {
  std::filesystem::path path = "/usr/share/lammps/potentials/Pt_u3.eam";
  PotentialStyle style = PotentialStyle::eam;
};

/// What the header of a potential file says.
struct PotentialInfo {
  std::vector<int> atomic_numbers; ///< in the file's order
  std::string comment;             ///< first line(s), usually with the citation
  std::string sha256;              ///< of the whole file, 64 hexadecimal digits
};

/// Read the header and check that it has the format its style asks for.
/// \throws DataError naming the path: file missing (and which Debian package holds LAMMPS' own
/// potentials), unreadable, or not of the style given.
/// Source of the formats: LAMMPS manual, "pair_style eam", DYNAMO funcfl and setfl.
[[nodiscard]] PotentialInfo read_potential_info(const PotentialFile& potential);

/// E(r) = epsilon ((r0 / r)^12 - 2 (r0 / r)^6), cut off without a shift.
struct LennardJonesPair {
  double r0_a = 0.0;       ///< place of the minimum [angstrom], > 0
  double epsilon_ev = 0.0; ///< its depth [eV], > 0
};

struct LennardJones {
  double cutoff_a = 12.0;                   ///< 3..30
  std::map<int, LennardJonesPair> elements; ///< by atomic number
};

/// Read a file of style lj_cut: lines "cutoff_a 12" and "Pt r0_a 2.845 epsilon_kcal_per_mol 7.80", one an
/// element; lines that begin with # are comments and become the citation. Elements mix by the mean of r0 and
/// the geometric mean of epsilon.
/// \throws DataError naming path and line.
[[nodiscard]] LennardJones read_lennard_jones(const std::filesystem::path& path);

} // namespace aet::md
