#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "validation/cli/case_file.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/versions.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace aet::cli {

namespace {

struct MdArguments {
  std::string case_file;
  std::string out;
  std::vector<std::uint64_t> seeds;
};

/// One run; its truth.json.
nlohmann::json run_one(const MdArguments& a, const std::string& out, std::optional<std::uint64_t> seed) {
  const validation::Case settings = read_case_file(a.case_file, seed);
  if (settings.truth->source != validation::TruthSource::md) {
    throw core::ConfigError(
        fmt::format("{}: [truth] source is not \"md\"; use 'aetval build' for a particle.", a.case_file));
  }
  ProgressLine line("md");
  validation::StageInputs inputs(settings, out, "truth", program_hash());
  const validation::StageOutcome outcome = validation::run_truth({out, inputs, core::Threads{}, line.sink()});
  line.clear();
  for (const std::string& note : outcome.notes)
    fmt::print("note: {}\n", note);
  for (const std::string& file : outcome.outputs)
    fmt::print("{}/{}\n", out, file);
  return nlohmann::json::parse(core::read_file(std::filesystem::path(out) / "truth/truth.json"));
}

/// The same with several seeds: where it was held, and when the first of the moments asked for was reached.
void run_seeds(const MdArguments& a) {
  std::string table = "seed,hold_k,crystallises,induction_ps\n";
  for (const std::uint64_t seed : a.seeds) {
    const nlohmann::json truth = run_one(a, fmt::format("{}/seed_{}", a.out, seed), seed);
    const bool found = truth.at("crystallisation_found").get<bool>();
    table += fmt::format("{},{},{},{}\n", seed, truth.at("hold_k").get<double>(), found ? "yes" : "no",
                         found ? fmt::format("{}", truth.at("frames").at(0).at("time_ps").get<double>())
                               : std::string());
  }
  core::write_file(std::filesystem::path(a.out) / "seeds.csv", table);
  fmt::print("{}", table);
}

void md(const MdArguments& a) {
  if (a.seeds.empty())
    static_cast<void>(run_one(a, a.out, {}));
  else
    run_seeds(a);
}

} // namespace

void add_md(CLI::App& app) {
  auto a = std::make_shared<MdArguments>();
  CLI::App* command = app.add_subcommand("md", "Truth by molecular dynamics (LAMMPS)");
  command->footer("Example: aetval md --case inputs/quickstart.toml --out runs/md\n"
                  "Settings: table [truth] of the case. Writes truth/t000.xyz, ... and truth/md/ there.");
  command->add_option("--case", a->case_file, "Case file (.toml)")->required();
  command->add_option("--out", a->out, "Directory to write to")->required();
  command
      ->add_option("--seeds", a->seeds,
                   "Run once for each of these seeds, in seed_N there, and write seeds.csv: "
                   "time from the start of the hold to the first of [truth] moments")
      ->delimiter(',');
  command->callback([a] { md(*a); });
}

} // namespace aet::cli
