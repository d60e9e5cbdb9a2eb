// Cost of scoring 25,000 atoms at three moments and writing the page, one JSON object on standard output.
//
// bench_report [RADIUS_A]   (default 45 A: 25,000 atoms of platinum)
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "tests/bench/process_usage.hpp"
#include "tests/unit/report/synthetic_run.hpp"
#include "validation/report/report.hpp"
#include "validation/score/checks.hpp"
#include "validation/score/score_files.hpp"
#include "validation/score/score_json.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace {

using namespace aet;
namespace fs = std::filesystem;

constexpr int frames = 3;

/// The artefacts of a run, made in a process of its own so that its memory does not count.
void make_run(const fs::path& dir, double radius_a) {
  const pid_t child = fork();
  if (child < 0) throw core::ExternalError("no process to make the run in.");
  if (child == 0) {
    test::SyntheticRun what;
    what.frames = frames;
    what.radius_a = radius_a;
    what.box = 4 * static_cast<int>((radius_a + 3.0) / 0.8);
    try {
      test::write_synthetic_run(dir, what);
    } catch (const std::exception& e) {
      std::fputs(fmt::format("bench_report: {}\n", e.what()).c_str(), stderr);
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw core::ExternalError("the run could not be made.");
}

/// What the stage score does with a moment, without the limit; and the files it leaves.
std::size_t score(const fs::path& dir) {
  validation::RunScores scores;
  scores.case_name = "25,000 atoms at three moments";
  std::size_t atoms = 0;
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = fmt::format("t{:03}", frame);
    const core::Atoms truth = core::read_xyz(dir / fmt::format("analysis/truth_{}.xyz", name));
    const core::Atoms model = core::read_xyz(dir / fmt::format("analysis/model_{}.xyz", name));
    atoms = truth.size();
    scores.frames.push_back(validation::score_frame(name, truth, model));
    core::write_file(dir / fmt::format("analysis/matches_{}.json", name),
                     validation::json_text(validation::match_json(scores.frames.back().match)));
  }
  scores.checks =
      validation::evaluate_checks(scores.frames, {{"atoms.recall", validation::Direction::at_least, 0.99},
                                                  {"atoms.rmsd_pm", validation::Direction::at_most, 30.0}});
  core::write_file(dir / "scores.json", validation::json_text(validation::score_json(scores)));
  core::write_file(dir / "report.md", validation::score_markdown(scores));
  core::write_file(dir / "junit.xml", validation::junit_xml(scores));
  return atoms;
}

} // namespace

int main(int argc, char** argv) {
  const fs::path dir = fs::temp_directory_path() / fmt::format("aetval_bench_report_{}", getpid());
  try {
    fs::create_directories(dir);
    make_run(dir, argc > 1 ? std::stod(argv[1]) : 45.0);
    const auto seconds_since = [](auto start) {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    const auto start = std::chrono::steady_clock::now();
    const std::size_t atoms = score(dir);
    const double score_s = seconds_since(start);
    validation::write_report(dir);
    const nlohmann::ordered_json out{
        {"atoms", atoms},
        {"frames", frames},
        {"seconds", seconds_since(start)},
        {"score_seconds", score_s},
        {"peak_memory_mb", bench::peak_bytes() / 1e6},
        {"html_mb", static_cast<double>(fs::file_size(dir / "report.html")) / 1e6}};
    std::fputs((out.dump(1) + "\n").c_str(), stdout);
  } catch (const std::exception& e) {
    std::fputs(fmt::format("bench_report: {}\n", e.what()).c_str(), stderr);
    fs::remove_all(dir);
    return 1;
  }
  fs::remove_all(dir);
  return 0;
}
