#include "validation/stages/run.hpp"

#include "sim/core/error.hpp"
#include "validation/cli/case_file.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/versions.hpp"
#include "validation/stages/conclusion.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace aet::cli {

namespace {

namespace fs = std::filesystem;

struct RunArguments {
  std::string case_file;
  std::string out;
  validation::RunOptions options;
  std::optional<std::uint64_t> seed;
  bool dry_run = false;
};

void print_predictions(const validation::Case& settings, core::Threads threads) {
  fmt::print("{:<12} {:>10} {:>10} {:>10}   {}\n", "stage", "time", "memory", "disk", "what it does");
  validation::Prediction sum;
  for (const validation::Stage& stage : validation::stages_of(settings)) {
    const validation::Prediction p = stage.predict(settings, threads);
    fmt::print("{:<12} {:>10} {:>7.0f} MB {:>7.1f} MB   {}\n", stage.name, human_seconds(p.wall_s),
               p.memory_mb, p.disk_mb, stage.purpose);
    sum.wall_s += p.wall_s;
    sum.memory_mb = std::max(sum.memory_mb, p.memory_mb);
    sum.disk_mb += p.disk_mb;
  }
  fmt::print("{:<12} {:>10} {:>7.0f} MB {:>7.1f} MB   with {} threads; predicted from rates measured on a "
             "2023 server "
             "core\n",
             "all", human_seconds(sum.wall_s), sum.memory_mb, sum.disk_mb, threads.count);
}

/// The checks on the terminal; the exit code follows the verdict.
void conclude(const fs::path& run_dir) {
  const validation::Conclusion conclusion = validation::read_conclusion(run_dir / "scores.json");
  fmt::print("{}", conclusion.text);
  fmt::print("report: {}\n", (run_dir / "report.html").string());
  if (conclusion.failed) throw core::Error(conclusion.sentence, core::ExitCode::check_failed);
}

void run(const RunArguments& a) {
  const validation::Case settings = read_case_file(a.case_file, a.seed);
  if (a.dry_run) {
    print_predictions(settings, a.options.threads);
    return;
  }
  validation::RunOptions options = a.options;
  options.run_dir = a.out.empty() ? fs::path("runs") / fs::path(a.case_file).stem() : fs::path(a.out);
  options.versions = library_versions();
  options.program = program_hash();
  ProgressLine line("");
  validation::RunEvents events;
  events.progress = line.sink();
  events.started = [&](const validation::Stage& stage, int number, int of,
                       const std::vector<std::string>& reasons) {
    line.restart(stage.name);
    fmt::print(stderr, "[{}/{}] {}: {}\n", number, of, stage.name, stage.purpose);
    if (!reasons.empty()) {
      fmt::print(stderr, "      repeated because of {}{}\n", reasons.front(),
                 reasons.size() > 1 ? fmt::format(" (and {} more)", reasons.size() - 1) : "");
    }
  };
  events.skipped = [](const validation::Stage& stage) {
    fmt::print(stderr, "      {}: already done and still valid\n", stage.name);
  };
  events.finished = [&](const validation::Stage& /*stage*/, const validation::StageRecord& record) {
    line.clear();
    fmt::print(stderr, "      {} ({} of CPU time, {:.0f} MB)\n", human_seconds(record.usage.wall_s),
               human_seconds(record.usage.cpu_s), record.usage.peak_memory_mb);
  };
  const validation::Manifest manifest = validation::run_case(settings, options, events);
  line.clear();
  if (manifest.find("score") != nullptr &&
      (!options.to || *options.to == "score" || *options.to == "report")) {
    conclude(options.run_dir);
  }
}

} // namespace

void add_run(CLI::App& app, const std::string& command_line) {
  auto a = std::make_shared<RunArguments>();
  a->options.threads = core::all_cores();
  a->options.command = command_line;
  CLI::App* command =
      app.add_subcommand("run", "Everything: truth, images, volume, atoms, order, scores, report");
  command->footer("Example: aetval run inputs/quickstart.toml --out runs/quickstart\n"
                  "Stages: truth, image, prepare, align, reconstruct, trace, refine (with [refine]), "
                  "analyze, score, report.");
  command->add_option("CASE", a->case_file, "Case file (.toml)")->required();
  command->add_option("--out", a->out, "Run directory; default: runs/NAME_OF_CASE");
  command->add_flag("--resume", a->options.resume,
                    "Keep stages that are done and valid; continue where the run stopped");
  command->add_option("--from", a->options.from, "First stage to run again");
  command->add_option("--to", a->options.to, "Last stage to run");
  command->add_option("--seed", a->seed, "Seed of all random streams, instead of the case's")
      ->check(CLI::Range(0.0, 9e15));
  command->add_flag("--dry-run", a->dry_run,
                    "Check the case and predict time, memory and disk of each stage");
  add_threads(*command, a->options.threads);
  command->callback([a] { run(*a); });
}

} // namespace aet::cli
