#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/versions.hpp"
#include "validation/pipeline/case.hpp"
#include "validation/pipeline/imaging.hpp"

#include <fmt/format.h>

#include <memory>

namespace aet::cli {

namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string atoms;
  std::string case_file;
  std::string out;
  int frame = 0;
  core::Threads threads;
};

void image(const Arguments& a) {
  const validation::Case settings = validation::read_case(a.case_file);
  const core::Atoms atoms = core::read_xyz(a.atoms);
  // Checkpoints belong to these atoms and this case only.
  const std::string key = core::sha256(program_hash() + settings.settings_text({"seed", "images"}) +
                                       core::sha256_of_file(a.atoms) + std::to_string(a.frame));
  constexpr std::size_t key_digits = 16;
  const fs::path partial = fs::path(a.out).parent_path() / ("partial-" + key.substr(0, key_digits));
  ProgressLine line("image");
  const validation::ImagesCase images = settings.images.of_frame(a.frame);
  const validation::ImagedMoment moment =
      validation::image_atoms(atoms, images, partial, a.threads, line.sink());
  line.clear();
  const auto written = validation::write_imaged_moment(a.out, moment, images);
  fs::remove_all(partial);
  const core::TiltSeries& series = moment.acquisition.series;
  fmt::print("{}: {} tilts of {} x {} pixels of {} A, counts\n", a.out, series.size(),
             series.images.front().nx, series.images.front().ny, series.pixel_size);
  for (std::size_t i = 1; i < written.size(); ++i)
    fmt::print("{}\n", written[i].string());
  for (const std::string& note : validation::imaging_notes(images))
    fmt::print("{}\n", note);
  const stem::LinearDeviation& error = moment.model_error.series;
  fmt::print("Deviation from the best sum of isolated atoms: R1 {:.2f} %, brightest pixels {:+.1f} %.\n",
             100.0 * error.r1, 100.0 * error.curvature);
}

} // namespace

void add_image(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("image", "ADF-STEM tilt series of atoms, by multislice");
  command->footer(
      "Example: aetval image truth.xyz --case inputs/quickstart.toml --out tilts.mrc\n"
      "Settings: table [images] of the case. Writes tilts.mrc, tilts.rawtlt and tilts.json, and the truth\n"
      "about the acquisition: tilts_truth.json, tilts_clean.mrc, tilts_background.mrc, "
      "tilts_model_error.json.\n"
      "Started again after a stop, it goes on with the tilt it was at.");
  command->add_option("ATOMS", a->atoms, "Atoms (.xyz); a column u_rms holds thermal displacements")
      ->required();
  command->add_option("--case", a->case_file, "Case file (.toml)")->required();
  command->add_option("--out", a->out, "Tilt series to write (.mrc)")->required();
  command->add_option("--frame", a->frame, "Number of the moment; chooses the random draws")
      ->check(CLI::Range(0, 1000000));
  add_threads(*command, a->threads);
  command->callback([a] { image(*a); });
}

} // namespace aet::cli
