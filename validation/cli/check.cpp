#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "validation/cli/commands.hpp"
#include "validation/score/baseline.hpp"
#include "validation/score/run_scores.hpp"
#include "validation/score/score_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace aet::cli {

namespace {

struct CheckArguments {
  std::string run;
  std::string baseline;
  bool update = false;
  std::string junit;
  std::string markdown;
  validation::BaselineOptions options;
};

void compare(const CheckArguments& a, const validation::StoredRun& run, validation::RunScores& scores) {
  const validation::Baseline baseline = validation::read_baseline(a.baseline);
  const validation::StoredRun& accepted = baseline.history.back();
  fmt::print("against {} run{} of '{}', the last of {} with aetval {}, seed {}\n", baseline.history.size(),
             baseline.history.size() == 1 ? "" : "s", accepted.case_name, accepted.date, accepted.version,
             accepted.seed);
  scores.notes = validation::changed_settings(run, baseline);
  for (const std::string& change : scores.notes)
    fmt::print("  setting changed: {}\n", change);
  const auto checks = validation::compare_with_baseline(run, baseline, a.options);
  scores.checks.insert(scores.checks.end(), checks.begin(), checks.end());
}

void check(const CheckArguments& a) {
  if (a.update && a.baseline.empty())
    throw core::ConfigError("--update needs --baseline FILE: the file to record the run in.");
  const validation::StoredRun run = validation::read_stored_run(a.run);
  validation::RunScores scores;
  scores.case_name = run.case_name;
  scores.checks = validation::read_checks(a.run);
  const bool first = !a.baseline.empty() && !std::filesystem::exists(a.baseline);
  if (first && !a.update) {
    throw core::DataError(
        fmt::format("there is no baseline '{}'; record this run as its first with --update.", a.baseline));
  }
  if (!a.baseline.empty() && !first) compare(a, run, scores);
  fmt::print("{}", validation::format_checks_text(scores.checks));
  if (!a.junit.empty()) core::write_file(a.junit, validation::junit_xml(scores));
  if (!a.markdown.empty()) core::write_file(a.markdown, validation::score_markdown(scores));
  if (a.update) {
    validation::record_in_baseline(a.baseline, run);
    fmt::print("recorded in {}\n", a.baseline);
    return; // accepted on purpose
  }
  const auto failed = std::count_if(scores.checks.begin(), scores.checks.end(),
                                    [](const auto& c) { return c.status == validation::CheckStatus::fail; });
  if (failed > 0)
    throw core::Error(fmt::format("{} of {} checks failed.", failed, scores.checks.size()),
                      core::ExitCode::check_failed);
}

} // namespace

void add_check(CLI::App& app) {
  auto a = std::make_shared<CheckArguments>();
  CLI::App* command = app.add_subcommand("check", "A run's checks, and its figures against accepted ones");
  command->footer(
      "Example: aetval check runs/quickstart --baseline inputs/baselines/quickstart.json\n"
      "Exit code 1 if a check fails or a figure is worse than chance explains. --update accepts the\n"
      "run as it is: it becomes what later runs are compared with.");
  command->add_option("RUN", a->run, "Run directory")->required();
  command->add_option("--baseline", a->baseline, "Accepted runs of the case (.json)");
  command->add_flag("--update", a->update, "Record this run in the baseline");
  command
      ->add_option("--false-alarm", a->options.false_alarm,
                   "Chance that a run no worse than the baseline fails, all figures together")
      ->capture_default_str();
  command->add_option("--junit", a->junit, "Write all checks there (.xml)");
  command->add_option("--markdown", a->markdown, "Write a summary there (.md)");
  command->callback([a] { check(*a); });
}

} // namespace aet::cli
