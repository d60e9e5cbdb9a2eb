// The same analysis of truth and of recovered atoms, and the two compared: analysis/truth.json, model.json,
// comparison.json, atoms with order.
#include "analysis/moment/analysis_json.hpp"
#include "analysis/moment/moment_analysis.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/score/analysis_figures.hpp"
#include "validation/score/frame_score.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace aet::validation {

namespace {

struct Side {
  std::vector<analysis::MomentAnalysis> frames;
  analysis::Dynamics dynamics;
};

nlohmann::json comparison_json(const Side& truth, const Side& model) {
  const ScoreOptions options; // as the score matches atoms and nuclei
  nlohmann::json frames = nlohmann::json::array();
  std::vector<NucleiMatch> nuclei;
  for (std::size_t k = 0; k < truth.frames.size(); ++k) {
    const MatchResult match = match_atoms(truth.frames[k].atoms, model.frames[k].atoms, options.match);
    const AnalysisComparison c =
        compare_analyses(truth.frames[k], model.frames[k], match, options.nucleus_overlap);
    frames.push_back(to_json(c));
    frames.back()["name"] = truth.frames[k].name;
    nuclei.push_back(c.nuclei);
  }
  return {{"frames", frames}, {"events", to_json(event_confusion(truth.dynamics, model.dynamics, nuclei))}};
}

/// As the truth; recovered atoms without a first shell of their own, as at a dose that shows few atoms, are
/// bonded by the truth's cut-off, for nothing else of the run is worth less by it.
analysis::MomentAnalysis analyze_model(const core::Atoms& atoms, const analysis::MomentAnalysis& truth,
                                       const StageContext& context, std::vector<std::string>& notes) {
  try {
    return analysis::analyze_moment(atoms, context.inputs.get(&Case::analyze), context.threads, truth.name);
  } catch (const analysis::NoFirstShell& reason) {
    analysis::AnalysisOptions options = context.inputs.get(&Case::analyze);
    options.neighbour_cutoff_a = truth.neighbour_cutoff_a;
    notes.push_back(fmt::format("{}: neighbours of the recovered atoms are those nearer than the truth's "
                                "cut-off, {:.2f} A, for they have none of their own: {}.",
                                truth.name, truth.neighbour_cutoff_a, reason.what()));
    return analysis::analyze_moment(atoms, options, context.threads, truth.name);
  }
}

} // namespace

StageOutcome run_analyze(const StageContext& context) {
  StageOutcome outcome;
  const int frames = context.inputs.get(&Case::moments);
  const bool refined = context.inputs.get(&Case::atoms_refined);
  int done = 0;
  Side truth;
  Side model;
  for (const std::string side : {"truth", "model"}) {
    Side& here = side == "truth" ? truth : model;
    for (int frame = 0; frame < frames; ++frame) {
      const std::string name = frame_name(frame);
      const core::Atoms atoms = core::read_xyz(context.inputs.file(
          side == "truth" ? fmt::format("truth/{}.xyz", name) : result_atoms(name, refined)));
      here.frames.push_back(
          side == "truth"
              ? analysis::analyze_moment(atoms, context.inputs.get(&Case::analyze), context.threads, name)
              : analyze_model(atoms, truth.frames[static_cast<std::size_t>(frame)], context, outcome.notes));
      const std::string path = fmt::format("analysis/{}_{}.xyz", side, name);
      core::write_xyz(context.run_dir / path, here.frames.back().atoms);
      outcome.outputs.push_back(path);
      core::report(context.progress, {static_cast<double>(++done), 2.0 * frames, "frames", ""});
    }
    here.dynamics = analysis::analyze_dynamics(here.frames, {}, context.threads);
    const std::string path = fmt::format("analysis/{}.json", side);
    core::write_file(context.run_dir / path, analysis::to_json(here.frames, here.dynamics).dump(1) + "\n");
    outcome.outputs.push_back(path);
  }
  core::write_file(context.run_dir / "analysis/comparison.json",
                   comparison_json(truth, model).dump(1) + "\n");
  outcome.outputs.emplace_back("analysis/comparison.json");
  return outcome;
}

} // namespace aet::validation
