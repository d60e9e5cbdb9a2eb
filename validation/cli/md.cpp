#include "sim/core/error.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/pipeline/stage.hpp"

#include <fmt/format.h>

#include <memory>

namespace aet::cli {

namespace {

struct Arguments {
  std::string case_file;
  std::string out;
};

void md(const Arguments& a) {
  const validation::Case settings = validation::read_case(a.case_file);
  if (settings.truth.source != validation::TruthSource::md) {
    throw core::ConfigError(
        fmt::format("{}: [truth] source is not \"md\"; use 'aetval build' for a particle.", a.case_file));
  }
  ProgressLine line("md");
  const validation::StageOutcome outcome =
      validation::run_truth({a.out, settings, "", core::Threads{}, line.sink()});
  line.clear();
  for (const std::string& note : outcome.notes)
    fmt::print("note: {}\n", note);
  for (const std::string& file : outcome.outputs)
    fmt::print("{}/{}\n", a.out, file);
}

} // namespace

void add_md(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("md", "Truth by molecular dynamics (LAMMPS)");
  command->footer("Example: aetval md --case inputs/quickstart.toml --out runs/md\n"
                  "Settings: table [truth] of the case. Writes truth/t000.xyz, ... and truth/md/ there.");
  command->add_option("--case", a->case_file, "Case file (.toml)")->required();
  command->add_option("--out", a->out, "Directory to write to")->required();
  command->callback([a] { md(*a); });
}

} // namespace aet::cli
