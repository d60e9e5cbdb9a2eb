#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/atom_files.hpp"
#include "validation/cli/case_file.hpp"
#include "validation/cli/commands.hpp"

#include <fmt/core.h>

#include <map>
#include <memory>
#include <optional>

namespace aet::cli {

namespace {

struct BuildArguments {
  std::string case_file;
  std::string out;
  std::optional<std::uint64_t> seed;
};

void build(const BuildArguments& a) {
  static_cast<void>(core::atom_format(a.out)); // before any work
  const validation::Case settings = read_case_file(a.case_file, a.seed);
  if (settings.truth->source != validation::TruthSource::particle) {
    throw core::ConfigError(fmt::format(
        "{}: [truth] has no particle to build; set source = \"particle\" there, as inputs/fept.toml does.",
        a.case_file));
  }
  const specimen::Particle particle = validation::build_particle(*settings.truth);
  core::write_atoms(a.out, particle.atoms);
  std::map<int, int> counts;
  for (const int z : particle.atoms.atomic_numbers)
    ++counts[z];
  std::string formula;
  for (const auto& [z, n] : counts)
    formula += fmt::format(" {}{}", core::element_symbol(z), n);
  fmt::print("{}: {} atoms,{}, size {:.2f} A, nearest distance {:.3f} A", a.out, particle.atoms.size(),
             formula, particle.size_a, particle.minimum_distance_a);
  if (particle.trimmed > 0) fmt::print(", {} taken off the complete body", particle.trimmed);
  if (particle.vacancies > 0) fmt::print(", {} vacancies", particle.vacancies);
  fmt::print("\n");
  for (const specimen::RegionSummary& r : particle.regions) {
    fmt::print("{}: {}, {} atoms, fraction of the first element {:.4f}", r.name, r.phase, r.atoms,
               r.fraction_a);
    if (r.order_parameter) fmt::print(", order parameter {:.4f}", *r.order_parameter);
    fmt::print("\n");
  }
}

} // namespace

void add_build(CLI::App& app) {
  auto a = std::make_shared<BuildArguments>();
  CLI::App* command =
      app.add_subcommand("build", "A particle built to specification, with columns that record its truth");
  command->footer(
      "Example: aetval build inputs/fept.toml --out particle.xyz\n"
      "Settings: table [truth] of the case with source = \"particle\". Columns: grain, phase (0 A1,\n"
      "1 L1_0, 2 L1_2 A3B, 3 L1_2 AB3, 4 amorphous), sublattice, ordered, planted, order_wanted, u_rms.");
  command->add_option("CASE", a->case_file, "Case file (.toml)")->required();
  command->add_option("--out", a->out, "Atoms to write (.xyz, .dump, .vasp)")->required();
  command->add_option("--seed", a->seed, "Seed of all random streams, instead of the case's")
      ->check(CLI::Range(0.0, 9e15));
  command->callback([a] { build(*a); });
}

} // namespace aet::cli
