#include "analysis/chemistry/chemistry.hpp"

#include "analysis/moment/analysis_json.hpp"
#include "analysis/moment/moment_chance.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/atom_file_arguments.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/moment_arguments.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace aet::cli {

namespace {

struct ChemistryArguments {
  std::vector<std::string> atoms;
  std::string json;
  std::string out_dir;
  std::string cells_dir;
  std::string nuclei = "joined";
  std::optional<int> min_atoms;
  std::optional<double> threshold;
  bool no_chance = false;
  AtomFileArguments files;
  MomentArguments moments;
  core::Threads threads;
  analysis::ChemistryOptions options;
};

void print_summary(const std::string& path, const analysis::ChemicalAnalysis& a) {
  fmt::print("{}: {} atoms, {} on no lattice, {} lattice grains, {} chemical grains of at least {} atoms, {} "
             "nuclei, "
             "{} anti-sites, {} swapped pairs",
             path, a.moment.atoms.size(), a.moment.flagged_atoms, a.sites.grains.size(), a.grains.size(),
             a.grains.empty() ? 0 : a.grains.back().grain.atoms.size(), a.moment.nuclei.size(),
             std::count(a.divided.antisite.begin(), a.divided.antisite.end(), std::uint8_t{1}),
             a.swaps.size());
  if (a.c_over_a) fmt::print(", c/a {:.3f} +- {:.3f}", a.c_over_a->mean, a.c_over_a->deviation);
  fmt::print("\n");
  if (!a.moment.chance) return;
  const analysis::ChanceSummary s = analysis::chance_summary(a.moment);
  fmt::print(
      "  nuclei: {} found, {:.1f} expected by chance, {} left that chance makes with a probability of at "
      "most {}\n",
      s.found, s.expected, s.left, analysis::max_chance);
}

void chemistry(const ChemistryArguments& a) {
  analysis::ChemistryOptions options = a.options;
  if (a.nuclei == "fept") options.nuclei = analysis::nuclei_zhou2019_fept();
  if (a.min_atoms) options.nuclei.min_atoms = *a.min_atoms;
  if (a.threshold) options.nuclei.threshold = *a.threshold;
  if (!a.no_chance) options.chance.emplace();
  std::vector<analysis::MomentAnalysis> frames;
  nlohmann::json list = nlohmann::json::array();
  Registrar registrar(a.moments);
  std::optional<analysis::ChanceNuclei> chance; // of the first moment, for the probability of events
  for (const std::string& path : a.atoms) {
    const std::filesystem::path file(path);
    core::Atoms atoms = core::read_atoms(file, atom_file_options(a.files));
    const std::string sentence = registrar.add(atoms);
    if (a.json != "-" && !sentence.empty()) fmt::print("{}: {}\n", path, sentence);
    const analysis::ChemicalAnalysis result =
        analysis::analyze_chemistry(atoms, options, a.threads, file.stem().string());
    // Later moments name axes and sites as the first does, and have its neighbours.
    if (!options.lattice.reference && !result.sites.grains.empty())
      options.lattice.reference = result.sites.grains.front().lattice;
    options.neighbour_cutoff_a = result.moment.neighbour_cutoff_a;
    if (a.json != "-") print_summary(path, result);
    if (!a.out_dir.empty())
      core::write_xyz(std::filesystem::path(a.out_dir) / (file.stem().string() + ".xyz"),
                      result.moment.atoms);
    list.push_back(analysis::to_json(result));
    if (!a.cells_dir.empty()) {
      const auto cells = analysis::order_cells(result.moment.atoms, result.order, result.sites);
      const auto paths = analysis::write_order_cells(std::filesystem::path(a.cells_dir) / file.stem(),
                                                     result.moment.atoms, result.sites, cells);
      nlohmann::json& object = list.back()["cells"] = nlohmann::json::array();
      for (std::size_t k = 0; k < cells.size(); ++k)
        object.push_back(
            {{"file", paths[2 * k].filename().string()},
             {"centre_a", {cells[k].centre.x(), cells[k].centre.y(), cells[k].centre.z()}},
             {"l1_0", cells[k].l1_0},
             {"difference", {cells[k].difference(0), cells[k].difference(1), cells[k].difference(2)}}});
      if (a.json != "-") fmt::print("{} cells of 32 atoms written to {}\n", cells.size(), a.cells_dir);
    }
    if (!chance) chance = result.moment.chance;
    frames.push_back(result.moment);
  }
  analysis::Dynamics dynamics = analysis::analyze_dynamics(frames, {}, a.threads);
  add_event_probabilities(
      a.moments, dynamics, frames,
      [&](const core::Atoms& atoms) {
        analysis::ChemistryOptions without = options;
        without.chance.reset();
        analysis::MomentAnalysis moment = analysis::analyze_chemistry(atoms, without, a.threads).moment;
        if (chance) analysis::set_chance(moment, *chance);
        return moment;
      },
      a.threads);
  if (a.json != "-" && frames.size() > 1) {
    fmt::print("{} moments: {} common nuclei, {} events\n", frames.size(), dynamics.common.size(),
               dynamics.events.size());
    if (frames.size() <= 20) print_events(dynamics);
  }
  if (a.json.empty()) return;
  nlohmann::json document = analysis::to_json(dynamics);
  document["frames"] = std::move(list);
  if (a.json == "-") {
    fmt::print("{}\n", document.dump(1));
  } else {
    core::write_file(a.json, document.dump(1) + "\n");
  }
}

} // namespace

