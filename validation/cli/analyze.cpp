#include "analysis/moment/analysis_json.hpp"
#include "analysis/moment/moment_analysis.hpp"
#include "analysis/nuclei/mean_of_frames.hpp"
#include "analysis/order/sensitivity.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/lammps_dump.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/analyze_extras.hpp"
#include "validation/cli/commands.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace aet::cli {

namespace {

namespace fs = std::filesystem;

struct AnalyzeArguments {
  std::vector<std::string> atoms;
  std::string json;
  std::string out_dir;
  std::string contours_dir;
  core::Threads threads;
  std::optional<double> cutoff_a;
  int nearest = 0;
  bool voronoi = false;
  std::string nuclei = "md";
  std::optional<int> min_atoms;
  std::optional<double> threshold;
  bool sensitivity = false;
  bool all_frames = false;
  bool gradient = false;
  bool voronoi_index = false;
  bool laws = false;
  int average = 1;
  analysis::AnalysisOptions options;
};

analysis::AnalysisOptions options_of(const AnalyzeArguments& a) {
  analysis::AnalysisOptions o = a.options;
  o.neighbour_cutoff_a = a.cutoff_a;
  if (a.voronoi) o.rule = analysis::NeighbourRule::voronoi;
  if (a.nearest > 0) {
    o.rule = analysis::NeighbourRule::nearest;
    o.nearest = a.nearest;
  }
  if (a.nuclei == "fept") o.nuclei = analysis::nuclei_zhou2019_fept();
  if (a.nuclei == "hea") o.nuclei = analysis::nuclei_published_hea();
  if (a.min_atoms) o.nuclei.min_atoms = *a.min_atoms;
  if (a.threshold) o.nuclei.threshold = *a.threshold;
  return o;
}

/// Hands on every moment of every file with its name; of a dump all frames, averaged, if asked for.
template <typename F> void for_moments(const AnalyzeArguments& a, const F& use) {
  for (const std::string& path : a.atoms) {
    const fs::path file(path);
    const std::string stem = file.stem().string();
    if (!a.all_frames || core::atom_format(file) != core::AtomFormat::dump) {
      use(core::read_atoms(file), stem);
      continue;
    }
    std::vector<core::Atoms> block;
    int moment = 0;
    core::visit_lammps_frames(file, {}, [&](core::DumpFrame frame) {
      block.push_back(std::move(frame.atoms));
      if (static_cast<int>(block.size()) < a.average) return;
      use(analysis::mean_of_frames(block), fmt::format("{}_{:04}", stem, moment++));
      block.clear();
    });
    if (moment == 0)
      throw core::DataError(
          fmt::format("{}: {} frames are to be averaged, but there are only {}; lower --average", path,
                      a.average, block.size()));
  }
}

void print_sensitivity(const analysis::MomentAnalysis& frame, const AnalyzeArguments& a,
                       nlohmann::json& object) {
  analysis::SensitivityOptions options;
  options.nuclei = options_of(a).nuclei;
  const auto table = analysis::neighbour_sensitivity(frame.atoms.positions, frame.atoms.cell,
                                                     frame.neighbour_cutoff_a, options, a.threads);
  if (a.json != "-")
    fmt::print("  {:<16} {:>10} {:>7} {:>7} {:>7} {:>12} {:>7} {:>8} {:>11} {:>7}\n", "neighbours",
               "mean number", "Q4", "Q6", "alpha", "crystalline", "nuclei", "largest", "alpha moved",
               "shared");
  for (const analysis::RuleResult& r : table) {
    if (a.json != "-")
      fmt::print(
          "  {:<16} {:>11.2f} {:>7.4f} {:>7.4f} {:>7.4f} {:>11.1f}% {:>7} {:>8.1f} {:>11.4f} {:>7.3f}\n",
          r.rule, r.mean_neighbours, r.q4_mean, r.q6_mean, r.alpha_mean, 100.0 * r.crystalline_fraction,
          r.nuclei, r.largest_effective_atoms, r.alpha_rms_change, r.members_shared);
    object["sensitivity"].push_back({{"rule", r.rule},
                                     {"mean_neighbours", r.mean_neighbours},
                                     {"q4_mean", r.q4_mean},
                                     {"q6_mean", r.q6_mean},
                                     {"alpha_mean", r.alpha_mean},
                                     {"crystalline_fraction", r.crystalline_fraction},
                                     {"nuclei", r.nuclei},
                                     {"largest_effective_atoms", r.largest_effective_atoms},
                                     {"alpha_rms_change", r.alpha_rms_change},
                                     {"members_shared", r.members_shared}});
  }
}

void analyze(const AnalyzeArguments& a) {
  const analysis::AnalysisOptions options = options_of(a);
  std::vector<analysis::NucleiSnapshot> snapshots;
  nlohmann::json list = nlohmann::json::array();
  for_moments(a, [&](const core::Atoms& atoms, const std::string& name) {
    analysis::MomentAnalysis frame = analysis::analyze_moment(atoms, options, a.threads, name);
    if (a.gradient) add_gradient_columns(frame, a.threads);
    if (a.voronoi_index) add_voronoi_columns(frame);
    if (!a.out_dir.empty()) core::write_xyz(fs::path(a.out_dir) / (name + ".xyz"), frame.atoms);
    if (!a.contours_dir.empty()) write_contours(frame, a.contours_dir);
    if (a.json != "-")
      fmt::print("{}: {} atoms, cut-off {:.3f} A, {:.2f} neighbours, Q4 {:.4f}, Q6 {:.4f}, alpha {:.4f}, {} "
                 "nuclei\n",
                 name, frame.atoms.size(), frame.neighbour_cutoff_a, frame.mean_neighbours, frame.q4_mean,
                 frame.q6_mean, frame.alpha_mean, frame.nuclei.size());
    snapshots.push_back(analysis::snapshot(frame));
    list.push_back(analysis::to_json(frame));
    if (a.laws) add_laws(frame, options.profile_fit, list.back());
    if (a.sensitivity) print_sensitivity(frame, a, list.back());
  });
  const analysis::Dynamics dynamics = analysis::analyze_dynamics(snapshots, {}, a.threads);
  if (a.json != "-" && snapshots.size() > 1)
    fmt::print("{} moments: {} common nuclei, {} events\n", snapshots.size(), dynamics.common.size(),
               dynamics.events.size());
  if (a.json.empty()) return;
  nlohmann::json document = analysis::to_json(dynamics);
  document["frames"] = std::move(list);
  const std::string text = document.dump(1) + "\n";
  if (a.json == "-") {
    fmt::print("{}", text);
  } else {
    core::write_file(a.json, text);
  }
}

void add_neighbour_options(CLI::App& command, AnalyzeArguments& a) {
  command.add_option("--cutoff-a", a.cutoff_a,
                     "Neighbour cut-off [angstrom]; default: first minimum of g(r)");
  CLI::Option* nearest =
      command.add_option("--nearest", a.nearest, "Number of nearest atoms taken as neighbours")
          ->check(CLI::Range(1, 100));
  command.add_flag("--voronoi", a.voronoi, "Neighbours share a Voronoi face, weighted with its area")
      ->excludes(nearest);
  command.add_flag("--sensitivity", a.sensitivity, "Also the results by several neighbour rules");
}

void add_order_options(CLI::App& command, AnalyzeArguments& a) {
  command.add_flag("--gradient", a.gradient, "Also columns gradient_x, _y, _z of alpha");
  command.add_flag("--voronoi-index", a.voronoi_index,
                   "Also columns voronoi_3 .. voronoi_6: numbers of faces with 3 to 6 edges");
  command.add_option("--degrees", a.options.degrees, "Columns qL of the averaged Q_l, l = 0 .. 12")
      ->check(CLI::Range(0, 12))
      ->capture_default_str();
  command.add_flag("--own-shell", a.options.own_shell, "Also columns qL_own, not averaged over neighbours");
  command.add_flag("--third-order", a.options.third_order, "Also columns wL of the averaged W_l");
  command.add_flag("--structure", a.options.structure,
                   "Also columns structure (1 fcc, 2 hcp, 3 bcc, 4 sc, 0 none) and surface (atoms whose "
                   "order a surface spoils)");
}

void add_nuclei_options(CLI::App& command, AnalyzeArguments& a) {
  command.add_flag("--robust", a.options.profile_fit.robust,
                   "Robust fit: outlying shells have little weight");
  command.add_flag("--laws", a.laws, "Also other laws than the generalised Gaussian, fitted to each profile");
  command
      .add_option("--nuclei", a.nuclei,
                  "Rule of nuclei: md (Zhou et al. 2019, Pt), fept (Zhou et al. 2019), hea (the code "
                  "published with hea_*)")
      ->check(CLI::IsMember({"md", "fept", "hea"}))
      ->capture_default_str();
  command.add_option("--nucleus-min-atoms", a.min_atoms, "Smallest nucleus; default: that of the rule");
  command.add_option("--nucleus-threshold", a.threshold,
                     "Smallest alpha of an atom of a nucleus; default: that of the rule");
  command.add_flag("--directions", a.options.directions,
                   "Also profiles along <100>, <110> and <111> of each nucleus");
  command.add_option("--contours-dir", a.contours_dir,
                     "Write surfaces of alpha = 0.3, 0.5, 0.7 of each nucleus there (.ply)");
  command
      .add_option("--gamma", a.options.nucleation.gamma,
                  "Interfacial tension, for barriers [eV/A^2 or any unit]")
      ->capture_default_str();
  command
      .add_option("--delta-g", a.options.nucleation.delta_g,
                  "Free energy gained per volume, for barriers [eV/A^3, or the unit that goes with gamma]")
      ->capture_default_str();
}

} // namespace

