#include "validation/report/report.hpp"

#include "validation/cli/commands.hpp"
#include "validation/score/baseline.hpp"

#include <fmt/core.h>

#include <memory>

namespace aet::cli {

namespace {

struct ReportArguments {
  std::string dir;
  std::string baseline;
};

void report(const ReportArguments& a) {
  if (a.baseline.empty()) {
    validation::write_report(a.dir);
  } else {
    validation::write_report(a.dir, validation::scores_against(a.dir, validation::read_baseline(a.baseline)));
  }
  fmt::print("{}/report.html\n", a.dir);
}

} // namespace

void add_report(CLI::App& app) {
  auto a = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand("report", "Report page of a run directory");
  command->footer("Example: aetval report runs/quickstart --baseline inputs/baselines/quickstart.json\n"
                  "Writes report.html there; a section without data says so. With a baseline the page shows\n"
                  "the change against the last accepted run, and where the run stands among all of them.");
  command->add_option("DIR", a->dir, "Run directory")->required();
  command->add_option("--baseline", a->baseline,
                      "Accepted runs of the case (.json), as `aetval check` keeps them");
  command->callback([a] { report(*a); });
}

} // namespace aet::cli
