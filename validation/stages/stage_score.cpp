// Recovered atoms against the truth: scores.json, report.md, junit.xml, matches.
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/core/units.hpp"
#include "validation/figures/table.hpp"
#include "validation/recovery/pose_files.hpp"
#include "validation/score/analysis_figures.hpp"
#include "validation/score/chemistry_compare.hpp"
#include "validation/score/order_figures.hpp"
#include "validation/score/score_files.hpp"
#include "validation/score/score_json.hpp"
#include "validation/stages/compared_algorithms.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace aet::validation {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

void set_volume_figures(Figures& figures, const fs::path& volume_report) {
  const json report = json::parse(core::read_file(volume_report));
  set(figures, known("volume.r1", report.at("r1_k").get<double>()));
  if (report.at("r_free").is_number()) {
    set(figures, known("volume.r_free", report.at("r_free").get<double>()));
  } else {
    set(figures, unknown("volume.r_free", report.at("r_free_reason").get<std::string>()));
  }
}

/// Of a truth of several elements, traced as one, nothing can be said about species. Atoms that were sorted
/// (and of which only one element was left, as where the images show no other) are judged as they are.
bool withhold_species(FrameScore& score, const core::Atoms& truth, const core::Atoms& model,
                      bool were_sorted) {
  const auto elements = [](const core::Atoms& atoms) {
    return std::set<int>(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end()).size();
  };
  if (were_sorted || elements(truth) < 2 || elements(model) > 1) return false;
  const std::string reason = "the recovered atoms were not sorted into species";
  for (Figure& figure : score.figures) {
    const bool by_species = figure.name.starts_with("atoms.by_species.") &&
                            (figure.name.ends_with(".identified") || figure.name.ends_with(".precision") ||
                             figure.name.ends_with(".model"));
    if (by_species || figure.name == "atoms.species_correct" || figure.name == "atoms.identified")
      figure = unknown(figure.name, reason);
  }
  return true;
}

/// The limit of the atoms that were found: faint ones that were not would have had larger errors [angstrom].
double rms_of_matched(const recon::Limit& limit, const MatchResult& match) {
  if (match.pairs.empty()) return limit.rms_a;
  double sum = 0.0;
  for (const MatchPair& pair : match.pairs)
    sum += limit.covariance[pair.truth].trace();
  return std::sqrt(std::max(0.0, sum) / static_cast<double>(match.pairs.size()));
}

/// A published truth may lie elsewhere than the images say; the recovered atoms lie as the images do.
core::Atoms in_axes_of_model(core::Atoms truth, const Transform& model_to_truth) {
  const core::Mat3 back = model_to_truth.linear.transpose(); // a rotation
  for (core::Vec3& p : truth.positions)
    p = back * (p - model_to_truth.shift);
  return truth;
}

void compare_with_published(const fs::path& path, const core::Atoms& truth, FrameScore& score,
                            std::vector<std::string>& sentences) {
  set_compared_model(score, truth, core::read_atoms(path));
  const auto text = [&](const char* group) {
    const auto value = [&](const char* key) {
      const Figure* figure = find(score.figures, fmt::format("{}.{}", group, key));
      return figure->value ? text_of(definition_of(figure->name), *figure->value)
                           : std::string("not assessed");
    };
    return fmt::format("recall {}, precision {}, RMSD {}", value("recall"), value("precision"),
                       value("rmsd_pm"));
  };
  sentences.push_back(fmt::format("{}: the model of {} has {}; the one recovered here {}.", score.name,
                                  path.filename().string(), text("compared_model"), text("atoms")));
}

} // namespace

