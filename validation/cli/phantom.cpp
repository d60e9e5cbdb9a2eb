#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/case/phantom_series.hpp"
#include "validation/cli/commands.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace aet::cli {

namespace {

struct PhantomArguments {
  std::string file;
  std::string out;
  std::optional<std::uint64_t> seed;
};

void phantom(const PhantomArguments& a) {
  const validation::PhantomSeries series = validation::build_phantom_series(a.file, a.seed);
  const std::filesystem::path dir = a.out;
  std::filesystem::create_directories(dir);
  std::size_t moment = 0;
  for (const core::Atoms& atoms : series.moments) {
    const std::filesystem::path path = dir / fmt::format("moment_{}.xyz", ++moment);
    core::write_xyz(path, atoms);
    fmt::print("{}: {} atoms\n", path.string(), atoms.size());
  }
  core::write_file(dir / "events.json", validation::events_json(series.events).dump(1) + "\n");
  fmt::print("{}: {} events\n", (dir / "events.json").string(), series.events.size());
}

} // namespace

void add_phantom(CLI::App& app) {
  auto a = std::make_shared<PhantomArguments>();
  CLI::App* command = app.add_subcommand(
      "phantom", "Particles over time whose nuclei grow, dissolve, merge and divide as planted");
  command->footer(
      "Example: aetval phantom inputs/phantom_fept.toml --out phantom\n"
      "Writes moment_1.xyz, ... (columns record what was planted) and events.json. A case images them\n"
      "with [truth] source = \"file\".");
  command->add_option("FILE", a->file, "What is planted (.toml)")->required();
  command->add_option("--out", a->out, "Folder to write into")->required();
  command->add_option("--seed", a->seed, "Seed of all random streams, instead of the file's")
      ->check(CLI::Range(0.0, 9e15));
  command->callback([a] { phantom(*a); });
}

} // namespace aet::cli
