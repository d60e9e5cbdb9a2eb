#include "recon/chain/alignment.hpp"
#include "recon/images/prepare_images.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/angle_files.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/series_arguments.hpp"
#include "validation/recovery/pose_files.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <memory>

namespace aet::cli {

namespace {

namespace fs = std::filesystem;

struct AlignArguments {
  SeriesArguments series;
  std::string out;
  bool shifts_only = false;
  bool as_given = false;
  bool common_line = false;
  std::string denoise = "none";
  core::Threads threads;
  recon::PoseRefinementOptions refine;
};

void align(const AlignArguments& a) {
  const fs::path out(a.out);
  if (out.extension() != ".json")
    throw core::ConfigError(
        fmt::format("--out is '{}'; poses are written as .json, which names the images.", a.out));
  const core::SeriesFile file = read_series_file(a.series);
  const fs::path images = core::series_images(a.series.series);
  if (recon::has_exposures(file.series)) {
    throw core::DataError(
        fmt::format("'{}' holds several images per tilt; register and average them first: aetval prepare "
                    "{} --out PREPARED.mrc.",
                    a.series.series, a.series.series));
  }
  recon::AlignmentOptions options;
  options.denoise.way = recon::denoising_from(a.denoise);
  if (!a.as_given) {
    options.refine = a.refine;
    options.refine->turns = !a.shifts_only;
    options.refine->keep_when_stopped = true;
    if (a.common_line) options.refine->tilt_axis->background = true;
  }
  ProgressLine line("align");
  const recon::Alignment found = recon::align_series(file.series, options, a.threads, line.sink());
  line.clear();
  const auto beside = [&](const char* ending) { return fs::path(out).replace_extension("").concat(ending); };
  core::write_series_poses(out, found.series, images);
  core::write_angles(beside("_angles.txt"), found.series.orientations);
  validation::write_alignment_report(beside("_fit.json"), found, file.series);
  for (const auto* notes : {&file.notes, &found.notes}) {
    for (const std::string& note : *notes)
      fmt::print("note: {}\n", note);
  }
  fmt::print("{}: poses of {} images of {}, {}\n", a.out, found.series.size(), images.string(),
             a.as_given ? "as given" : (a.shifts_only ? "shifts found" : "angles and shifts found"));
  if (found.stopped)
    throw core::Interrupted(fmt::format("stopped on request; {} holds the poses of the last round.", a.out));
}

} // namespace

void add_align(CLI::App& app) {
  auto a = std::make_shared<AlignArguments>();
  a->threads = core::all_cores();
  CLI::App* command =
      app.add_subcommand("align", "Poses of a prepared series: angles and shifts of every image");
  command->footer("Example: aetval align prepared.mrc --out aligned.json\n"
                  "          aetval refine model.xyz --tilts aligned.json --out refined.xyz\n"
                  "aligned.json holds the poses and names the images, which are not copied; every command "
                  "accepts it as a series.\n"
                  "aligned_angles.txt holds the angles for other programs and says their convention; "
                  "aligned_fit.json what each\n"
                  "round changed. Shifts are in the .json alone. Ctrl-C keeps the poses "
                  "of the last round.");
  command
      ->add_option("SERIES", a->series.series,
                   "MRC stack with one image per tilt, or the .json of such a series")
      ->required();
  add_series_options(*command, a->series);
  command->add_option("--out", a->out, "Poses to write (.json)")->required();
  auto* shifts = command->add_flag("--shifts", a->shifts_only, "Find the shifts only");
  command->add_flag("--as-given", a->as_given, "Do not refine: write the given poses in this form")
      ->excludes(shifts);
  command->add_flag("--background-by-common-line", a->common_line,
                    "Find each image's background from the common projection onto the tilt axis");
  command
      ->add_option("--denoise", a->denoise,
                   "Noise taken off the images that poses are fitted to; automatic: bm3d, for counts")
      ->capture_default_str()
      ->check(CLI::IsMember({"automatic", "none", "gaussian", "bm3d"}));
  command
      ->add_option("--rounds", a->refine.stages.back().rounds, "Largest number of rounds of the last stage")
      ->capture_default_str();
  command
      ->add_option("--volume-iterations", a->refine.volume_iterations,
                   "Iterations of the volume in each round")
      ->capture_default_str();
  command
      ->add_option("--largest-turn-deg", a->refine.largest_turn_deg,
                   "A tilt turned by more than this is an error [degree]")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { align(*a); });
}

} // namespace aet::cli
