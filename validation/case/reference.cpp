#include "validation/case/reference.hpp"

#include "sim/core/error.hpp"
#include "sim/core/join.hpp"
#include "validation/case/case.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace aet::validation {

namespace {

/// What has to be chosen for a setting to be known, and the case that chooses it.
struct Kind {
  std::string table; ///< whose settings depend on the choice
  std::string choice;
  std::string toml;
};

/// The first is read for all tables but [truth]; each other adds what its table has more by its choice.
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"", "", "[trace]\nnon_atom_rule = \"fixed\"\n[refine]\n"},
      {"truth", "source = \"md\"",
       "[truth]\nsource = \"md\"\norder_every_ps = 1\nmelting_k = 1500\nhold_t_over_tm = 0.5\nmelt_t_over_tm "
       "= 1.4\n"
       "imaging_t_over_tm = 0.1\nhold_end_t_over_tm = 0.4\n"},
      {"truth", "source = \"md\"", "[truth]\nsource = \"md\"\nhold_end_k = 700\n"},
      {"truth", "source = \"md\"",
       "[truth]\nsource = \"md\"\nsystem = \"bulk\"\natoms = 500\n[truth.scan]\n"},
      {"truth", "source = \"particle\"",
       "[truth]\nsource = \"particle\"\nelements = \"Fe Pt\"\nphase = \"L1_0\"\nshape = \"wulff\"\ngrains = "
       "2\n"
       "zone_axis = [1, 1, 0]\nuniaxial_strain = 0.01\nmatrix_around_core = \"amorphous\"\n[truth.grain_2]\n"
       "phase = \"L1_0\"\nseed_a = [5, 0, 0]\neuler_deg = [0, 30, 0]\n"},
      {"truth", "source = \"particle\"",
       "[truth]\nsource = \"particle\"\nelements = \"Fe Pt\"\nnuclei = 1\n[truth.nucleus_1]\nlength_a = 8\n"},
      {"truth", "source = \"particle\"",
       "[truth]\nsource = \"particle\"\nshape = \"truncated_octahedron\"\neuler_deg = [0, 30, 0]\n"},
      {"images", "",
       "[images]\ntilt_scheme = \"full_turn\"\n[images.noise]\ndose_per_tilt_e_per_a2 = 1e4\n"
       "[images.microscope.scan]\nmatrix = [1, 0, 0, 1]\n"},
      {"images", "", "[images]\ntilt_step_deg = 3\nphonons = \"trajectory\"\n"},
      {"images", "", "[images]\ntilts_deg = [-20, 0, 20]\n[images.membrane]\nmaterial = \"SiN\"\n"},
      {"classify", "", "[trace]\nelement = \"Fe Pt\"\n"},
      {"refine", "", "[refine]\nphysics = \"multislice\"\n"},
      {"refine", "method = \"published\"", "[refine]\nmethod = \"published\"\n"}};
  return all;
}

std::string table_of(const std::string& key) {
  const auto dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

bool is_within(const std::string& table, const std::string& outer) {
  return table == outer || table.starts_with(outer + ".");
}

/// Settings in tables, in the order in which tables first appear.
void sort_in(std::vector<SettingTable>& tables, const std::vector<core::Setting>& settings,
             const std::string& kind) {
  for (const core::Setting& setting : settings) {
    const std::string name = table_of(setting.key);
    auto table = std::find_if(tables.begin(), tables.end(),
                              [&](const SettingTable& t) { return t.name == name && t.kind == kind; });
    if (table == tables.end()) table = tables.insert(tables.end(), {name, kind, {}});
    table->settings.push_back(setting);
  }
}

/// Of files, which have to be there for a whole case to be read: the declarations alone.
std::vector<core::Setting> of_files() {
  const core::Config config = core::Config::from_text("[truth]\nsource = \"file\"\nfiles = \"atoms.xyz\"\n"
                                                      "[images]\nfiles = \"tilts.mrc\"\n",
                                                      "settings");
  static_cast<void>(read_truth(config.root().section("truth"), 1));
  static_cast<void>(read_image_files(config.root().section("images")));
  return config.settings();
}

std::vector<core::Setting> of_phantom() {
  const core::Config config =
      core::Config::from_text("[truth]\nsource = \"phantom\"\nfile = \"phantom.toml\"\n", "settings");
  static_cast<void>(read_phantom_path(config.root().section("truth")));
  return config.settings();
}

std::string last_part(const std::string& key) {
  const auto dot = key.rfind('.');
  return dot == std::string::npos ? key : key.substr(dot + 1);
}

std::string heading(const SettingTable& table) {
  return table.name.empty() ? "top of the case" : fmt::format("[{}]", table.name);
}

} // namespace

