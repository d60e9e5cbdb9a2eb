#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/case/case_recovery.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/report_beside.hpp"
#include "validation/cli/series_arguments.hpp"
#include "validation/cli/setting_options.hpp"
#include "validation/recovery/published_refinement.hpp"
#include "validation/synthesis/eam_energy.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace aet::cli {

namespace {

struct RefinePublishedArguments {
  SeriesArguments series;
  std::string model;
  std::optional<std::string> candidates;
  std::string out;
  core::Threads threads;
};

void refine_published(const RefinePublishedArguments& a, core::Config config) {
  config.set("refine.method", toml_text("published"));
  const validation::PublishedOptions options =
      validation::read_refine(config.root().section("refine"), true, {}).value().published.value();
  config.reject_unknown_keys();
  const std::filesystem::path report = report_beside(a.out);
  const core::TiltSeries series = read_series(a.series);
  const core::Atoms start = core::read_xyz(a.model);
  core::Atoms candidates;
  if (a.candidates) candidates = core::read_xyz(*a.candidates);
  ProgressLine line("refine");
  const auto result =
      validation::refine_published(series, start, candidates, options, a.threads, line.sink());
  line.clear();
  for (const std::string& note : result.notes)
    fmt::print("note: {}\n", note);
  core::write_xyz(a.out, result.atoms);
  const validation::EamEnergy energy = validation::eam_energy(result.atoms);
  nlohmann::json j = validation::published_json(result);
  j["eam_energy"] = validation::eam_json(energy);
  core::write_file(report, j.dump(1) + "\n");
  fmt::print("{}: {} atoms, moved {:.1f} pm rms, R1 {:.2f} %, R {:.2f} %, {} species flipped, {} of {} "
             "candidates taken, EAM energy {}\n",
             a.out, result.atoms.size(), 100.0 * result.gradient.moved_rms_a, 100.0 * result.gradient.r.r1,
             100.0 * result.gradient.r.r_fourier,
             result.first_flips.changed.size() + result.last_flips.changed.size(), result.added.taken,
             result.candidates,
             energy.ev_per_atom ? fmt::format("{:.4f} eV/atom", *energy.ev_per_atom)
                                : "not assessed (" + energy.reason + ")");
}

} // namespace

void add_refine_published(CLI::App& app) {
  auto a = std::make_shared<RefinePublishedArguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand(
      "refine-published", "Atoms refined against a tilt series as in the papers: H, B, xyz, flips");
  command->footer("Example: aetval refine-published tilts.mrc model.xyz --out refined.xyz\n"
                  "10 rounds of 10 + 10 steps in H, B and in xyz; species of doubtful atoms by the local "
                  "projection error.\n"
                  "Writes refined.xyz and refined.json (R factors, H, B, flips, EAM energy).");
  command->add_option("SERIES", a->series.series, series_formats)->required();
  command->add_option("MODEL", a->model, "Traced atoms (.xyz)")->required();
  command->add_option("--out", a->out, "Atoms to write (.xyz)")->required();
  add_series_options(*command, a->series);
  add_mask_options(*command, a->series);
  command->add_option("--candidates", a->candidates,
                      "Doubtful atoms (.xyz, column intensity), put in while the error falls");
  const SettingOptions settings(*command, "refine",
                                {{"enabled", ""}, {"method", ""}, {"flip", "--flip,!--no-flip"}},
                                "method = \"published\"");
  add_threads(*command, a->threads);
  command->callback([a, settings] { refine_published(*a, settings.config()); });
}

} // namespace aet::cli
