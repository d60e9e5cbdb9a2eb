// Volumes from the aligned series: volume/t000.mrc, ... each with a .json beside it.
#include "recon/chain/reconstruction.hpp"
#include "sim/core/io/mrc.hpp"
#include "validation/manifest/usage.hpp"
#include "validation/recovery/descent_checkpoint.hpp"
#include "validation/recovery/volume_report.hpp"
#include "validation/stages/compared_algorithms.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace aet::validation {

namespace fs = std::filesystem;

StageOutcome run_reconstruct(const StageContext& context) {
  StageOutcome outcome;
  const int frames = context.inputs.get(&Case::moments);
  recon::ReconstructionOptions options = context.inputs.get(&Case::reconstruct);
  options.memory_limit_bytes = available_memory_bytes();
  std::vector<fs::path> states; // those of finished moments too, until all are done
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    const core::TiltSeries series = context.inputs.series(posed_series(name, false));
    recon::ReconstructionEvents events;
    events.progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, p.note, p.at_most});
    };
    states.push_back(context.run_dir / fmt::format("volume/partial_{}.state", name));
    events.control = checkpointed(states.back(), context.inputs.key());
    const recon::Reconstruction made =
        recon::reconstruct_series(series, options, context.threads, std::move(events));
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
  if (options.denoise.way == recon::Denoising::none) outcome.notes.emplace_back("Images are not denoised.");
  return outcome;
}

} // namespace aet::validation
