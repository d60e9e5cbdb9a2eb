// Volumes from the tilt series: volume/t000.mrc, ... each with a .json beside it.
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "validation/pipeline/pose_files.hpp"
#include "validation/pipeline/reconstruction.hpp"
#include "validation/pipeline/stage.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace aet::validation {

StageOutcome run_reconstruct(const StageContext& context) {
  StageOutcome outcome;
  const int frames = context.settings.truth.frames;
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    // Recovery reads the images as a user's would be read; nothing of the truth is passed on.
    const core::TiltSeries series =
        core::read_tilt_series(context.run_dir / fmt::format("tilts/{}.mrc", name));
    const auto progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, p.note});
    };
    const auto keep_poses = [&](const recon::RefineResult& refined) {
      const std::string poses = fmt::format("volume/{}_angles.json", name);
      write_poses(context.run_dir / poses, refined, series);
      outcome.outputs.push_back(poses);
    };
    const recon::GenfireResult result =
        reconstruct(series, context.settings.reconstruct, context.threads, progress, keep_poses);
    const std::string volume = fmt::format("volume/{}.mrc", name);
    const std::string report = fmt::format("volume/{}.json", name);
    core::write_mrc_volume(context.run_dir / volume, result.volume);
    write_volume_report(context.run_dir / report, result, context.settings.reconstruct);
    outcome.outputs.insert(outcome.outputs.end(), {volume, report});
    for (const std::string& note : result.notes) {
      if (std::find(outcome.notes.begin(), outcome.notes.end(), note) == outcome.notes.end()) {
        outcome.notes.push_back(note);
      }
    }
  }
  if (!context.settings.reconstruct.refine) {
    outcome.notes.emplace_back("Images are not aligned, and tilt angles are taken as given.");
  }
  if (context.settings.reconstruct.images.denoising == recon::Denoising::none) {
    outcome.notes.emplace_back("Images are not denoised.");
  }
  return outcome;
}

} // namespace aet::validation
