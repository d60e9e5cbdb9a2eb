// The same analysis of truth and of recovered atoms, and the two compared: analysis/truth.json, model.json,
// comparison.json, atoms with order; of chemical order chemistry_truth.json, chemistry_model.json likewise.
#include "analysis/chemistry/chemistry.hpp"
#include "analysis/moment/analysis_json.hpp"
#include "analysis/moment/moment_chance.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/score/analysis_figures.hpp"
#include "validation/score/chemistry_compare.hpp"
#include "validation/score/frame_score.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace aet::validation {

namespace {

using nlohmann::json;

/// Analysed moments of one side.
template <typename Moment> struct Side {
  std::vector<Moment> frames;
  analysis::Dynamics dynamics;
};

std::vector<core::Atoms> read_side(const StageContext& context, const std::string& side) {
  const bool refined = context.inputs.get(&Case::atoms_refined);
  std::vector<core::Atoms> atoms;
  for (int frame = 0; frame < context.inputs.get(&Case::moments); ++frame) {
    const std::string name = frame_name(frame);
    atoms.push_back(core::read_xyz(context.inputs.file(side == "truth" ? fmt::format("truth/{}.xyz", name)
                                                                       : result_atoms(name, refined))));
  }
  return atoms;
}

void write(const StageContext& context, StageOutcome& outcome, const std::string& path, const json& object) {
  core::write_file(context.run_dir / path, object.dump(1) + "\n");
  outcome.outputs.push_back(path);
}

void write(const StageContext& context, StageOutcome& outcome, const std::string& path,
           const core::Atoms& atoms) {
  core::write_xyz(context.run_dir / path, atoms);
  outcome.outputs.push_back(path);
}

/// Order and nuclei of all moments of one side; neighbours, and what chance makes, as in the first.
/// \param cutoff_a that of the truth's first moment, once it is known.
Side<analysis::MomentAnalysis> analyse(const StageContext& context, const std::vector<core::Atoms>& atoms,
                                       std::optional<double>& cutoff_a) {
  analysis::AnalysisOptions options = context.inputs.get(&Case::analyze);
  const bool shared = options.cutoff_rule == analysis::CutoffRule::published;
  Side<analysis::MomentAnalysis> side;
  std::optional<analysis::ChanceNuclei> chance;
  for (std::size_t k = 0; k < atoms.size(); ++k) {
    if (shared && cutoff_a) options.neighbour_cutoff_a = cutoff_a;
    side.frames.push_back(
        analysis::analyze_moment(atoms[k], options, context.threads, frame_name(static_cast<int>(k))));
    analysis::MomentAnalysis& moment = side.frames.back();
    cutoff_a = moment.neighbour_cutoff_a;
    if (!context.inputs.get(&Case::chance) || !moment.voronoi_volume_mean_a3.value) continue;
    if (!chance)
      chance = analysis::fluid_chance(std::span(&atoms[k], 1), moment, options,
                                      {.seed = context.inputs.get(&Case::seed)}, context.threads);
    analysis::set_chance(moment, *chance);
  }
  side.dynamics = analysis::analyze_dynamics(side.frames, {}, context.threads);
  return side;
}

/// Recovered atoms without a first shell of their own, as at a dose that shows few atoms, are bonded by the
/// truth's cut-off where each moment has its own, for nothing else of the run is worth less by it.
Side<analysis::MomentAnalysis> analyse_model(const StageContext& context,
                                             const std::vector<core::Atoms>& atoms,
                                             std::optional<double> cutoff_a,
                                             std::vector<std::string>& notes) {
  const std::optional<double> of_truth = cutoff_a;
  try {
    return analyse(context, atoms, cutoff_a);
  } catch (const analysis::NoFirstShell& reason) {
    notes.push_back(fmt::format("neighbours of the recovered atoms are those nearer than the truth's "
                                "cut-off, {:.2f} A, for they have none of their own: {}.",
                                *of_truth, reason.what()));
    Side<analysis::MomentAnalysis> side;
    analysis::AnalysisOptions options = context.inputs.get(&Case::analyze);
    options.neighbour_cutoff_a = of_truth;
    for (std::size_t k = 0; k < atoms.size(); ++k)
      side.frames.push_back(
          analysis::analyze_moment(atoms[k], options, context.threads, frame_name(static_cast<int>(k))));
    side.dynamics = analysis::analyze_dynamics(side.frames, {}, context.threads);
    return side;
  }
}

Side<analysis::ChemicalAnalysis> analyse_chemistry(const StageContext& context,
                                                   const std::vector<core::Atoms>& atoms,
                                                   analysis::ChemistryOptions options) {
  Side<analysis::ChemicalAnalysis> side;
  std::vector<analysis::MomentAnalysis> moments;
  for (std::size_t k = 0; k < atoms.size(); ++k) {
    side.frames.push_back(
        analysis::analyze_chemistry(atoms[k], options, context.threads, frame_name(static_cast<int>(k))));
    // Later moments name axes and sites as the first does.
    if (!options.lattice.reference && !side.frames.back().sites.grains.empty())
      options.lattice.reference = side.frames.back().sites.grains.front().lattice;
    moments.push_back(side.frames.back().moment);
  }
  side.dynamics = analysis::analyze_dynamics(moments, {}, context.threads);
  return side;
}

std::set<int> elements_of(const std::vector<core::Atoms>& moments) {
  std::set<int> elements;
  for (const core::Atoms& atoms : moments)
    elements.insert(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end());
  return elements;
}

json chemistry_json(const Side<analysis::ChemicalAnalysis>& side) {
  json object = analysis::to_json(side.dynamics);
  object["frames"] = json::array();
  for (const analysis::ChemicalAnalysis& frame : side.frames)
    object["frames"].push_back(analysis::to_json(frame));
  return object;
}

/// Chemical order of both sides, compared; none, with the reason, where there is nothing to say.
json compared_chemistry(const StageContext& context, StageOutcome& outcome,
                        const std::vector<core::Atoms>& truth, const std::vector<core::Atoms>& model,
                        double cutoff_a) {
  analysis::ChemistryOptions options = context.inputs.get(&Case::chemistry);
  if (elements_of(truth).size() != 2) return {{"reason", "the truth does not hold two elements"}};
  if (elements_of(model) != elements_of(truth))
    return {{"reason", "the recovered atoms do not hold the two elements of the truth"}};
  options.neighbour_cutoff_a = cutoff_a;
  if (context.inputs.get(&Case::chance))
    options.chance.emplace(analysis::ChanceOptions{.seed = context.inputs.get(&Case::seed)});
  try {
    const auto of_truth = analyse_chemistry(context, truth, options);
    if (of_truth.frames.front().sites.grains.empty()) return {{"reason", "the truth has no fcc lattice"}};
    // Both name axes and sites alike; where the recovered atoms were turned, the fit of a lattice says so.
    options.lattice.reference = of_truth.frames.front().sites.grains.front().lattice;
    const auto of_model = analyse_chemistry(context, model, options);
    json result{{"frames", json::array()}};
    std::vector<NucleiMatch> nuclei;
    for (std::size_t k = 0; k < truth.size(); ++k) {
      const auto name = frame_name(static_cast<int>(k));
      for (const auto& [side, frame] :
           {std::pair("truth", &of_truth.frames[k]), {"model", &of_model.frames[k]}})
        write(context, outcome, fmt::format("analysis/chemistry_{}_{}.xyz", side, name), frame->moment.atoms);
      const ChemistryComparison c = compare_chemistry(of_truth.frames[k], of_model.frames[k]);
      result["frames"].push_back(to_json(c));
      result["frames"].back()["name"] = name;
      nuclei.push_back(c.order.nuclei);
    }
    write(context, outcome, "analysis/chemistry_truth.json", chemistry_json(of_truth));
    write(context, outcome, "analysis/chemistry_model.json", chemistry_json(of_model));
    result["events"] = to_json(event_confusion(of_truth.dynamics, of_model.dynamics, nuclei));
    return result;
  } catch (const core::DataError& error) {
    return {{"reason", error.what()}};
  }
}

json comparison_json(const Side<analysis::MomentAnalysis>& truth,
                     const Side<analysis::MomentAnalysis>& model) {
  const ScoreOptions options; // as the score matches atoms and nuclei
  json frames = json::array();
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

} // namespace

StageOutcome run_analyze(const StageContext& context) {
  StageOutcome outcome;
  const std::vector<core::Atoms> truth_atoms = read_side(context, "truth");
  const std::vector<core::Atoms> model_atoms = read_side(context, "model");
  const auto done = [&](double parts) { core::report(context.progress, {parts, 3.0, "parts", ""}); };
  std::optional<double> cutoff_a;
  const auto truth = analyse(context, truth_atoms, cutoff_a);
  done(1.0);
  const auto model = analyse_model(context, model_atoms, cutoff_a, outcome.notes);
  done(2.0);
  for (const auto& [side, analysed] : {std::pair("truth", &truth), {"model", &model}}) {
    for (const analysis::MomentAnalysis& frame : analysed->frames)
      write(context, outcome, fmt::format("analysis/{}_{}.xyz", side, frame.name), frame.atoms);
    write(context, outcome, fmt::format("analysis/{}.json", side),
          analysis::to_json(analysed->frames, analysed->dynamics));
  }
  json comparison = comparison_json(truth, model);
  comparison["chemistry"] =
      compared_chemistry(context, outcome, truth_atoms, model_atoms, truth.frames.front().neighbour_cutoff_a);
  done(3.0);
  write(context, outcome, "analysis/comparison.json", comparison);
  return outcome;
}

} // namespace aet::validation
