// The poses of every prepared series, given or refined: aligned/t000.json, ..., a series whose images are the
// prepared ones.
#include "recon/chain/alignment.hpp"
#include "sim/core/io/angle_files.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "validation/recovery/pose_files.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>

namespace aet::validation {

StageOutcome run_align(const StageContext& context) {
  StageOutcome outcome;
  const int frames = context.inputs.get(&Case::moments);
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    const std::string images = fmt::format("prepared/{}.mrc", name);
    const core::TiltSeries series = context.inputs.series(images);
    const auto progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, p.note, p.at_most});
    };
    const recon::Alignment found =
        recon::align_series(series, context.inputs.get(&Case::align), context.threads, progress);
    const std::string stem = fmt::format("aligned/{}", name);
    core::write_series_poses(context.run_dir / (stem + ".json"), found.series, context.run_dir / images);
    core::write_angles(context.run_dir / (stem + "_angles.txt"), found.series.orientations);
    outcome.outputs.insert(outcome.outputs.end(), {stem + ".json", stem + "_angles.txt"});
    if (!found.tilts.empty()) {
      write_alignment_report(context.run_dir / (stem + "_fit.json"), found, series);
      outcome.outputs.push_back(stem + "_fit.json");
    }
    for (const std::string& note : found.notes)
      outcome.notes.push_back(fmt::format("{}: {}", name, note));
  }
  if (!context.inputs.get(&Case::poses_refined))
    outcome.notes.emplace_back("Images are not aligned, and tilt angles are taken as given.");
  return outcome;
}

} // namespace aet::validation
