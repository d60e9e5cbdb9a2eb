#include "sim/core/io/file.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/versions.hpp"
#include "validation/pipeline/stage.hpp"

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
  const core::TiltSeries series =
      validation::image_atoms(atoms, settings.images.of_frame(a.frame), partial, a.threads, line.sink());
  line.clear();
  core::write_tilt_series(a.out, series);
  fs::remove_all(partial);
  fmt::print("{}: {} tilts of {} x {} pixels of {} A, counts\n", a.out, series.size(),
             series.images.front().nx, series.images.front().ny, series.pixel_size);
}

} // namespace

void add_image(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("image", "ADF-STEM tilt series of atoms, by multislice");
  command->footer(
      "Example: aetval image truth.xyz --case inputs/quickstart.toml --out tilts.mrc\n"
      "Settings: table [images] of the case. Writes tilts.mrc, tilts.rawtlt and tilts.json. Started again\n"
      "after a stop, it goes on with the tilt it was at.");
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
