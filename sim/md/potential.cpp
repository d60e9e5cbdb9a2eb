#include "sim/md/potential.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/text_lines.hpp"

#include <fmt/core.h>

#include <string_view>
#include <vector>

namespace aet::md {

namespace {

[[noreturn]] void fail(const PotentialFile& potential, const std::string& what) {
  throw core::DataError(fmt::format("potential file {}: {}; give a file that LAMMPS' pair_style {} reads",
                                    potential.path.string(), what, style_name(potential.style)));
}

/// funcfl: comment line, then "Z mass lattice-constant lattice", then "nrho drho nr dr cutoff".
PotentialInfo read_funcfl(const PotentialFile& potential, const std::vector<std::string_view>& lines) {
  if (lines.size() < 3) fail(potential, "ends within its header");
  const std::vector<std::string_view> head = core::split_words(lines[1]);
  const int z = head.size() < 3 ? 0 : core::parse_word<int>(head[0]).value_or(0);
  if (z < 1 || z > 118 || core::parse_word(head[1]).value_or(0.0) <= 0.0 || !core::parse_word(head[2]))
    fail(potential,
         fmt::format("line 2 is \"{}\", not \"Z mass lattice_constant lattice\"", lines[1].substr(0, 60)));
  const std::vector<std::string_view> grid = core::split_words(lines[2]);
  if (grid.size() < 2 || core::parse_word<long>(grid[0]).value_or(0) < 2 || !core::parse_word(grid[1]))
    fail(potential, fmt::format("line 3 is \"{}\", not \"nrho drho nr dr cutoff\"", lines[2].substr(0, 60)));
  return {{z}, std::string(lines[0]), {}};
}

/// setfl: three comment lines, then "n element1 ... elementn".
PotentialInfo read_setfl(const PotentialFile& potential, const std::vector<std::string_view>& lines) {
  if (lines.size() < 4) fail(potential, "ends within its header");
  const std::vector<std::string_view> head = core::split_words(lines[3]);
  const int n = head.empty() ? 0 : core::parse_word<int>(head[0]).value_or(0);
  if (n < 1 || n > 118)
    fail(potential, fmt::format("line 4 is \"{}\", not \"n element1 ... elementn\"", lines[3].substr(0, 60)));
  PotentialInfo info;
  info.comment = fmt::format("{} {} {}", lines[0], lines[1], lines[2]);
  if (head.size() <= static_cast<std::size_t>(n))
    fail(potential, fmt::format("line 4 names fewer than {} elements", n));
  for (std::size_t i = 1; i <= static_cast<std::size_t>(n); ++i) {
    try {
      info.atomic_numbers.push_back(core::atomic_number(std::string(head[i])));
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
  for (const std::string_view line : core::split_lines(text))
    if (!line.empty() && line.front() == '#') info.comment += line.substr(1);
  return info;
}

} // namespace

LennardJones read_lennard_jones(const std::filesystem::path& path) {
  constexpr double ev_per_kcal_per_mol = 0.0433641153; // CODATA 2018: 4184 J / (N_A e)
  const std::string text = core::read_file(path);
  LennardJones out;
  std::size_t number = 0;
  const auto bad = [&](std::string_view line) {
    throw core::DataError(fmt::format("potential file {}, line {}: \"{}\" is neither \"cutoff_a 3..30\" nor "
                                      "\"Element r0_a 1..10 epsilon_kcal_per_mol 0.001..1000\"",
                                      path.string(), number, line.substr(0, 60)));
  };
  for (const std::string_view line : core::split_lines(text)) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> words = core::split_words(line);
    const auto value = [&](std::size_t word) { return core::parse_word(words[word]).value_or(0.0); };
    if (words.size() == 2 && words[0] == "cutoff_a") {
      out.cutoff_a = value(1);
      if (!(out.cutoff_a >= 3.0 && out.cutoff_a <= 30.0)) bad(line);
      continue;
    }
    if (words.size() != 5 || words[1] != "r0_a" || words[3] != "epsilon_kcal_per_mol") bad(line);
    const double r0 = value(2);
    const double epsilon = value(4);
    if (!(r0 >= 1.0 && r0 <= 10.0) || !(epsilon >= 0.001 && epsilon <= 1000.0)) bad(line);
    try {
      out.elements[core::atomic_number(std::string(words[0]))] = {r0, epsilon * ev_per_kcal_per_mol};
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
  const std::vector<std::string_view> lines = core::split_lines(text);
  PotentialInfo info = potential.style == PotentialStyle::lj_cut ? info_of_lennard_jones(potential, text)
                       : potential.style == PotentialStyle::eam  ? read_funcfl(potential, lines)
                                                                 : read_setfl(potential, lines);
  info.sha256 = core::sha256(text);
  return info;
}

} // namespace aet::md
