#include "sim/md/potential.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/format.h>

#include <sstream>

namespace aet::md {

namespace {

std::vector<std::string> first_lines(const std::string& text, std::size_t count) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; lines.size() < count && std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

[[noreturn]] void fail(const PotentialFile& potential, const std::string& what) {
  throw core::DataError(fmt::format("potential file {}: {}; give a file that LAMMPS' pair_style {} reads",
                                    potential.path.string(), what, style_name(potential.style)));
}

/// funcfl: comment line, then "Z mass lattice-constant lattice", then "nrho drho nr dr cutoff".
PotentialInfo read_funcfl(const PotentialFile& potential, const std::vector<std::string>& lines) {
  if (lines.size() < 3) fail(potential, "ends within its header");
  std::istringstream head(lines[1]);
  int z = 0;
  double mass = 0.0;
  double a = 0.0;
  if (!(head >> z >> mass >> a) || z < 1 || z > 118 || mass <= 0.0)
    fail(potential,
         fmt::format("line 2 is \"{}\", not \"Z mass lattice_constant lattice\"", lines[1].substr(0, 60)));
  std::istringstream grid(lines[2]);
  long nrho = 0;
  double drho = 0.0;
  if (!(grid >> nrho >> drho) || nrho < 2)
    fail(potential, fmt::format("line 3 is \"{}\", not \"nrho drho nr dr cutoff\"", lines[2].substr(0, 60)));
  return {{z}, lines[0], {}};
}

/// setfl: three comment lines, then "n element1 ... elementn".
PotentialInfo read_setfl(const PotentialFile& potential, const std::vector<std::string>& lines) {
  if (lines.size() < 4) fail(potential, "ends within its header");
  std::istringstream head(lines[3]);
  int n = 0;
  if (!(head >> n) || n < 1 || n > 118)
    fail(potential, fmt::format("line 4 is \"{}\", not \"n element1 ... elementn\"", lines[3].substr(0, 60)));
  PotentialInfo info;
  info.comment = lines[0] + " " + lines[1] + " " + lines[2];
  for (int i = 0; i < n; ++i) {
    std::string symbol;
    if (!(head >> symbol)) fail(potential, fmt::format("line 4 names fewer than {} elements", n));
    try {
      info.atomic_numbers.push_back(core::atomic_number(symbol));
    } catch (const core::DataError& error) {
      fail(potential, fmt::format("line 4: {}", error.what()));
    }
  }
  return info;
}

} // namespace

std::string style_name(PotentialStyle style) {
  switch (style) {
  case PotentialStyle::eam:
    return "eam";
  case PotentialStyle::eam_alloy:
    return "eam/alloy";
  case PotentialStyle::eam_fs:
    return "eam/fs";
  }
  return "eam";
}

PotentialStyle style_from_name(const std::string& name) {
  if (name == "eam") return PotentialStyle::eam;
  if (name == "eam/alloy") return PotentialStyle::eam_alloy;
  if (name == "eam/fs") return PotentialStyle::eam_fs;
  throw core::DataError(
      fmt::format("potential style \"{}\" is not known; use eam, eam/alloy or eam/fs", name));
}

PotentialInfo read_potential_info(const PotentialFile& potential) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(potential.path, ignored))
    throw core::DataError(
        fmt::format("potential file {} does not exist; LAMMPS' own potentials come with the "
                    "Debian package lammps-data (apt-get install lammps-data), in "
                    "/usr/share/lammps/potentials",
                    potential.path.string()));
  const std::string text = core::read_file(potential.path);
  const auto lines = first_lines(text, 4);
  PotentialInfo info =
      potential.style == PotentialStyle::eam ? read_funcfl(potential, lines) : read_setfl(potential, lines);
  info.sha256 = core::sha256(text);
  return info;
}

} // namespace aet::md
