#include "sim/md/potential.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>

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

/// Joined comment lines and the elements.
PotentialInfo info_of_lennard_jones(const PotentialFile& potential, const std::string& text) {
  PotentialInfo info;
  for (const auto& [z, pair] : read_lennard_jones(potential.path).elements)
    info.atomic_numbers.push_back(z);
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty() && line.front() == '#') info.comment += line.substr(1);
  return info;
}

} // namespace

LennardJones read_lennard_jones(const std::filesystem::path& path) {
  constexpr double ev_per_kcal_per_mol = 0.0433641153; // CODATA 2018: 4184 J / (N_A e)
  std::istringstream stream(core::read_file(path));
  LennardJones out;
  long number = 0;
  const auto bad = [&](const std::string& line) {
    throw core::DataError(fmt::format("potential file {}, line {}: \"{}\" is neither \"cutoff_a 3..30\" nor "
                                      "\"Element r0_a 1..10 epsilon_kcal_per_mol 0.001..1000\"",
                                      path.string(), number, line.substr(0, 60)));
  };
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string name;
    std::string r0_key;
    std::string epsilon_key;
    std::string rest;
    words >> name;
    if (name == "cutoff_a") {
      if (!(words >> out.cutoff_a) || words >> rest || !(out.cutoff_a >= 3.0 && out.cutoff_a <= 30.0))
        bad(line);
      continue;
    }
    double r0 = 0.0;
    double epsilon = 0.0;
    if (!(words >> r0_key >> r0 >> epsilon_key >> epsilon) || words >> rest || r0_key != "r0_a" ||
        epsilon_key != "epsilon_kcal_per_mol" || !(r0 >= 1.0 && r0 <= 10.0) ||
        !(epsilon >= 0.001 && epsilon <= 1000.0))
      bad(line);
    try {
      out.elements[core::atomic_number(name)] = {r0, epsilon * ev_per_kcal_per_mol};
    } catch (const core::DataError&) {
      bad(line);
    }
  }
  if (out.elements.empty())
    throw core::DataError(fmt::format("potential file {}: it names no element; give lines like "
                                      "\"Pt r0_a 2.845 epsilon_kcal_per_mol 7.80\"",
                                      path.string()));
  return out;
}

std::string style_name(PotentialStyle style) {
  switch (style) {
  case PotentialStyle::eam:
    return "eam";
  case PotentialStyle::eam_alloy:
    return "eam/alloy";
  case PotentialStyle::eam_fs:
    return "eam/fs";
  case PotentialStyle::lj_cut:
    return "lj/cut";
  }
  return "eam";
}

PotentialStyle style_from_name(const std::string& name) {
  if (name == "eam") return PotentialStyle::eam;
  if (name == "eam/alloy") return PotentialStyle::eam_alloy;
  if (name == "eam/fs") return PotentialStyle::eam_fs;
  if (name == "lj/cut") return PotentialStyle::lj_cut;
  throw core::DataError(
      fmt::format("potential style \"{}\" is not known; use eam, eam/alloy, eam/fs or lj/cut", name));
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
  PotentialInfo info = potential.style == PotentialStyle::lj_cut ? info_of_lennard_jones(potential, text)
                       : potential.style == PotentialStyle::eam  ? read_funcfl(potential, lines)
                                                                 : read_setfl(potential, lines);
  info.sha256 = core::sha256(text);
  return info;
}

} // namespace aet::md
