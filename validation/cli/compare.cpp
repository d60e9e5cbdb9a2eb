#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"
#include "validation/score/model_comparison.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace aet::cli {

namespace {

struct CompareArguments {
  std::string first;
  std::string second;
  std::string json;
  std::string out;
  validation::ComparisonOptions options;
};

nlohmann::json or_null(const std::optional<double>& value) {
  return value ? nlohmann::json(100.0 * *value) : nlohmann::json(nullptr);
}

std::string in_pm(const std::optional<double>& value) {
  return value ? fmt::format("{:.1f} pm", 100.0 * *value) : "not assessed (no common atoms)";
}

void compare(const CompareArguments& a) {
  const core::Atoms first = core::read_xyz(a.first);
  const core::Atoms second = core::read_xyz(a.second);
  const validation::ModelComparison c = validation::compare_models(first, second, a.options);
  const nlohmann::json j{{"first", first.size()},
                         {"second", second.size()},
                         {"pairs", c.pairs},
                         {"common", c.score.common},
                         {"other_species", c.other_species.size()},
                         {"taken_over", c.taken_over.size()},
                         {"consistency", c.score.consistency},
                         {"precision_pm", or_null(c.score.precision_a)},
                         {"mean_deviation_pm", or_null(c.score.mean_deviation_a)},
                         {"rmsd_pm", or_null(c.rmsd_a)},
                         {"rmsd_rigid_pm", or_null(c.rmsd_rigid_a)},
                         {"largest_strain", c.largest_strain}};
  if (!a.out.empty()) core::write_xyz(a.out, c.first);
  if (a.json == "-") {
    fmt::print("{}\n", j.dump(1));
    return;
  }
  if (!a.json.empty()) core::write_file(a.json, j.dump(1) + "\n");
  fmt::print("{} and {} atoms, {} pairs, {} of one species: consistency {:.2f} %\n", first.size(),
             second.size(), c.pairs, c.score.common, 100.0 * c.score.consistency);
  fmt::print(
      "precision {} (mean deviation {} / sqrt 2); RMSD {} after an affine, {} after a rigid correction\n",
      in_pm(c.score.precision_a), in_pm(c.score.mean_deviation_a), in_pm(c.rmsd_a), in_pm(c.rmsd_rigid_a));
  fmt::print("{} pairs of different species, {} taken from the partner with the higher probability\n",
             c.other_species.size(), c.taken_over.size());
}

} // namespace

void add_compare(CLI::App& app) {
  auto a = std::make_shared<CompareArguments>();
  CLI::App* command = app.add_subcommand(
      "compare", "Two models of one particle: consistency and precision (Zhou et al. 2019)");
  command->footer(
      "Example: aetval compare model1.xyz model2.xyz --json comparison.json\n"
      "Consistency: twice the common atoms (position and species) over all atoms. Precision: mean\n"
      "deviation of common atoms after an affine correction, over the root of two.");
  command->add_option("FIRST", a->first, "A model (.xyz)")->required();
  command->add_option("SECOND", a->second, "Another of the same particle (.xyz)")->required();
  command->add_option("--json", a->json, "Write the figures there (- for standard output)");
  command->add_option("--out", a->out,
                      "Write the first model with the species adopted from the other (.xyz)");
  command->add_option("--cutoff-a", a->options.cutoff_a, "Largest distance of a pair [angstrom]")
      ->capture_default_str();
  command->callback([a] { compare(*a); });
}

} // namespace aet::cli
