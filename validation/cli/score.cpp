#include "analysis/chemistry/chemistry.hpp"
#include "analysis/moment/analysis_json.hpp"
#include "analysis/moment/moment_analysis.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/file.hpp"
#include "validation/cli/atom_file_arguments.hpp"
#include "validation/cli/commands.hpp"
#include "validation/score/analysis_figures.hpp"
#include "validation/score/order_figures.hpp"
#include "validation/score/score_files.hpp"
#include "validation/score/score_json.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace aet::cli {

namespace {

struct ScoreArguments {
  std::string truth;
  std::string model;
  std::string json;
  std::string alignment = "rigid";
  bool analyze = false;
  bool chemistry = false;
  std::optional<double> neighbour_cutoff_a;
  validation::ScoreOptions options;
  AtomFileArguments files;
};

/// The atoms with the columns of an analysis.
analysis::MomentAnalysis analysed(const core::Atoms& atoms, const ScoreArguments& a,
                                  std::optional<double> cutoff_a, const std::string& name) {
  if (a.chemistry) {
    analysis::ChemistryOptions options;
    options.neighbour_cutoff_a = cutoff_a;
    return analysis::analyze_chemistry(atoms, options, core::all_cores(), name).moment;
  }
  analysis::AnalysisOptions options;
  options.neighbour_cutoff_a = cutoff_a;
  return analysis::analyze_moment(atoms, options, core::all_cores(), name);
}

/// Both sides analysed alike, scored, and their analyses compared.
validation::FrameScore score_analysed(const core::Atoms& truth, const core::Atoms& model,
                                      const ScoreArguments& a, const validation::ScoreOptions& options) {
  const analysis::MomentAnalysis of_truth = analysed(truth, a, a.neighbour_cutoff_a, "truth");
  const analysis::MomentAnalysis of_model = analysed(model, a, of_truth.neighbour_cutoff_a, "model");
  validation::FrameScore score = validation::score_frame("t000", of_truth.atoms, of_model.atoms, options);
  const nlohmann::json comparison = validation::to_json(
      validation::compare_analyses(of_truth, of_model, score.match, options.nucleus_overlap));
  for (const validation::Figures& figures :
       {validation::comparison_figures(comparison),
        validation::opg_figures({{"nuclei", analysis::to_json(of_truth).at("nuclei")}},
                                {{"nuclei", analysis::to_json(of_model).at("nuclei")}}, score.nuclei)})
    for (const validation::Figure& figure : figures)
      validation::set(score.figures, figure);
  return score;
}

void score(const ScoreArguments& a) {
  validation::ScoreOptions options = a.options;
  if (a.alignment == "none") options.match.alignment = validation::Alignment::none;
  if (a.alignment == "translation") options.match.alignment = validation::Alignment::translation;
  if (a.alignment == "affine") options.match.alignment = validation::Alignment::affine;
  const core::Atoms truth = core::read_atoms(a.truth, atom_file_options(a.files));
  const core::Atoms model = core::read_atoms(a.model, atom_file_options(a.files));
  validation::RunScores scores;
  scores.case_name = std::filesystem::path(a.model).filename().string();
  scores.dynamics_reason = "a single pair of models has no dynamics";
  scores.frames.push_back(a.analyze || a.chemistry ? score_analysed(truth, model, a, options)
                                                   : validation::score_frame("t000", truth, model, options));
  const std::string text = validation::json_text(validation::score_json(scores));
  if (a.json == "-") {
    fmt::print("{}", text);
    return;
  }
  fmt::print("{}", validation::format_score_text(scores.frames.front()));
  if (!a.json.empty()) core::write_file(a.json, text);
}

} // namespace

void add_score(CLI::App& app) {
  auto a = std::make_shared<ScoreArguments>();
  CLI::App* command = app.add_subcommand("score", "Compare a model with the truth, atom by atom");
  command->footer(
      "Example: aetval score truth.xyz model.xyz --json scores.json\n"
      "Matching is one to one; the cut-off is half the truth's median nearest-neighbour distance.\n"
      "--analyze (or --chemistry, for binary alloys on fcc lattices) analyses both alike and compares alpha "
      "of\n"
      "every atom, nuclei, their sizes and surfaces, OPG profiles and barriers.");
  command->add_option("TRUTH", a->truth, "True atoms (.xyz, LAMMPS dump, POSCAR, CIF)")->required();
  command->add_option("MODEL", a->model, "Recovered atoms, likewise")->required();
  command->add_option("--json", a->json, "Write all scores there (- for standard output)");
  command->add_option("--cutoff-a", a->options.match.cutoff_a,
                      "Largest distance of a matched pair [angstrom]");
  command->add_option("--align", a->alignment, "What may be fitted before matching")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "translation", "rigid", "affine"}));
  command->add_flag("--any-rotation", a->options.match.any_rotation, "The model may be turned by any angle");
  CLI::Option* analyze =
      command->add_flag("--analyze", a->analyze, "Compare bond order, nuclei and OPG profiles as well");
  command
      ->add_flag("--chemistry", a->chemistry, "Compare chemical order, its nuclei and OPG profiles as well")
      ->excludes(analyze);
  command->add_option(
      "--neighbour-cutoff-a", a->neighbour_cutoff_a,
      "Neighbour cut-off of the analysis [angstrom]; default: 3.8 for Pt, else the first minimum "
      "of g(r) of the truth, for both");
  add_atom_file_options(*command, a->files);
  command->callback([a] { score(*a); });
}

} // namespace aet::cli