std::vector<SettingTable> all_settings() {
  std::vector<SettingTable> tables;
  std::set<std::string> done; // keys, and keys by choice
  for (const Kind& kind : kinds()) {
    std::vector<core::Setting> fresh;
    for (const core::Setting& setting : read_case_text(kind.toml, "settings").config.settings()) {
      const std::string table = table_of(setting.key);
      if (kind.table.empty() ? is_within(table, "truth") : !is_within(table, kind.table)) continue;
      if (kind.choice.empty() && done.contains(setting.key)) continue;
      if (!done.insert(kind.choice + " " + setting.key).second) continue;
      done.insert(setting.key);
      fresh.push_back(setting);
    }
    sort_in(tables, fresh, kind.choice);
  }
  std::vector<core::Setting> fresh;
  for (const core::Setting& setting : of_files())
    if (table_of(setting.key) == "truth" || !done.contains(setting.key)) fresh.push_back(setting);
  sort_in(tables, fresh, "files");
  sort_in(tables, of_phantom(), "source = \"phantom\"");
  std::stable_sort(tables.begin(), tables.end(), [](const SettingTable& a, const SettingTable& b) {
    const auto place = [](const std::string& name) {
      const std::vector<std::string> order{"",      "truth",    "images", "prepare", "align", "reconstruct",
                                           "trace", "classify", "refine", "analyze", "score", "checks"};
      return std::find(order.begin(), order.end(), name.substr(0, name.find('.'))) - order.begin();
    };
    return place(a.name) < place(b.name);
  });
  return tables;
}

std::vector<SettingTable> tables_called(const std::string& name) {
  std::vector<SettingTable> all = all_settings();
  if (name.empty()) return all;
  std::set<std::string> names;
  std::vector<SettingTable> chosen;
  for (SettingTable& table : all) {
    names.insert(table.name);
    if (is_within(table.name, name)) chosen.push_back(std::move(table));
  }
  if (!chosen.empty()) return chosen;
  names.erase("");
  const std::string near = core::nearest_word(name, {names.begin(), names.end()});
  throw core::ConfigError(fmt::format("there is no table [{}]{}; tables are {}.", name,
                                      near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near),
                                      core::join(names, ", ")));
}

std::string settings_text(const std::vector<SettingTable>& tables) {
  std::string out;
  for (const SettingTable& table : tables) {
    out += fmt::format("{}{}{}\n", out.empty() ? "" : "\n", heading(table),
                       table.kind.empty() ? "" : "  " + table.kind);
    for (const core::Setting& s : table.settings) {
      const std::string allowed = s.allowed.empty() ? s.type : s.allowed;
      out += fmt::format("  {} = {}\n      {}{} ({})\n", last_part(s.key),
                         s.fallback.empty() ? "..." : s.fallback,
                         s.unit.empty() ? "" : fmt::format("[{}] ", s.unit), s.meaning, allowed);
    }
  }
  return out;
}

std::string settings_markdown(const std::vector<SettingTable>& tables) {
  std::string out =
      "# Settings of a case\n\n"
      "Written by `aetval config --markdown` from the declarations themselves. `aetval config TABLE` shows "
      "a part of it.\nUnits: A is angstrom. A default of - is none: the key may be left out, or it must be "
      "given where its table is used.\n";
  const auto cell = [](std::string text) {
    for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
      text.insert(at, "\\");
    return text.empty() ? std::string("-") : text;
  };
  for (const SettingTable& table : tables) {
    out += fmt::format("\n## {}{}\n\n| key | default | unit | allowed | meaning |\n|---|---|---|---|---|\n",
                       heading(table), table.kind.empty() ? "" : ", " + table.kind);
    for (const core::Setting& s : table.settings)
      out += fmt::format("| {} | {} | {} | {} | {} |\n", last_part(s.key), cell(s.fallback), cell(s.unit),
                         cell(s.allowed.empty() ? s.type : s.allowed), cell(s.meaning));
  }
  out += "\nKeys of [checks] are names of figures (`aetval figures`) with `_min` or `_max` behind them and "
         "`_` for "
         "each dot; `atoms.` is left out. Those of single elements are known for every element of [trace].\n";
  return out;
}

} // namespace aet::validation
