// Volumes from the tilt series: volume/t000.mrc, ... each with a .json beside it.
#include "sim/core/io/mrc.hpp"
#include "validation/manifest/usage.hpp"
#include "validation/recovery/descent_checkpoint.hpp"
#include "validation/recovery/pose_files.hpp"
#include "validation/recovery/reconstruction.hpp"
#include "validation/stages/compared_algorithms.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace aet::validation {

namespace fs = std::filesystem;

StageOutcome run_reconstruct(const StageContext& context) {
  StageOutcome outcome;
  const int frames = context.inputs.get(&Case::moments);
  ReconstructionOptions options = context.inputs.get(&Case::reconstruct);
  const bool every_exposure = context.inputs.get(&Case::every_exposure);
  options.memory_limit_bytes = available_memory_bytes();
  std::vector<fs::path> states; // those of finished moments too, until all are done
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    // Recovery reads the images as a user's would be read; nothing of the truth is passed on.
    const core::TiltSeries series = context.inputs.series(recovered_series(name, every_exposure));
    ReconstructionEvents events;
    events.progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, p.note});
    };
    events.refined = [&](const recon::PoseRefinement& refined, const core::TiltSeries& given) {
      const std::string poses = fmt::format("volume/{}_angles.json", name);
      write_poses(context.run_dir / poses, refined, given);
      outcome.outputs.push_back(poses);
    };
    states.push_back(context.run_dir / fmt::format("volume/partial_{}.state", name));
    events.control = checkpointed(states.back(), context.inputs.key());
    const Reconstruction made = reconstruct(series, options, context.threads, std::move(events));
    const std::string volume = fmt::format("volume/{}.mrc", name);
    const std::string report = fmt::format("volume/{}.json", name);
    core::write_mrc_volume(context.run_dir / volume, made.result.volume);
    write_volume_report(context.run_dir / report, made, options);
    outcome.outputs.insert(outcome.outputs.end(), {volume, report});
    for (std::size_t i = 0; i < made.compared.size(); ++i) {
      outcome.outputs.push_back(compared_volume(name, options.compared[i]));
      core::write_mrc_volume(context.run_dir / outcome.outputs.back(), made.compared[i]);
    }
    for (const std::string& note : made.result.notes) {
      if (std::find(outcome.notes.begin(), outcome.notes.end(), note) == outcome.notes.end()) {
        outcome.notes.push_back(note);
      }
    }
  }
  for (const fs::path& state : states)
    fs::remove(state);
  if (!options.refine) {
    outcome.notes.emplace_back("Images are not aligned, and tilt angles are taken as given.");
  }
  if (options.images.denoising == recon::Denoising::none)
    outcome.notes.emplace_back("Images are not denoised.");
  return outcome;
}

} // namespace aet::validation
