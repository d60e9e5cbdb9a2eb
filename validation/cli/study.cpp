#include "validation/study/study.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "validation/cli/case_file.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/versions.hpp"
#include "validation/stages/run.hpp"
#include "validation/study/results.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

namespace aet::cli {

namespace {

namespace fs = std::filesystem;

struct StudyArguments {
  std::string study;
  std::string out;
  bool dry_run = false;
  core::Threads threads;
  std::string command;
};

std::string describe(const validation::Study& study, const validation::StudyPoint& point) {
  std::string text;
  for (const std::string& axis : study.axes)
    text += fmt::format("{} = {}, ", axis, point.settings.at(axis));
  return text + fmt::format("seed {}", point.seed);
}

void print_plan(const validation::Study& study, core::Threads threads) {
  double seconds = 0.0;
  for (const validation::StudyPoint& point : study.points) {
    const validation::Case settings = validation::read_case_text(point.case_toml, point.case_file);
    double of_point = 0.0;
    for (const validation::Stage& stage : validation::stages_of(settings))
      of_point += stage.predict(settings, threads).wall_s;
    seconds += of_point;
    fmt::print("{:<40} {:>12}   {}\n", point.name, human_seconds(of_point), describe(study, point));
  }
  fmt::print("{} points, at most {} with {} threads: what points share is done once\n", study.points.size(),
             human_seconds(seconds), threads.count);
}

void write_results(const validation::Study& study, const fs::path& out,
                   const std::map<std::string, std::string>& failures) {
  const auto rows = validation::collect_results(study, out / "points", failures);
  core::write_file(out / "study.csv", validation::results_csv(study, rows));
  core::write_file(out / "study.html", validation::results_page(study, rows));
  for (std::size_t i = 0; i < study.figures.size(); ++i) {
    core::write_file(out / fmt::format("figure_{}.svg", i + 1),
                     validation::results_chart(study, study.figures[i], rows));
  }
}

/// \return whether anything was left to do.
bool run_point(const validation::StudyPoint& point, const StudyArguments& a, const fs::path& out,
               ProgressLine& line) {
  const validation::Case settings = validation::read_case_text(point.case_toml, point.case_file);
  validation::RunOptions options;
  options.run_dir = out / "points" / point.name;
  options.shared = out / "shared";
  options.resume = true;
  options.threads = a.threads;
  options.command = a.command;
  options.versions = library_versions();
  options.program = program_hash();
  validation::RunEvents events;
  events.progress = line.sink();
  bool worked = false;
  events.started = [&](const validation::Stage& stage, int /*number*/, int /*of*/,
                       const std::vector<std::string>& /*reasons*/) {
    worked = true;
    line.restart(stage.name);
  };
  (void)validation::run_case(settings, options, events);
  return worked;
}

void study(const StudyArguments& a) {
  const validation::Study study = validation::read_study(a.study);
  std::set<fs::path> cases;
  for (const validation::StudyPoint& point : study.points)
    if (cases.insert(point.case_file).second) warn_of_old_names(point.case_file);
  if (a.dry_run) {
    print_plan(study, a.threads);
    return;
  }
  const fs::path out = a.out.empty() ? fs::path("runs") / fs::path(a.study).stem() : fs::path(a.out);
  std::map<std::string, std::string> failures;
  ProgressLine line("");
  for (std::size_t i = 0; i < study.points.size(); ++i) {
    const validation::StudyPoint& point = study.points[i];
    fmt::print(stderr, "[{}/{}] {}\n", i + 1, study.points.size(), describe(study, point));
    try {
      const bool worked = run_point(point, a, out, line);
      line.clear();
      if (!worked) fmt::print(stderr, "      finished before\n");
    } catch (const core::Interrupted&) {
      line.clear();
      write_results(study, out, failures);
      throw core::Interrupted("stopped on request; what is finished is kept, the same command goes on.");
    } catch (const core::Error& e) { // one point that cannot be run leaves the others
      line.clear();
      failures[point.name] = e.what();
      fmt::print(stderr, "      failed: {}\n", e.what());
    }
    write_results(study, out, failures);
  }
  fmt::print("study: {}\n", (out / "study.html").string());
  if (!failures.empty()) {
    throw core::ExternalError(fmt::format("{} of {} points failed; the same command tries them again.",
                                          failures.size(), study.points.size()));
  }
}

} // namespace

void add_study(CLI::App& app, const std::string& command_line) {
  auto a = std::make_shared<StudyArguments>();
  a->threads = core::all_cores();
  a->command = command_line;
  CLI::App* command =
      app.add_subcommand("study", "Cases over a grid of settings and seeds: how accuracy depends on them");
  command->footer(
      "Example: aetval study inputs/study_dose.toml --out runs/study_dose\n"
      "Run again, it resumes where it stopped. Points that share a specimen or its images before\n"
      "counts compute them once. Writes study.html, study.csv, figure_1.svg, ... and points/.");
  command->add_option("STUDY", a->study, "Study file (.toml)")->required();
  command->add_option("--out", a->out, "Folder; default: runs/NAME_OF_STUDY");
  command->add_flag("--dry-run", a->dry_run, "Check all points and predict their time");
  add_threads(*command, a->threads);
  command->callback([a] { study(*a); });
}

} // namespace aet::cli
