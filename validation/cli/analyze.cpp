#include "analysis/moment/analysis_json.hpp"
#include "analysis/moment/moment_analysis.hpp"
#include "analysis/moment/moment_chance.hpp"
#include "analysis/order/sensitivity.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/lammps_dump.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/analyze_extras.hpp"
#include "validation/cli/atom_file_arguments.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/moment_arguments.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
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
  std::string nuclei = "joined";
  AtomFileArguments files;
  MomentArguments moments;
  bool first_minimum = false;
  bool no_chance = false;
  std::optional<int> min_atoms;
  std::optional<double> threshold;
  bool sensitivity = false;
  bool all_frames = false;
  bool gradient = false;
  bool voronoi_index = false;
  bool laws = false;
  bool strain = false;
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
  if (a.first_minimum) o.cutoff_rule = analysis::CutoffRule::first_minimum;
  if (a.nuclei == "md") o.nuclei = analysis::nuclei_zhou2019_md();
  if (a.nuclei == "fept") o.nuclei = analysis::nuclei_zhou2019_fept();
  if (a.nuclei == "hea") o.nuclei = analysis::nuclei_published_hea();
  if (a.min_atoms) o.nuclei.min_atoms = *a.min_atoms;
  if (a.threshold) o.nuclei.threshold = *a.threshold;
  o.rules = a.sensitivity;
  return o;
}

/// Hands on the frames and the name of every moment of every file; of a dump all frames, several a moment, if
/// asked for.
template <typename F> void for_moments(const AnalyzeArguments& a, const F& use) {
  const core::AtomFileOptions read = atom_file_options(a.files);
  Registrar registrar(a.moments);
  for (const std::string& path : a.atoms) {
    const fs::path file(path);
    const std::string stem = file.stem().string();
    std::vector<core::Atoms> block;
    if (!a.all_frames || core::atom_format(file) != core::AtomFormat::dump) {
      block.push_back(core::read_atoms(file, read));
      const std::string sentence = registrar.add(block.front());
      if (a.json != "-" && !sentence.empty()) fmt::print("{}: {}\n", stem, sentence);
      use(block, stem);
      continue;
    }
    int moment = 0;
    core::visit_lammps_frames(file, read, [&](core::DumpFrame frame) {
      block.push_back(std::move(frame.atoms));
      if (static_cast<int>(block.size()) < a.average) return;
      use(block, fmt::format("{}_{:04}", stem, moment++));
      block.clear();
    });
    if (moment == 0)
      throw core::DataError(
          fmt::format("{}: {} frames are to be averaged, but there are only {}; lower --average", path,
                      a.average, block.size()));
  }
}

void print_chance(const analysis::MomentAnalysis& frame) {
  const analysis::ChanceSummary s = analysis::chance_summary(frame);
  fmt::print(
      "  nuclei: {} found, {:.1f} expected by chance ({} realizations), {} left that chance makes with a "
      "probability of at most {}\n",
      s.found, s.expected, frame.chance->realizations, s.left, analysis::max_chance);
  if (s.surface_share)
    fmt::print("  near the surface: {:.2f} of them ({:.2f} to {:.2f}), {} by chance\n", *s.surface_share,
               s.surface_interval.first, s.surface_interval.second,
               s.surface_by_chance
                   ? fmt::format("{:.2f} (p = {:.2g})", *s.surface_by_chance, s.surface_p_value.value_or(1.0))
                   : "none is made");
}