StageOutcome run_score(const StageContext& context) {
  StageOutcome outcome;
  RunScores scores;
  scores.case_name = context.inputs.get(&Case::title);
  ScoreOptions options;
  options.seed = context.inputs.get(&Case::seed);
  const fs::path& dir = context.run_dir;
  const json truth_analysis = json::parse(core::read_file(context.inputs.file("analysis/truth.json")));
  const json model_analysis = json::parse(core::read_file(context.inputs.file("analysis/model.json")));
  const json comparison = json::parse(core::read_file(context.inputs.file("analysis/comparison.json")));
  std::vector<std::string> pose_notes;
  std::vector<std::string> limit_notes;
  std::vector<std::string> compared;
  const int frames = context.inputs.get(&Case::moments);
  bool mixed = false;
  std::set<int> elements;
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    const core::Atoms truth = core::read_xyz(context.inputs.file(fmt::format("analysis/truth_{}.xyz", name)));
    const core::Atoms model = core::read_xyz(context.inputs.file(fmt::format("analysis/model_{}.xyz", name)));
    elements.insert(truth.atomic_numbers.begin(), truth.atomic_numbers.end());
    FrameScore score = score_frame(name, truth, model, options);
    const bool sorted = context.inputs.get(&Case::species_sorted);
    mixed = withhold_species(score, truth, model, sorted) || mixed;
    if (const auto& models = context.inputs.get(&Case::compared_models); !models.empty()) {
      const fs::path path = fs::absolute(models.at(static_cast<std::size_t>(frame)));
      compare_with_published(context.inputs.file(path.string()), truth, score, compared);
    }
    set_volume_figures(score.figures, context.inputs.file(fmt::format("volume/{}.json", name)));
    if (const auto& refine = context.inputs.get(&Case::refine)) {
      // Where poses were found, the truth has to go where the model is.
      const core::TiltSeries series =
          context.inputs.series(posed_series(name, context.inputs.get(&Case::poses_with_atoms)));
      const bool as_given =
          series.poses == core::PoseSource::given && !context.inputs.get(&Case::images_taken);
      const TruthLimit limit =
          truth_limit(series, as_given ? truth : in_axes_of_model(truth, score.match.transform), *refine,
                      context.threads);
      for (const std::string& note : limit.notes)
        limit_notes.push_back(fmt::format("{}, limit: {}", name, note));
      set_limit(score, core::pm_per_a * rms_of_matched(limit.limit, score.match));
    }
    const json& truth_frame = truth_analysis.at("frames").at(static_cast<std::size_t>(frame));
    const json& model_frame = model_analysis.at("frames").at(static_cast<std::size_t>(frame));
    for (const Figures& figures :
         {order_figures(truth_frame, model_frame), opg_figures(truth_frame, model_frame, score.nuclei),
          comparison_figures(comparison.at("frames").at(static_cast<std::size_t>(frame)))}) {
      for (const Figure& figure : figures)
        set(score.figures, figure);
    }
    if (const json& chemistry = comparison.at("chemistry"); chemistry.contains("frames"))
      for (const Figure& figure :
           chemistry_figures(chemistry.at("frames").at(static_cast<std::size_t>(frame))))
        set(score.figures, figure);
    if (context.inputs.get(&Case::poses_refined) && !context.inputs.get(&Case::images_taken)) {
      const PoseScore residual = score_poses(context.inputs.series(fmt::format("prepared/{}.mrc", name)),
                                             context.inputs.series(posed_series(name, false)),
                                             context.inputs.file(fmt::format("tilts/{}_truth.json", name)));
      pose_notes.push_back(fmt::format("{}: {}", name, sentence(residual)));
      set(score.figures, known("volume.angle_error_given_deg", residual.before.angle_rms_deg));
      set(score.figures, known("volume.angle_error_deg", residual.after.angle_rms_deg));
      set(score.figures, known("volume.shift_error_given_px", residual.before.shift_rms_px));
      set(score.figures, known("volume.shift_error_px", residual.after.shift_rms_px));
    }
    for (std::string& sentence : compare_algorithms(context, name, truth))
      compared.push_back(std::move(sentence));
    const std::string matches = fmt::format("analysis/matches_{}.json", name);
    core::write_file(dir / matches, json_text(match_json(score.match)));
    outcome.outputs.push_back(matches);
    scores.frames.push_back(std::move(score));
    core::report(context.progress,
                 {static_cast<double>(frame + 1), static_cast<double>(frames), "frames", ""});
  }
  scores.dynamics = dynamics_figures(truth_analysis, model_analysis);
  for (const Figure& figure : event_figures(comparison.at("events")))
    set(scores.dynamics, figure);
  if (const json& chemistry = comparison.at("chemistry"); chemistry.contains("events"))
    set(scores.dynamics, chemical_event_figure(chemistry.at("events")));
  scores.checks = evaluate_checks(scores.frames, context.inputs.get(&Case::checks), scores.dynamics);
  scores.notes = {
      context.inputs.get(&Case::atoms_refined)
          ? "The limit of the positions is the Cramer-Rao bound at the truth, with profiles, gains and "
            "orientations known, over the matched atoms; biased estimates may go below it."
          : "The Cramer-Rao limit of the positions is computed where the case has [refine]; here efficiency "
            "is not assessed."};
  if (mixed)
    scores.notes.emplace_back(
        "The truth has several elements, but all recovered atoms carry one: species are not assessed.");
  if (elements.size() == 1)
    scores.notes.emplace_back("All atoms are of one element, so species are right by construction.");
  for (const auto* notes : {&limit_notes, &pose_notes})
    scores.notes.insert(scores.notes.end(), notes->begin(), notes->end());
  scores.notes.insert(scores.notes.end(), compared.begin(), compared.end());
  core::write_file(dir / "scores.json", json_text(score_json(scores)));
  core::write_file(dir / "report.md", score_markdown(scores));
  core::write_file(dir / "junit.xml", junit_xml(scores));
  outcome.outputs.insert(outcome.outputs.end(), {"scores.json", "report.md", "junit.xml"});
  outcome.notes = scores.notes;
  return outcome;
}

} // namespace aet::validation
