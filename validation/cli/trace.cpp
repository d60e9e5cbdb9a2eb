#include "recon/atoms/species_model.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/recovery/classification_report.hpp"
#include "validation/recovery/trace_report.hpp"

#include <fmt/core.h>

#include <memory>

namespace aet::cli {

namespace {

struct Arguments {
  std::string volume;
  std::string element;
  std::string out;
  std::string method = "polynomial";
  core::Threads threads;
  recon::TraceOptions options;
};

void trace(const Arguments& a) {
  recon::TraceOptions options = a.options;
  recon::ClassifyOptions classify;
  classify.elements = validation::elements_from_text(a.element);
  if (classify.elements.empty()) throw core::ConfigError("--element is empty; give an element such as Pt");
  options.method = a.method == "gaussian" ? recon::PeakMethod::gaussian : recon::PeakMethod::polynomial;
  options.element = classify.elements.front();
  const core::Volume volume = core::read_mrc_volume(a.volume);
  ProgressLine line("trace");
  const recon::SpeciesModel model = recon::trace_species(volume, options, classify, a.threads, line.sink());
  const recon::TraceSummary& summary = model.trace.summary;
  line.clear();
  core::write_xyz(a.out, model.atoms);
  validation::write_trace_report(std::filesystem::path(a.out).replace_extension(".json"), model,
                                 validation::eam_energy(model.atoms));
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
  auto a = std::make_shared<Arguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("trace", "Atoms from a volume, by polynomial fits to its peaks");
  command->footer("Example: aetval trace volume.mrc --element Pt --out model.xyz\n"
                  "Writes model.xyz and model.json (candidates, reasons for rejection, thresholds).");
  command->add_option("VOLUME", a->volume, "Volume (.mrc)")->required();
  command
      ->add_option("--element", a->element,
                   "Element of every atom, for example Pt; several, such as \"Fe Pt\", are told apart")
      ->required();
  command->add_option("--out", a->out, "Atoms to write (.xyz)")->required();
  command
      ->add_option("--min-distance-a", a->options.min_distance_a, "Smallest distance of two atoms [angstrom]")
      ->capture_default_str();
  command->add_option("--method", a->method, "Peak fit: polynomial or gaussian")
      ->check(CLI::IsMember({"polynomial", "gaussian"}))
      ->capture_default_str();
  command
      ->add_option("--residual-looks", a->options.residual_looks,
                   "Times the atoms found are subtracted and the rest is searched again")
      ->capture_default_str();
  command
      ->add_option("--second-min-distance-a", a->options.second_min_distance_a,
                   "Check: trace again with this smaller distance and compare [angstrom]; 0: off")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { trace(*a); });
}

} // namespace aet::cli