void print_rules(const analysis::MomentAnalysis& frame) {
  fmt::print("  {:<28} {:>12} {:>7} {:>8} {:>7}\n", "rule of crystals", "crystalline", "nuclei", "largest",
             "shared");
  for (const analysis::CrystalRuleResult& r : frame.rules)
    fmt::print("  {:<28} {:>11.1f}% {:>7} {:>8} {:>7.3f}\n", r.rule, 100.0 * r.crystalline_fraction, r.nuclei,
               r.largest_atoms, r.members_shared);
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

/// Chance is told from the first moment and holds for all: they are of one specimen.
class Chance {
public:
  explicit Chance(const AnalyzeArguments& a) : asked_(!a.no_chance), threads_(a.threads) {}

  void add(std::span<const core::Atoms> frames, analysis::MomentAnalysis& moment,
           const analysis::AnalysisOptions& options) {
    if (!asked_ || !moment.voronoi_volume_mean_a3.value) return;
    if (!chance_) chance_ = analysis::fluid_chance(frames, moment, options, {}, threads_);
    analysis::set_chance(moment, *chance_);
  }

  /// The same for atoms that errors have displaced.
  void add_known(analysis::MomentAnalysis& moment) const {
    if (chance_) analysis::set_chance(moment, *chance_);
  }

private:
  bool asked_;
  core::Threads threads_;
  std::optional<analysis::ChanceNuclei> chance_;
};

void analyze(const AnalyzeArguments& a) {
  analysis::AnalysisOptions options = options_of(a);
  std::vector<analysis::NucleiSnapshot> snapshots;
  std::vector<analysis::MomentAnalysis> kept; // for the probability of events
  const bool keep = a.moments.errors.rms_pm > 0.0;
  nlohmann::json list = nlohmann::json::array();
  Chance chance(a);
  for_moments(a, [&](std::span<const core::Atoms> frames, const std::string& name) {
    analysis::MomentAnalysis frame = analysis::analyze_frames(frames, options, a.threads, name);
    chance.add(frames, frame, options);
    if (options.cutoff_rule == analysis::CutoffRule::published)
      options.neighbour_cutoff_a = frame.neighbour_cutoff_a; // one for all moments
    if (a.gradient) add_gradient_columns(frame, a.threads);
    if (a.voronoi_index) add_voronoi_columns(frame);
    nlohmann::json object = analysis::to_json(frame);
    if (a.strain) add_strain_columns(frame, a.threads, object);
    if (!a.out_dir.empty()) core::write_xyz(fs::path(a.out_dir) / (name + ".xyz"), frame.atoms);
    if (!a.contours_dir.empty()) write_contours(frame, a.contours_dir);
    if (a.json != "-")
      fmt::print("{}: {} atoms, cut-off {:.3f} A, {:.2f} neighbours, Q4 {:.4f}, Q6 {:.4f}, alpha {:.4f}, {} "
                 "nuclei\n",
                 name, frame.atoms.size(), frame.neighbour_cutoff_a, frame.mean_neighbours, frame.q4_mean,
                 frame.q6_mean, frame.alpha_mean, frame.nuclei.size());
    if (a.json != "-" && frame.moved_atoms > 0)
      fmt::print(
          "  {} of {} atoms kept no site over the {} frames: their places are those of the middle one\n",
          frame.moved_atoms, frame.atoms.size(), frame.frames);
    if (a.json != "-" && frame.chance) print_chance(frame);
    if (a.json != "-" && !frame.rules.empty()) print_rules(frame);
    snapshots.push_back(analysis::snapshot(frame));
    if (a.json != "-" && a.strain && !object["lattice_grains"].empty())
      fmt::print(
          "  {} lattice grains; in the largest, of {} atoms, displacements from its rigid lattice are {:.3f} "
          "A rms\n",
          object["lattice_grains"].size(), object["lattice_grains"][0]["atoms"].get<std::size_t>(),
          object["lattice_grains"][0]["displacement_rms_a"].get<double>());
    if (a.json != "-" && a.strain && object["lattice_grains"].empty())
      fmt::print("  no fcc lattice is found, so there is no strain to speak of\n");
    list.push_back(std::move(object));
    if (a.laws) add_laws(frame, options.profile_fit, list.back());
    if (a.sensitivity) print_sensitivity(frame, a, list.back());
    if (keep) kept.push_back(std::move(frame));
  });
  analysis::Dynamics dynamics = analysis::analyze_dynamics(snapshots, {}, a.threads);
  if (keep)
    add_event_probabilities(
        a.moments, dynamics, kept,
        [&](const core::Atoms& atoms) {
          analysis::MomentAnalysis moment = analysis::analyze_moment(atoms, options, a.threads);
          chance.add_known(moment);
          return moment;
        },
        a.threads);
  if (a.json != "-" && snapshots.size() > 1) {
    fmt::print("{} moments: {} common nuclei, {} events\n", snapshots.size(), dynamics.common.size(),
               dynamics.events.size());
    if (snapshots.size() <= 20) print_events(dynamics);
  }
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
                     "Neighbour cut-off [angstrom]; default: 3.8 for Pt (Zhou et al. 2019), else the first "
                     "minimum of g(r) of the first moment, for all moments");
  command.add_flag("--first-minimum", a.first_minimum,
                   "Each moment's own first minimum of g(r), whatever the element");
  CLI::Option* nearest =
      command.add_option("--nearest", a.nearest, "Number of nearest atoms taken as neighbours")
          ->check(CLI::Range(1, 100));
  command.add_flag("--voronoi", a.voronoi, "Neighbours share a Voronoi face, weighted with its area")
      ->excludes(nearest);
  command.add_flag("--sensitivity", a.sensitivity,
                   "Also the results by several rules of neighbours and of crystals");
}

