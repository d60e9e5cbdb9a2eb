// Tilt series of every moment: tilts/t000.mrc, ... in counts, with angles and microscope beside it, and the
// truth about the acquisition in files of their own.
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/md/run_job.hpp"
#include "validation/stages/stage.hpp"
#include "validation/synthesis/imaging.hpp"

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

/// Folder of the images before counts, by what was read so far. Runs of a study that differ in dose alone use
/// the same.
fs::path checkpoint_folder(const StageContext& context) {
  constexpr std::size_t key_digits = 16;
  const std::string key = context.inputs.key().substr(0, key_digits);
  return context.shared ? context.shared.folder / ("images-" + key)
                        : context.run_dir / "tilts" / ("partial-" + key);
}

/// File that the moments of frame `frame` are read from: what the case names, or the molecular dynamics of
/// the truth.
std::string trajectory_of(const PhononTrajectory& phonons, int frame) {
  if (phonons.files.empty()) return fmt::format("truth/md/{}/{}", frame_name(frame), md::trajectory_name);
  return fs::absolute(phonons.files[static_cast<std::size_t>(frame)]).string();
}

/// Images that were taken are stored as the others are, so that every later stage finds the same files.
StageOutcome images_from_files(const StageContext& context) {
  StageOutcome outcome;
  const ImageFiles& files = *context.inputs.get(&Case::images).files;
  for (int frame = 0; frame < context.inputs.get(&Case::moments); ++frame) {
    const core::SeriesFile file = files.moment(frame);
    const std::string stem = fmt::format("tilts/{}", frame_name(frame));
    core::write_tilt_series(context.run_dir / (stem + ".mrc"), file.series);
    outcome.outputs.insert(outcome.outputs.end(), {stem + ".mrc", stem + ".json"});
    if (core::is_single_axis(file.series)) outcome.outputs.push_back(stem + ".rawtlt");
    outcome.notes.push_back(fmt::format("{} holds the images of {}; nothing is simulated.", frame_name(frame),
                                        files.series[static_cast<std::size_t>(frame)].filename().string()));
    outcome.notes.insert(outcome.notes.end(), file.notes.begin(), file.notes.end());
  }
  return outcome;
}

} // namespace

StageOutcome run_image(const StageContext& context) {
  if (context.inputs.get(&Case::images_taken)) return images_from_files(context);
  StageOutcome outcome;
  const ImagesCase& images = context.inputs.get(&Case::images);
  const int frames = context.inputs.get(&Case::moments);
  std::vector<core::Atoms> moments;
  for (int frame = 0; frame < frames; ++frame)
    moments.push_back(core::read_xyz(context.inputs.file(fmt::format("truth/{}.xyz", frame_name(frame)))));
  std::vector<md::Vibrations> vibrations(moments.size());
  for (int frame = 0; images.phonon_trajectory && frame < frames; ++frame) {
    const auto at = static_cast<std::size_t>(frame);
    const fs::path file = context.inputs.file(trajectory_of(*images.phonon_trajectory, frame));
    vibrations[at] = read_vibrations(moments[at], images, file);
    outcome.notes.push_back(frame_name(frame) + ": " + vibrations_note(vibrations[at], images));
  }
  const fs::path partial = checkpoint_folder(context); // before the noise is known
  const stem::NoiseOptions& noise = context.inputs.get(&Case::noise);
  for (std::string& note : imaging_notes(images))
    outcome.notes.push_back(std::move(note));
  double worst_r1 = 0.0;
  double worst_curvature = 0.0;
  for (int frame = 0; frame < frames; ++frame) {
    const auto progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, frame_name(frame)});
    };
    const ImagesCase of_frame = images.of_frame(frame, noise);
    const ImagedMoment moment =
        image_atoms(moments[static_cast<std::size_t>(frame)], of_frame, partial, Ranks{}, context.threads,
                    progress, vibrations[static_cast<std::size_t>(frame)]);
    const fs::path mrc = context.run_dir / fmt::format("tilts/{}.mrc", frame_name(frame));
    for (const fs::path& file : write_imaged_moment(mrc, moment, of_frame))
      outcome.outputs.push_back("tilts/" + file.filename().string());
    if (const std::string note = columns_note(moment.settings); !note.empty())
      outcome.notes.push_back(frame_name(frame) + ": " + note);
    const stem::LinearDeviation& error = moment.model_error.series;
    if (error.r1 > worst_r1) {
      worst_r1 = error.r1;
      worst_curvature = error.curvature;
    }
  }
  if (!context.shared) fs::remove_all(partial);
  outcome.notes.push_back(fmt::format(
      "Model error of tomography: the images before noise differ from the "
      "best sum of isolated, thermally averaged "
      "atoms by R1 = {:.1f} %{}; "
      "the brightest pixels {} it by {:.0f} %.",
      100.0 * worst_r1,
      stem::averages_analytically(images.series.stem) ? "" : " (the thermal moments of each tilt included)",
      worst_curvature < 0.0 ? "fall short of" : "exceed", 100.0 * std::abs(worst_curvature)));
  return outcome;
}

} // namespace aet::validation
