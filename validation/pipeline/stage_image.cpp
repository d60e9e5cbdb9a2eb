// Tilt series of every moment: tilts/t000.mrc, ... in counts, with angles and microscope beside it.
//
// Each tilt is kept in tilts/partial-KEY as soon as it is computed, so that a run that was stopped, however
// roughly, loses one tilt at most. KEY names the exact work, so a checkpoint of other settings is never
// taken.
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/pipeline/stage.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace aet::validation {

namespace fs = std::filesystem;

core::TiltSeries image_atoms(const core::Atoms& atoms, const ImagesCase& images, const fs::path& partial,
                             core::Threads threads, const core::ProgressSink& progress) {
  const std::size_t tilts = images.series.orientations.size();
  std::vector<core::Image> computed;
  for (std::size_t tilt = 0; tilt < tilts; ++tilt) {
    const fs::path checkpoint = partial / fmt::format("{}_{:04}.mrc", images.series.frame, tilt);
    if (fs::exists(checkpoint)) {
      computed.push_back(core::read_mrc_stack(checkpoint).images.at(0));
    } else {
      const auto within = [&](const core::Progress& p) {
        const double part = p.total > 0.0 ? p.done / p.total : 0.0;
        core::report(progress, {static_cast<double>(tilt) + part, static_cast<double>(tilts), "tilts", ""});
      };
      computed.push_back(stem::simulate_tilt_image(atoms, images.series, tilt, threads, within));
      core::write_mrc_stack(checkpoint, {computed.back()}, images.series.scan.pixel_a);
    }
    core::report(progress, {static_cast<double>(tilt + 1), static_cast<double>(tilts), "tilts", ""});
  }
  return stem::apply_noise(stem::assemble_tilt_series(std::move(computed), images.series), images.noise);
}

StageOutcome run_image(const StageContext& context) {
  StageOutcome outcome;
  const ImagesCase& images = context.settings.images;
  const int frames = context.settings.truth.frames;
  constexpr std::size_t key_digits = 16;
  const fs::path partial = context.run_dir / "tilts" / ("partial-" + context.key.substr(0, key_digits));
  for (int frame = 0; frame < frames; ++frame) {
    const core::Atoms atoms =
        core::read_xyz(context.run_dir / fmt::format("truth/{}.xyz", frame_name(frame)));
    const auto progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, frame_name(frame)});
    };
    const core::TiltSeries series =
        image_atoms(atoms, images.of_frame(frame), partial, context.threads, progress);
    const std::string stem = fmt::format("tilts/{}", frame_name(frame));
    core::write_tilt_series(context.run_dir / (stem + ".mrc"), series);
    for (const char* extension : {".mrc", ".rawtlt", ".json"})
      outcome.outputs.push_back(stem + extension);
  }
  fs::remove_all(partial);
  outcome.notes = {
      "Tilts are exact and aligned: no drift, scan distortion, shifts or angle errors are simulated.",
      "Frozen phonons are independent for every atom (Einstein model), with the u_rms of the molecular "
      "dynamics."};
  if (images.series.stem.method == stem::Method::fast) {
    outcome.notes.emplace_back(
        "Images by the fast method: band-limited waves in a local window, electrons counted by their "
        "complement; method = \"multislice\" is the reference.");
  }
  return outcome;
}

} // namespace aet::validation
