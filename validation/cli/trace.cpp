#include "recon/atoms/species_model.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/case/case_recovery.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/report_beside.hpp"
#include "validation/cli/setting_options.hpp"
#include "validation/recovery/classification_report.hpp"
#include "validation/recovery/trace_report.hpp"

#include <fmt/core.h>

#include <memory>

namespace aet::cli {

namespace {

struct TraceArguments {
  std::string volume;
  std::string element;
  std::string out;
  core::Threads threads;
};

void trace(const TraceArguments& a, core::Config config) {
  config.set("trace.element", toml_text(a.element));
  const core::ConfigSection table = config.root().section("trace");
  const recon::TraceOptions options = validation::read_trace(table);
  const std::vector<int> elements = validation::read_elements(table);
  config.reject_unknown_keys();
  recon::check(options);
  const std::filesystem::path report = report_beside(a.out);
  recon::ClassifyOptions classify;
  classify.elements = elements;
  const core::Volume volume = core::read_mrc_volume(a.volume);
  ProgressLine line("trace");
  const recon::SpeciesModel model = recon::trace_species(volume, options, classify, a.threads, line.sink());
  const recon::TraceSummary& summary = model.trace.summary;
  line.clear();
  core::write_xyz(a.out, model.atoms);
  validation::write_trace_report(report, model, validation::eam_energy(model.atoms));
  for (const std::string& note : model.trace.notes)
    fmt::print(stderr, "note: {}\n", note);
  fmt::print("{}: {} atoms from {} candidates", a.out, model.atoms.size(), summary.candidates);
  for (std::size_t i = 1; i < recon::fate_count; ++i) {
    const auto fate = static_cast<recon::Fate>(i);
    if (summary.count(fate) > 0) fmt::print(", {} {}", summary.count(fate), recon::fate_name(fate));
  }
  if (model.classes) fmt::print("; {}", validation::classification_sentence(*model.classes));
  fmt::print("\n");
}

} // namespace

void add_trace(CLI::App& app) {
  auto a = std::make_shared<TraceArguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("trace", "Atoms from a volume, by polynomial fits to its peaks");
  command->footer("Example: aetval trace volume.mrc --element Pt --out model.xyz\n"
                  "Writes model.xyz and model.json (candidates, reasons for rejection, thresholds).");
  command->add_option("VOLUME", a->volume, "Volume (.mrc)")->required();
  command
      ->add_option("--element", a->element,
                   "Element of every atom, for example Pt; several, such as \"Fe Pt\", are classified")
      ->required();
  command->add_option("--out", a->out, "Atoms to write (.xyz)")->required();
  const SettingOptions settings(*command, "trace", {{"element", ""}});
  add_threads(*command, a->threads);
  command->callback([a, settings] { trace(*a, settings.config()); });
}

} // namespace aet::cli
