#include "sim/core/elements.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/zhou_eam.hpp"
#include "validation/cli/commands.hpp"

#include <fmt/core.h>

#include <memory>

namespace aet::cli {

namespace {

struct PotentialArguments {
  std::vector<std::string> elements;
  std::string out;
};

void potential(const PotentialArguments& a) {
  std::vector<int> numbers;
  for (const std::string& symbol : a.elements)
    numbers.push_back(core::atomic_number(symbol));
  const std::string text = md::zhou_setfl(numbers);
  core::write_file(a.out, text);
  fmt::print("{}: eam/alloy, {} elements, SHA-256 {}\n", a.out, numbers.size(), core::sha256(text));
}

} // namespace

void add_potential(CLI::App& app) {
  auto a = std::make_shared<PotentialArguments>();
  CLI::App* command =
      app.add_subcommand("potential", "Embedded-atom potential of Zhou, Johnson and Wadley (2004) as a file");
  command->footer(
      "Example: aetval potential Fe Pt --out FePt.eam.alloy\n"
      "Fe and Pt are known. In a case: potential = \"FePt.eam.alloy\", potential_style = \"eam/alloy\";\n"
      "for one element also potential = \"zhou2004\".");
  command->add_option("ELEMENTS", a->elements, "Elements, in the order of the file")->required();
  command->add_option("--out", a->out, "File to write")->required();
  command->callback([a] { potential(*a); });
}

} // namespace aet::cli