void add_analyze(CLI::App& app) {
  auto a = std::make_shared<AnalyzeArguments>();
  a->threads = core::all_cores();
  CLI::App* command =
      app.add_subcommand("analyze", "Order, nuclei, their dynamics and OPG profiles of atoms");
  command->footer(
      "Example: aetval analyze t000.xyz t001.xyz t002.xyz --json analysis.json --out-dir ordered\n"
      "         aetval analyze melt.lammpstrj --all-frames --average 10 --cutoff-a 3.8 --json nuclei.json\n"
      "Several files are taken as moments of one specimen, in the order of time. The JSON holds the graph "
      "of\n"
      "nuclei over time: its edges, common nuclei, and merge, divide, nucleate and dissolve as events.");
  command->add_option("ATOMS", a->atoms, "Atoms (.xyz, LAMMPS dump, POSCAR, CIF), one file per moment")
      ->required();
  command->add_option("--json", a->json, "Write the analysis there (- for standard output)");
  command->add_option("--out-dir", a->out_dir,
                      "Write the atoms there, with columns q4, q6, alpha, nucleus, ...");
  command->add_flag("--all-frames", a->all_frames, "Of a dump every frame is a moment; default: the last");
  command
      ->add_option("--average", a->average,
                   "With --all-frames: number of frames averaged for a moment (a remainder is left out)")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  add_neighbour_options(*command, *a);
  add_order_options(*command, *a);
  add_nuclei_options(*command, *a);
  add_threads(*command, a->threads);
  command->callback([a] { analyze(*a); });
}

} // namespace aet::cli
