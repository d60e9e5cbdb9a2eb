#include "sim/core/io/atom_files.hpp"
#include "validation/cli/atom_file_arguments.hpp"
#include "validation/cli/commands.hpp"

#include <fmt/core.h>

#include <memory>
#include <optional>

namespace aet::cli {

namespace {

struct ConvertArguments {
  std::string in;
  std::string out;
  AtomFileArguments files;
  std::optional<long> frame;
  std::optional<std::uint64_t> occupancy_seed;
};

void convert(const ConvertArguments& a) {
  static_cast<void>(core::atom_format(a.out)); // before any work
  core::AtomFileOptions options = atom_file_options(a.files);
  options.frame = a.frame;
  options.occupancy_seed = a.occupancy_seed;
  const core::Atoms atoms = core::read_atoms(a.in, options);
  core::write_atoms(a.out, atoms);
  fmt::print("{}: {} atoms\n", a.out, atoms.size());
}

} // namespace

void add_convert(CLI::App& app) {
  auto a = std::make_shared<ConvertArguments>();
  CLI::App* command = app.add_subcommand("convert", "Atoms from one file format into another");
  command->footer(
      "Example: aetval convert particle.xyz particle.dump.gz\n"
      "         aetval convert trajectory.dump first.xyz --frame 0 --types Fe,Pt\n"
      "Reads .xyz .extxyz .dump .lammpstrj (.gz) .cif .vasp POSCAR; writes all of them but .cif.");
  command->add_option("IN", a->in, "Atoms to read")->required();
  command->add_option("OUT", a->out, "Atoms to write")->required();
  add_atom_file_options(*command, a->files);
  command->add_option("--frame", a->frame, "Frame of a dump, 0 is the first; default: the last");
  command
      ->add_option("--occupancy-seed", a->occupancy_seed,
                   "Fill CIF sites that are occupied in part at random, with this seed")
      ->check(CLI::Range(0.0, 9e15));
  command->callback([a] { convert(*a); });
}

} // namespace aet::cli
