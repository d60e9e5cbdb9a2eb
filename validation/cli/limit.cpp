#include "sim/core/io/file.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/pipeline/refinement.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

namespace aet::cli {

namespace {

struct Arguments {
  std::string truth;
  std::string series;
  std::optional<std::string> angles;
  std::optional<double> pixel_a;
  std::string json;
  std::optional<double> gain;
  double offset = 0.0;
  double readout_sd = 0.0;
  core::Threads threads;
  validation::RefineSettings settings;
};

void limit(const Arguments& a) {
  validation::RefineSettings settings = a.settings;
  if (a.gain) settings.refine.noise = recon::NoiseModel{*a.gain, a.offset, a.readout_sd * a.readout_sd};
  const core::Atoms truth = core::read_xyz(a.truth);
  const core::TiltSeries series = core::read_tilt_series(
      a.series, a.angles ? std::optional<std::filesystem::path>(*a.angles) : std::nullopt, a.pixel_a);
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
  const recon::Limit& l = result.limit;
  fmt::print("limit of {} atoms in {} images: RMSD {:.3f} pm (x {:.3f}, y {:.3f}, z {:.3f}), noise {}\n",
             truth.size(), series.size(), 100.0 * l.rms_a, 100.0 * l.axis_rms_a.x(), 100.0 * l.axis_rms_a.y(),
             100.0 * l.axis_rms_a.z(), result.noise_source);
  if (!l.dense) fmt::print("by stochastic probing, +- {:.3f} pm\n", 100.0 * l.rms_error_a);
  if (result.elements.size() > 1)
    fmt::print("expected share of mistaken species: {:.3g}\n", result.expected_misclassified);
}

} // namespace

void add_limit(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  a->threads = core::all_cores();
  CLI::App* command =
      app.add_subcommand("limit", "The least error any unbiased method can have (Cramer-Rao)");
  command->footer("Example: aetval limit truth.xyz --tilts tilts.mrc --json limit.json\n"
                  "Profiles and backgrounds are fitted to the images with the given atoms in their places.");
  command->add_option("TRUTH", a->truth, "Atoms (.xyz): the truth, or a model")->required();
  command->add_option("--tilts", a->series, "Tilt series (.mrc), raw images")->required();
  command->add_option("--angles", a->angles,
                      "Tilt angles, one a line [degree]; default: SERIES with the ending .json or .rawtlt");
  command->add_option("--pixel-a", a->pixel_a, "Pixel size [angstrom]; default: what the files say");
  command->add_option("--json", a->json, "Write the numbers there (- for standard output)");
  command->add_option("--gain", a->gain, "Counts an electron; default: recorded, or from the images");
  command->add_option("--offset", a->offset, "Counts without a beam (with --gain)")->capture_default_str();
  command->add_option("--readout-sd", a->readout_sd, "Readout noise [counts] (with --gain)")
      ->capture_default_str();
  command->add_option("--probes", a->settings.limit.probes, "Of the stochastic inverse, for many atoms")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { limit(*a); });
}

} // namespace aet::cli
