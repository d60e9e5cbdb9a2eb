#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/series_arguments.hpp"
#include "validation/recovery/refinement.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace aet::cli {

namespace {

struct LimitArguments {
  std::string truth;
  SeriesArguments series;
  NoiseArguments noise;
  std::string json;
  core::Threads threads;
  validation::RefineSettings settings;
};

void limit(const LimitArguments& a) {
  validation::RefineSettings settings = a.settings;
  settings.refine.noise = a.noise.model();
  const core::Atoms truth = core::read_xyz(a.truth);
  const core::TiltSeries series = read_series(a.series);
  ProgressLine line("limit");
  const validation::TruthLimit result =
      validation::truth_limit(series, truth, settings, a.threads, line.sink());
  line.clear();
  const std::string text = validation::limit_json(result).dump(1) + "\n";
  if (a.json == "-") {
    fmt::print("{}", text);
    return;
  }
  if (!a.json.empty()) core::write_file(a.json, text);
  for (const std::string& note : result.notes)
    fmt::print("note: {}\n", note);
  const recon::Limit& l = result.limit;
  fmt::print(
      "limit of {} atoms in {} images: RMSD {:.3f} pm (x {:.3f}, y {:.3f}, z {:.3f}), noise {} ({:.4g} "
      "counts per electron, offset {:.4g}), misfit {:.2f} of the noise\n",
      truth.size(), series.size(), 100.0 * l.rms_a, 100.0 * l.axis_rms_a.x(), 100.0 * l.axis_rms_a.y(),
      100.0 * l.axis_rms_a.z(), result.noise_source, result.noise.gain, result.noise.offset,
      result.chi2_per_pixel);
  if (result.unknown)
    fmt::print("with profiles, gains and backgrounds unknown as well: {:.3f} pm\n",
               100.0 * result.unknown->rms_a);
  if (!l.dense) fmt::print("by stochastic probing, +- {:.3f} pm\n", 100.0 * l.rms_error_a);
  if (result.elements.size() > 1)
    fmt::print("expected share of mistaken species: {:.3g}\n", result.expected_misclassified);
}

} // namespace

void add_limit(CLI::App& app) {
  auto a = std::make_shared<LimitArguments>();
  a->threads = core::all_cores();
  CLI::App* command =
      app.add_subcommand("limit", "The least error any unbiased method can have (Cramer-Rao)");
  command->footer("Example: aetval limit truth.xyz --tilts tilts.mrc --json limit.json\n"
                  "Profiles and backgrounds are fitted to the images with the given atoms in their places.");
  command->add_option("TRUTH", a->truth, "Atoms (.xyz): the truth, or a model")->required();
  command->add_option("--tilts", a->series.series, series_formats)->required();
  add_series_options(*command, a->series);
  add_mask_options(*command, a->series);
  command->add_option("--json", a->json, "Write the numbers there (- for standard output)");
  add_noise_options(*command, a->noise);
  command
      ->add_option("--probes", a->settings.limit.probes, "Probes of the stochastic inverse, for many atoms")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { limit(*a); });
}

} // namespace aet::cli
