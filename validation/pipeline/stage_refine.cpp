// Traced atoms refined against the images: refined/t000.xyz, ... each with a .json beside it.
#include "sim/core/io/file.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/pipeline/refinement.hpp"
#include "validation/pipeline/stage.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace aet::validation {

StageOutcome run_refine(const StageContext& context) {
  StageOutcome outcome;
  const int frames = context.settings.truth.frames;
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    const core::Atoms traced = core::read_xyz(context.run_dir / fmt::format("model/{}.xyz", name));
    const core::TiltSeries series =
        core::read_tilt_series(context.run_dir / fmt::format("tilts/{}.mrc", name));
    const auto progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, p.note});
    };
    const RefinedModel model =
        refine_model(series, traced, context.settings.refine.value(), context.threads, progress);
    const std::string atoms = fmt::format("refined/{}.xyz", name);
    const std::string report = fmt::format("refined/{}.json", name);
    core::write_xyz(context.run_dir / atoms, model.atoms);
    core::write_file(context.run_dir / report, refinement_json(model).dump(1) + "\n");
    outcome.outputs.insert(outcome.outputs.end(), {atoms, report});
    for (const std::string& note : model.result.notes)
      outcome.notes.push_back(fmt::format("{}: {}", name, note));
  }
  return outcome;
}

} // namespace aet::validation
