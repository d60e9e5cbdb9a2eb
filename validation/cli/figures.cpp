#include "validation/cli/commands.hpp"
#include "validation/figures/schemas.hpp"
#include "validation/figures/table.hpp"

#include <fmt/core.h>

#include <memory>
#include <string>

namespace aet::cli {

void add_figures(CLI::App& app) {
  struct FiguresArguments {
    std::string name;
    std::string schema;
  };
  auto a = std::make_shared<FiguresArguments>();
  CLI::App* command =
      app.add_subcommand("figures", "What the numbers of a score mean, and how each is judged");
  command->footer(
      "Example: aetval figures nuclei.f1\n"
      "Without a name: all figures; with a group (atoms, volume, order, nuclei, opg, dynamics) or a\n"
      "figure: those alone. A key of [checks] is the figure's name with _ for dots, without \"atoms.\"\n"
      "and with _min or _max at its end: recall_min = 0.95.");
  CLI::Option* name = command->add_option("NAME", a->name, "A figure or a group of figures");
  command
      ->add_option("--schema", a->schema,
                   "Print the JSON Schema of a file instead: scores, manifest or baseline")
      ->excludes(name);
  command->callback([a] {
    fmt::print("{}", a->schema.empty() ? validation::describe_figures(a->name)
                                       : validation::schema_text(a->schema));
  });
}

} // namespace aet::cli
