#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/series_arguments.hpp"
#include "validation/recovery/refinement.hpp"
#include "validation/synthesis/eam_energy.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <numeric>

namespace aet::cli {

namespace {

struct Arguments {
  std::string model;
  SeriesArguments series;
  NoiseArguments noise;
  std::string out;
  bool shifts = false;
  bool refine_angles = false;
  bool depth = false;
  bool no_response = false;
  bool no_scatter = false;
  bool keep_atoms = false;
  bool no_errors = false;
  core::Threads threads;
  validation::RefineSettings settings;
};

void refine(const Arguments& a) {
  validation::RefineSettings settings = a.settings;
  settings.errors = !a.no_errors;
  settings.refine.free.shift = a.shifts;
  settings.refine.free.angles = a.refine_angles;
  settings.refine.profile.depth_spread = settings.refine.profile.depth_fade = a.depth;
  settings.refine.profile.response = !a.no_response;
  settings.refine.scatter = !a.no_scatter;
  if (a.keep_atoms) settings.refine.add = settings.refine.drop = settings.refine.flip = false;
  settings.refine.noise = a.noise.model();
  const core::Atoms start = core::read_xyz(a.model);
  const core::TiltSeries series = read_series(a.series);
  ProgressLine line("refine");
  const validation::RefinedModel model =
      validation::refine_model(series, start, settings, a.threads, line.sink());
  line.clear();
  const recon::RefineResult& r = model.result;
  core::write_xyz(a.out, model.atoms);
  auto json = validation::refinement_json(model);
  json["eam_energy"] = validation::eam_json(validation::eam_energy(model.atoms));
  core::write_file(std::filesystem::path(a.out).replace_extension(".json"), json.dump(1) + "\n");
  for (const std::string& note : r.notes)
    fmt::print("note: {}\n", note);
  fmt::print(
      "{}: {} atoms ({} added, {} dropped, {} merged, {} changed species), R1 {:.4f}, {} iterations, {}",
      a.out, model.atoms.size(), r.added, r.dropped, r.merged, r.flipped,
      std::accumulate(r.misfit.r1.begin(), r.misfit.r1.end(), 0.0) / static_cast<double>(r.misfit.r1.size()),
      r.history.size(), r.converged ? "converged" : "not converged");
  if (model.limit) fmt::print(", expected error {:.2f} pm", 100.0 * model.limit->rms_a);
  fmt::print("\n");
}

} // namespace

void add_refine(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("refine", "Atoms refined against the raw images by likelihood");
  command->footer(
      "Example: aetval refine model.xyz --tilts tilts.mrc --out refined.xyz\n"
      "Use the raw images: denoised ones have no known noise. Writes refined.xyz (columns evidence,\n"
      "occupancy, sd_x_pm, ...) and refined.json (profiles, R1 and pose of each tilt, history).");
  command->add_option("MODEL", a->model, "Traced atoms (.xyz)")->required();
  command->add_option("--tilts", a->series.series, "Tilt series (.mrc, .st, .ali, .mat, .npy)")->required();
  add_series_options(*command, a->series);
  command->add_option("--out", a->out, "Atoms to write (.xyz)")->required();
  command->add_flag("--shifts", a->shifts, "Refine the shift of each tilt too");
  command->add_flag("--refine-angles", a->refine_angles, "Refine the orientation of each tilt too");
  command->add_flag("--depth", a->depth, "Let width and strength of the atoms change with their height");
  command->add_flag("--defocus", a->settings.refine.defocus, "Find the defocus of each tilt too");
  command->add_flag("--no-response", a->no_response, "Take the signal as the plain sum of the atoms");
  command->add_flag("--no-scatter", a->no_scatter,
                    "Trust every pixel to its noise, also where images deviate from a static sum of atoms");
  command->add_flag("--keep-atoms", a->keep_atoms, "Do not add, drop or change atoms");
  command->add_flag("--no-errors", a->no_errors, "Leave out the standard errors");
  add_noise_options(*command, a->noise);
  recon::RefineOptions& o = a->settings.refine;
  command->add_option("--threshold", o.threshold, "Least evidence for an atom, twice a log likelihood ratio")
      ->capture_default_str();
  command->add_option("--min-distance-a", o.min_distance_a, "No atom is added nearer to another [angstrom]")
      ->capture_default_str();
  command->add_option("--max-iterations", o.max_iterations, "Of the whole refinement")->capture_default_str();
  command->add_option("--terms", o.profile.terms, "Gaussians an atom, 1 to 4")->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { refine(*a); });
}

} // namespace aet::cli
