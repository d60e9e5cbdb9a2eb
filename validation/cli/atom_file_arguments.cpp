#include "validation/cli/atom_file_arguments.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/io/text_lines.hpp"

#include <algorithm>

namespace aet::cli {

void add_atom_file_options(CLI::App& command, AtomFileArguments& arguments) {
  command.add_option("--types", arguments.types,
                     "Elements of LAMMPS types 1, 2, ... such as Fe,Pt, for dumps without them");
}

core::AtomFileOptions atom_file_options(const AtomFileArguments& arguments) {
  core::AtomFileOptions options;
  std::string types = arguments.types;
  std::replace(types.begin(), types.end(), ',', ' ');
  for (const std::string_view symbol : core::split_words(types))
    options.type_elements.push_back(core::atomic_number(symbol));
  return options;
}

} // namespace aet::cli
