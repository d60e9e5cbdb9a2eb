#include "recon/atoms/trace.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/pipeline/trace_report.hpp"

#include <fmt/format.h>

#include <memory>

namespace aet::cli {

namespace {

struct Arguments {
  std::string volume;
  std::string element;
  std::string out;
  core::Threads threads;
  recon::TraceOptions options;
};

void trace(const Arguments& a) {
  recon::TraceOptions options = a.options;
  options.element = core::atomic_number(a.element);
  const core::Volume volume = core::read_mrc_volume(a.volume);
  ProgressLine line("trace");
  const recon::TraceResult result = recon::trace_atoms(volume, options, a.threads, line.sink());
  line.clear();
  core::write_xyz(a.out, result.atoms);
  validation::write_trace_report(std::filesystem::path(a.out).replace_extension(".json"), result);
  fmt::print("{}: {} atoms from {} candidates", a.out, result.atoms.size(), result.summary.candidates);
  for (std::size_t i = 1; i < recon::fate_count; ++i) {
    const auto fate = static_cast<recon::Fate>(i);
    if (result.summary.count(fate) > 0)
      fmt::print(", {} {}", result.summary.count(fate), recon::fate_name(fate));
  }
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
  command->add_option("--element", a->element, "Element of every atom, for example Pt")->required();
  command->add_option("--out", a->out, "Atoms to write (.xyz)")->required();
  command
      ->add_option("--min-distance-a", a->options.min_distance_a, "Smallest distance of two atoms [angstrom]")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { trace(*a); });
}

} // namespace aet::cli
