#include "recon/atoms/refine_in_volume.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/report_beside.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace aet::cli {

namespace {

struct RefineVolumeArguments {
  std::string model;
  std::string volume;
  std::string out;
  recon::VolumeRefineOptions options;
  core::Threads threads;
};

void refine_volume(const RefineVolumeArguments& a) {
  recon::check(a.options);
  const std::filesystem::path report = report_beside(a.out);
  core::Atoms atoms = core::read_xyz(a.model);
  const core::Volume volume = core::read_mrc_volume(a.volume);
  ProgressLine line("refine-volume");
  const recon::VolumeRefineResult r =
      recon::refine_in_volume(volume, atoms.positions, a.options, a.threads, line.sink());
  line.clear();
  atoms.positions = r.positions;
  atoms.columns["height"] = r.heights;
  core::write_xyz(a.out, atoms);
  const nlohmann::ordered_json json{{"converged", r.converged},
                                    {"rounds", r.rounds},
                                    {"atoms", atoms.size()},
                                    {"r1", r.r1},
                                    {"sigma_a", {r.sigma_a.x(), r.sigma_a.y(), r.sigma_a.z()}},
                                    {"background", r.background},
                                    {"moved_pm", 100.0 * r.moved_a},
                                    {"returned", r.returned}};
  core::write_file(report, json.dump(1) + "\n");
  fmt::print(
      "note: fitted to the volume alone: its noise counts as white, and what the images say beyond it is "
      "not used; aetval refine fits the images.\n");
  if (r.returned > 0)
    fmt::print("note: {} atoms went further than {} A and were put back to their start.\n", r.returned,
               a.options.longest_a);
  fmt::print(
      "{}: {} atoms moved {:.2f} pm (rms) in {} rounds, R1 {:.4f} around them, peaks {:.3f} x {:.3f} x "
      "{:.3f} A wide (sigma), {}\n",
      a.out, atoms.size(), 100.0 * r.moved_a, r.rounds, r.r1, r.sigma_a.x(), r.sigma_a.y(), r.sigma_a.z(),
      r.converged ? "converged" : "not converged");
}

} // namespace

void add_refine_volume(CLI::App& app) {
  auto a = std::make_shared<RefineVolumeArguments>();
  a->threads = core::all_cores();
  CLI::App* command =
      app.add_subcommand("refine-volume", "Atoms refined against a volume, where there are no images");
  command->footer(
      "Example: aetval refine-volume model.xyz --volume volume.mrc --out refined.xyz\n"
      "Fits a peak for every atom to the volume, all together. Writes refined.xyz (column height) and "
      "refined.json.");
  command->add_option("MODEL", a->model, "Traced atoms (.xyz)")->required();
  command->add_option("--volume", a->volume, "Volume (.mrc)")->required();
  command->add_option("--out", a->out, "Atoms to write (.xyz)")->required();
  command->add_option("--rounds", a->options.rounds, "Largest number of rounds")->capture_default_str();
  command->add_option("--longest-a", a->options.longest_a, "An atom that goes further is put back [A]")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { refine_volume(*a); });
}

} // namespace aet::cli
