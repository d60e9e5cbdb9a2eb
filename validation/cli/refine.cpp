#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/case/case_recovery.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/report_beside.hpp"
#include "validation/cli/series_arguments.hpp"
#include "validation/cli/setting_options.hpp"
#include "validation/recovery/refinement.hpp"
#include "validation/synthesis/eam_energy.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <numeric>

namespace aet::cli {

namespace {

struct RefineArguments {
  std::string model;
  SeriesArguments series;
  NoiseArguments noise;
  std::string out;
  bool keep_atoms = false;
  core::Threads threads;
};

void refine(const RefineArguments& a, const core::Config& config) {
  validation::RefineSettings settings =
      validation::read_refine(config.root().section("refine"), true, {}).value();
  config.reject_unknown_keys();
  const std::filesystem::path report = report_beside(a.out);
  if (a.keep_atoms) settings.refine.add = settings.refine.drop = settings.refine.flip = false;
  settings.refine.noise = a.noise.model();
  settings.refine.keep_when_stopped = true;
  const core::Atoms start = core::read_xyz(a.model);
  const core::TiltSeries series = read_series(a.series);
  const auto write = [&](const validation::RefinedModel& model) {
    core::write_xyz(a.out, model.atoms);
    if (settings.refine.free.shift || settings.refine.free.angles)
      write_with_poses(a.series, model.series, a.out);
    auto json = validation::refinement_json(model);
    json["eam_energy"] = validation::eam_json(validation::eam_energy(model.atoms));
    core::write_file(report, json.dump(1) + "\n");
  };
  ProgressLine line("refine");
  const validation::RefinedModel model =
      validation::refine_model(series, start, settings, a.threads, line.sink(), write);
  line.clear();
  const recon::RefineResult& r = model.result;
  write(model);
  for (const std::string& note : r.notes)
    fmt::print("note: {}\n", note);
  fmt::print(
      "{}: {} atoms ({} added, {} dropped, {} merged, {} changed species), R1 {:.4f}, {} iterations, {}",
      a.out, model.atoms.size(), r.added, r.dropped, r.merged, r.flipped,
      std::accumulate(r.misfit.r1.begin(), r.misfit.r1.end(), 0.0) / static_cast<double>(r.misfit.r1.size()),
      r.history.size(), r.converged ? "converged" : "not converged");
  if (model.limit) fmt::print(", expected error {:.2f} pm", 100.0 * model.limit->rms_a);
  fmt::print("\n");
  if (r.stopped) {
    throw core::Interrupted(fmt::format(
        "stopped on request after {} iterations; {} holds the atoms so far, from which 'aetval refine {}' "
        "goes on.",
        r.history.size(), a.out, a.out));
  }
  if (r.failed)
    throw core::NumericsError(
        "the refinement ended worse than it began; the atoms written are those of the start.");
}

} // namespace

void add_refine(CLI::App& app) {
  auto a = std::make_shared<RefineArguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("refine", "Atoms refined against the raw images by likelihood");
  command->footer(
      "Example: aetval refine model.xyz --tilts tilts.mrc --out refined.xyz\n"
      "Use raw or prepared images, preferably an aligned series: the noise of denoised images is unknown. "
      "Writes refined.xyz\n"
      "(columns evidence, occupancy, sd_x_pm, ...) and refined.json (profiles, R1 and pose of "
      "each tilt, history); both are there\n"
      "before the standard errors, and when the refinement is stopped by Ctrl-C.\n"
      "with --shifts or --refine-angles the series with the refined poses, refined_series.json.");
  command->add_option("MODEL", a->model, "Traced atoms (.xyz)")->required();
  command->add_option("--tilts", a->series.series, series_formats)->required();
  add_series_options(*command, a->series);
  add_mask_options(*command, a->series);
  command->add_option("--out", a->out, "Atoms to write (.xyz)")->required();
  command->add_flag("--keep-atoms", a->keep_atoms, "Do not add, drop or change atoms");
  add_noise_options(*command, a->noise);
  const auto both = [](const std::string& key) { return fmt::format("--{0},!--no-{0}", key); };
  const SettingOptions settings(*command, "refine",
                                {{"enabled", ""},
                                 {"method", ""},
                                 {"angles", "--refine-angles"},
                                 {"add", both("add")},
                                 {"drop", both("drop")},
                                 {"flip", both("flip")},
                                 {"structure", both("structure")},
                                 {"depth", both("depth")},
                                 {"response", both("response")},
                                 {"scatter", both("scatter")},
                                 {"errors", both("errors")}});
  add_threads(*command, a->threads);
  command->callback([a, settings] { refine(*a, settings.config()); });
}

} // namespace aet::cli