void add_chemistry(CLI::App& app) {
  auto a = std::make_shared<ChemistryArguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("chemistry", "Chemical order of binary alloys on fcc lattices");
  command->footer("Example: aetval chemistry t000.xyz t001.xyz --json chemistry.json --out-dir ordered "
                  "--cells-dir cells\n"
                  "Lattice sites, the 16 phases (L1_0, L1_2, A1), grains, anti-phase and other boundaries, "
                  "anti-sites against\n"
                  "depth, swapped pairs, c/a, and nuclei with profile, site and barrier. Several files are "
                  "moments of one\n"
                  "specimen, in order of time. --cells-dir writes every complete cell of 32 atoms as "
                  "POSCAR and extended\n"
                  "XYZ, for first-principles codes.");
  command
      ->add_option("ATOMS", a->atoms, "Atoms of two elements (.xyz, dump, POSCAR, CIF), one file per moment")
      ->required();
  command->add_option("--json", a->json, "Write the analysis there (- for standard output)");
  command->add_option("--out-dir", a->out_dir,
                      "Write the atoms there, with columns alpha, phase, nucleus, site_h, ...");
  command->add_option("--cells-dir", a->cells_dir, "Write the cells of 32 atoms there");
  command->add_option(
      "--cutoff-a", a->options.neighbour_cutoff_a,
      "Neighbour cut-off [angstrom]; default: first minimum of g(r) of the first moment, for all");
  command
      ->add_option("--kernel-cells", a->options.chemical.kernel_cells,
                   "Standard deviation of the Gaussian kernel [cube edges]")
      ->capture_default_str();
  command
      ->add_option("--nuclei", a->nuclei,
                   "Rule of nuclei: joined (maxima that differ by no more than the number of sites lets them "
                   "are one), fept (Zhou et al. 2019: every local maximum is a nucleus)")
      ->check(CLI::IsMember({"joined", "fept"}))
      ->capture_default_str();
  command->add_option("--nucleus-min-atoms", a->min_atoms, "Fewest atoms of a nucleus; default: 13");
  command->add_option("--nucleus-threshold", a->threshold,
                      "Smallest order of an atom of a nucleus; default: 0.3");
  command->add_flag("--no-chance", a->no_chance,
                    "Do not look for nuclei in 50 permutations of the species (some seconds)");
  add_atom_file_options(*command, a->files);
  add_moment_options(*command, a->moments);
  command
      ->add_option("--boundary-layers", a->options.boundary.layers,
                   "Layers of low order given to the grains beside them (0: none)")
      ->capture_default_str();
  command->add_flag("--directions", a->options.report.directions,
                    "Also profiles along <100>, <110> and <111> of each nucleus");
  add_threads(*command, a->threads);
  command->callback([a] { chemistry(*a); });
}

} // namespace aet::cli
