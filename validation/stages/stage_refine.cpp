// Traced atoms refined against the images: refined/t000.xyz, ... each with a .json beside it.
#include "sim/core/io/file.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/recovery/refinement.hpp"
#include "validation/stages/stage.hpp"
#include "validation/synthesis/eam_energy.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace aet::validation {

namespace {

struct Refined {
  core::Atoms atoms;
  nlohmann::ordered_json report;
  std::vector<std::string> notes;
  core::TiltSeries series; ///< with the poses it ended with
};

Refined refined_atoms(const core::TiltSeries& series, const core::Atoms& traced,
                      const RefineSettings& settings, core::Threads threads,
                      const core::ProgressSink& progress) {
  if (settings.published) {
    const PublishedRefinement r =
        refine_published(series, traced, {}, *settings.published, threads, progress);
    return {r.atoms, published_json(r), r.notes, series};
  }
  RefinedModel r = refine_model(series, traced, settings, threads, progress);
  return {r.atoms, refinement_json(r), r.result.notes, std::move(r.series)};
}

} // namespace

StageOutcome run_refine(const StageContext& context) {
  StageOutcome outcome;
  static_cast<void>(context.inputs.file_if_there(eam_potential_file().string()));
  const int frames = context.inputs.get(&Case::moments);
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    const core::Atoms traced = core::read_xyz(context.inputs.file(fmt::format("model/{}.xyz", name)));
    const core::TiltSeries series = context.inputs.series(posed_series(name, false));
    const auto progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, p.note, p.at_most});
    };
    const Refined refined =
        refined_atoms(series, traced, context.inputs.get(&Case::refine).value(), context.threads, progress);
    const std::string atoms = fmt::format("refined/{}.xyz", name);
    const std::string report = fmt::format("refined/{}.json", name);
    core::write_xyz(context.run_dir / atoms, refined.atoms);
    nlohmann::ordered_json described = refined.report;
    described["eam_energy"] = eam_json(eam_energy(refined.atoms));
    core::write_file(context.run_dir / report, described.dump(1) + "\n");
    outcome.outputs.insert(outcome.outputs.end(), {atoms, report});
    if (context.inputs.get(&Case::poses_with_atoms)) {
      outcome.outputs.push_back(posed_series(name, true));
      core::write_series_poses(context.run_dir / outcome.outputs.back(), refined.series,
                               context.run_dir / fmt::format("prepared/{}.mrc", name));
    }
    for (const std::string& note : refined.notes)
      outcome.notes.push_back(fmt::format("{}: {}", name, note));
  }
  return outcome;
}

} // namespace aet::validation
