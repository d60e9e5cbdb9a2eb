#include "sim/core/error.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/case_file.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/report_beside.hpp"
#include "validation/cli/versions.hpp"
#include "validation/stages/stage_inputs.hpp"
#include "validation/synthesis/imaging.hpp"
#include "validation/synthesis/ranks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace aet::cli {

namespace {

namespace fs = std::filesystem;

struct ImageArguments {
  std::string atoms;
  std::string case_file;
  std::string out;
  int frame = 0;
  std::optional<core::Threads> threads;
};

void image(const ImageArguments& a, const validation::Ranks& ranks) {
  const validation::Case settings = read_case_file(a.case_file);
  check_description_beside(a.out);
  const core::Atoms atoms = core::read_xyz(a.atoms);
  // Checkpoints belong to these atoms, this moment and this case only.
  validation::StageInputs inputs(settings, fs::current_path(), fmt::format("image {}", a.frame),
                                 program_hash());
  const validation::ImagesCase& before_counts = inputs.get(&validation::Case::images);
  static_cast<void>(inputs.file(a.atoms));
  md::Vibrations vibrations;
  std::string moments_note;
  if (const auto& trajectory = before_counts.phonon_trajectory) {
    if (trajectory->files.size() != 1) {
      throw core::ConfigError("phonons = \"trajectory\" needs the moments of these atoms: name one file of "
                              "them with phonon_trajectory, or use phonons = \"pairs\"");
    }
    vibrations = validation::read_vibrations(atoms, before_counts,
                                             inputs.file(fs::absolute(trajectory->files.front()).string()));
    moments_note = validation::vibrations_note(vibrations, before_counts);
  }
  constexpr std::size_t key_digits = 16;
  const fs::path partial = fs::path(a.out).parent_path() / ("partial-" + inputs.key().substr(0, key_digits));
  const validation::ImagesCase images = before_counts.of_frame(a.frame, inputs.get(&validation::Case::noise));
  const core::Threads threads =
      a.threads.value_or(core::Threads{std::max(1, core::all_cores().count / ranks.size_here())});
  ProgressLine line(ranks.size() > 1 ? fmt::format("image, {} ranks", ranks.size()) : "image");
  const validation::ImagedMoment moment =
      validation::image_atoms(atoms, images, partial, ranks, threads,
                              ranks.is_first() ? line.sink() : core::ProgressSink{}, vibrations);
  line.clear();
  if (!ranks.is_first()) return;
  const auto written = validation::write_imaged_moment(a.out, moment, images);
  fs::remove_all(partial);
  const core::TiltSeries& series = moment.acquisition.series;
  fmt::print("{}: {} tilts of {} x {} pixels of {} A, counts\n", a.out, series.size(),
             series.images.front().nx, series.images.front().ny, series.pixel_size);
  for (std::size_t i = 1; i < written.size(); ++i)
    fmt::print("{}\n", written[i].string());
  if (!moments_note.empty()) fmt::print("{}\n", moments_note);
  for (const std::string& note : validation::imaging_notes(images))
    fmt::print("{}\n", note);
  const stem::LinearDeviation& error = moment.model_error.series;
  fmt::print("Deviation from the best sum of isolated atoms: R1 {:.2f} %, brightest pixels {:+.1f} %.\n",
             100.0 * error.r1, 100.0 * error.curvature);
}

/// As one of several processes if mpirun started this one.
void image_with_ranks(const ImageArguments& a) {
  const auto ranks = validation::Ranks::from_launcher();
  try {
    image(a, ranks);
  } catch (const core::Error& e) {
    if (ranks.size() > 1) fmt::print(stderr, "aetval: {}\n", e.what());
    ranks.abandon(static_cast<int>(e.exit_code()));
    throw;
  }
}

} // namespace

void add_image(CLI::App& app) {
  auto a = std::make_shared<ImageArguments>();
  CLI::App* command = app.add_subcommand("image", "ADF-STEM tilt series of atoms, by multislice");
  command->footer(
      "Example: aetval image truth.xyz --case inputs/quickstart.toml --out tilts.mrc\n"
      "Settings: table [images] of the case. Writes tilts.mrc, tilts.rawtlt and tilts.json, and the truth\n"
      "about the acquisition: tilts_truth.json, tilts_clean.mrc, tilts_background.mrc, "
      "tilts_model_error.json.\n"
      "Run again after an interruption, it resumes at the tilt where it stopped. Under mpirun, processes "
      "share tilts "
      "and\n"
      "frozen-phonon configurations: mpirun -n 4 aetval image truth.xyz --case CASE.toml --out tilts.mrc");
  command->add_option("ATOMS", a->atoms, "Atoms (.xyz); columns u_rms or u_aniso hold thermal displacements")
      ->required();
  command->add_option("--case", a->case_file, "Case file (.toml)")->required();
  command->add_option("--out", a->out, "Tilt series to write (.mrc)")->required();
  command->add_option("--frame", a->frame, "Number of the moment; chooses the random draws")
      ->check(CLI::Range(0, 1000000));
  command
      ->add_option_function<int>(
          "--threads", [a](int count) { a->threads = core::Threads{count}; },
          "Threads of each process; default: this machine's cores, shared by the processes on it. The "
          "outcome does "
          "not depend on it")
      ->check(CLI::Range(1, 1024));
  command->callback([a] { image_with_ranks(*a); });
}

} // namespace aet::cli
