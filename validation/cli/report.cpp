#include "validation/report/report.hpp"

#include "validation/cli/commands.hpp"

#include <fmt/format.h>

#include <memory>

namespace aet::cli {

void add_report(CLI::App& app) {
  auto dir = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("report", "Report page of a run directory");
  command->footer(
      "Example: aetval report runs/quickstart\nWrites report.html there; a section without data says so.");
  command->add_option("DIR", *dir, "Run directory")->required();
  command->callback([dir] {
    validation::write_report(*dir);
    fmt::print("{}/report.html\n", *dir);
  });
}

} // namespace aet::cli
