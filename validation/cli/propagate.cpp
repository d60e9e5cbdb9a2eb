#include "analysis/chemistry/chemistry.hpp"
#include "analysis/moment/moment_analysis.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/file.hpp"
#include "validation/cli/atom_file_arguments.hpp"
#include "validation/cli/commands.hpp"
#include "validation/score/propagation_figure.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace aet::cli {

namespace {

struct PropagateArguments {
  std::string truth;
  std::string json;
  std::string figure;
  bool chemistry = false;
  std::optional<double> cutoff_a;
  validation::PropagationOptions options;
  AtomFileArguments files;
  core::Threads threads;
};

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.1f} %", 100.0 * *value) : "-";
}

void propagate(const PropagateArguments& a) {
  const core::Atoms truth = core::read_atoms(a.truth, atom_file_options(a.files));
  const validation::Analyse analyse = [&](const core::Atoms& atoms) {
    if (a.chemistry) {
      analysis::ChemistryOptions options;
      options.neighbour_cutoff_a = a.cutoff_a;
      return analysis::analyze_chemistry(atoms, options, a.threads, "t000").moment;
    }
    analysis::AnalysisOptions options;
    options.neighbour_cutoff_a = a.cutoff_a;
    return analysis::analyze_moment(atoms, options, a.threads, "t000");
  };
  const auto points = validation::propagate_errors(truth, analyse, a.options);
  const std::string text = validation::to_json(points).dump(1) + "\n";
  if (!a.figure.empty()) {
    const bool species = a.options.wrong_percent.size() > a.options.rms_pm.size();
    core::write_file(a.figure, validation::propagation_svg(
                                   {{std::filesystem::path(a.truth).filename().string(), species, points}}));
  }
  if (a.json == "-") {
    fmt::print("{}", text);
    return;
  }
  if (!a.json.empty()) core::write_file(a.json, text);
  fmt::print("   pm  wrong   F1           missed  spurious  alpha rms  size      lambda    barrier\n");
  for (const validation::PropagationPoint& p : points)
    fmt::print("{:5.0f}  {:4.1f} %  {:.2f} +- {:.2f}  {:6.1f}  {:8.1f}  {:9.3f}  {:8}  {:8}  {}\n", p.rms_pm,
               p.wrong_percent, p.f1, p.f1_sd, p.nuclei_missed, p.nuclei_spurious, p.alpha_rms.value_or(0.0),
               percent(p.size_rms), percent(p.lambda_rms), percent(p.barrier_rms));
}

} // namespace

void add_propagate(CLI::App& app) {
  auto a = std::make_shared<PropagateArguments>();
  a->threads = core::all_cores();
  CLI::App* command =
      app.add_subcommand("propagate", "What errors of positions and species do to nuclei and OPG profiles");
  command->footer(
      "Example: aetval propagate truth.xyz --rmsd-pm 0 20 40 60 --trials 5 --figure propagation.svg\n"
      "The atoms are displaced and relabelled at random, analysed again and compared with the undisturbed "
      "ones:\n"
      "the accuracy that a claim about nuclei needs. All combinations of the two lists are tried.");
  command->add_option("TRUTH", a->truth, "Atoms (.xyz, dump, POSCAR)")->required();
  command->add_option("--rmsd-pm", a->options.rms_pm, "Root mean square errors in space [pm]")
      ->capture_default_str();
  command
      ->add_option("--wrong-percent", a->options.wrong_percent,
                   "Percentages of atoms given the wrong species")
      ->capture_default_str();
  command->add_option("--trials", a->options.trials, "Trials of each pair")->capture_default_str();
  command->add_option("--seed", a->options.seed, "Seed of the random numbers")->capture_default_str();
  command->add_flag("--chemistry", a->chemistry, "Nuclei of chemical order (binary alloys on fcc lattices)");
  command->add_option("--cutoff-a", a->cutoff_a,
                      "Neighbour cut-off [angstrom]; default: first minimum of g(r), which errors move");
  command->add_option("--json", a->json, "Write the figures there (- for standard output)");
  command->add_option(
      "--figure", a->figure,
      "Draw them (.svg), against the list of --rmsd-pm or --wrong-percent, whichever is longer");
  add_atom_file_options(*command, a->files);
  add_threads(*command, a->threads);
  command->callback([a] { propagate(*a); });
}

} // namespace aet::cli