void add_order_options(CLI::App& command, AnalyzeArguments& a) {
  command.add_flag("--gradient", a.gradient, "Also columns gradient_x, _y, _z of alpha");
  command.add_flag(
      "--strain", a.strain,
      "Also columns displacement_x, strain_xx, rotation_x, ...: of each atom against the rigid fcc "
      "lattice of its grain, with standard errors if the atoms have them (sd_x_pm, ...)");
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
      .add_option(
          "--nuclei", a.nuclei,
          "Rule of nuclei: joined (maxima of one crystal are one), md (Zhou et al. 2019, Pt: every local "
          "maximum is a nucleus), fept (Zhou et al. 2019), hea (the code published with hea_*)")
      ->check(CLI::IsMember({"joined", "md", "fept", "hea"}))
      ->capture_default_str();
  command.add_option("--nucleus-min-atoms", a.min_atoms, "Smallest nucleus; default: that of the rule");
  command.add_option("--nucleus-threshold", a.threshold,
                     "Smallest alpha of an atom of a nucleus; default: that of the rule");
  command.add_flag("--no-chance", a.no_chance,
                   "Do not look for nuclei in a fluid of the same density and outline (some seconds)");
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
      "nuclei over time: its edges, common nuclei, and merge, divide, nucleate and dissolve as events. "
      "Nuclei "
      "that\n"
      "chance makes as well (in a fluid of the same density and outline, by the same rule) take no part in "
      "it.");
  command->add_option("ATOMS", a->atoms, "Atoms (.xyz, LAMMPS dump, POSCAR, CIF), one file per moment")
      ->required();
  command->add_option("--json", a->json, "Write the analysis there (- for standard output)");
  command->add_option("--out-dir", a->out_dir,
                      "Write the atoms there, with columns q4, q6, alpha, nucleus, ...");
  command->add_flag("--all-frames", a->all_frames, "Of a dump every frame is a moment; default: the last");
  command
      ->add_option("--average", a->average,
                   "With --all-frames: number of frames over which the order of a moment is the mean (a "
                   "remainder is left out)")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  add_atom_file_options(*command, a->files);
  add_moment_options(*command, a->moments);
  add_neighbour_options(*command, *a);
  add_order_options(*command, *a);
  add_nuclei_options(*command, *a);
  add_threads(*command, a->threads);
  command->callback([a] { analyze(*a); });
}

} // namespace aet::cli
