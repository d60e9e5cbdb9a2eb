// From the images as recorded to one image per tilt, still raw counts: prepared/t000.mrc, ... with a .json
// beside it.
#include "recon/images/prepare_images.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace aet::validation {

StageOutcome run_prepare(const StageContext& context) {
  StageOutcome outcome;
  const int frames = context.inputs.get(&Case::moments);
  const bool every_exposure = context.inputs.get(&Case::every_exposure);
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    // Recovery reads the images as a user's would be read; nothing of the truth is passed on.
    const recon::PreparedImages prepared =
        recon::prepare_images(context.inputs.series(recovered_series(name, every_exposure)),
                              context.inputs.get(&Case::prepare), context.threads);
    const std::string stem = fmt::format("prepared/{}", name);
    core::write_tilt_series(context.run_dir / (stem + ".mrc"), prepared.series);
    outcome.outputs.insert(outcome.outputs.end(), {stem + ".mrc", stem + ".json"});
    if (core::is_single_axis(prepared.series)) outcome.outputs.push_back(stem + ".rawtlt");
    for (const std::string& note : prepared.notes)
      outcome.notes.push_back(fmt::format("{}: {}", name, note));
    core::report(context.progress, {frame + 1.0, static_cast<double>(frames), "moments", ""});
  }
  return outcome;
}

} // namespace aet::validation
