#include "validation/case/reference.hpp"
#include "validation/cli/commands.hpp"

#include <fmt/core.h>

#include <memory>
#include <string>

namespace aet::cli {

namespace {

struct ConfigArguments {
  std::string table;
  bool markdown = false;
};

void config(const ConfigArguments& a) {
  const auto tables = validation::tables_called(a.table);
  fmt::print("{}", a.markdown ? validation::settings_markdown(tables) : validation::settings_text(tables));
}

} // namespace

void add_config(CLI::App& app) {
  auto a = std::make_shared<ConfigArguments>();
  CLI::App* command =
      app.add_subcommand("config", "The settings of a case: defaults, units, ranges, meanings");
  command->footer("Example: aetval config images.noise\nWithout a table, all are shown.");
  command->add_option("TABLE", a->table, "A table of the case, such as refine or images.noise");
  command->add_flag("--markdown", a->markdown, "As the page inputs/settings.md");
  command->callback([a] { config(*a); });
}

} // namespace aet::cli
