// An embedded-atom potential file: what style it is, whom it cites, and which elements it holds.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aet::md {

/// File formats of LAMMPS' embedded-atom pair styles.
enum class PotentialStyle {
  eam,       ///< funcfl: one element, e.g. Pt_u3.eam
  eam_alloy, ///< setfl, several elements
  eam_fs,    ///< setfl with Finnis-Sinclair densities
};

/// The name LAMMPS gives the style: "eam", "eam/alloy", "eam/fs".
[[nodiscard]] std::string style_name(PotentialStyle style);

/// \throws DataError for a name that is not one of the three.
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

} // namespace aet::md
