#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"
#include "validation/score/score_files.hpp"
#include "validation/score/score_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace aet::cli {

namespace {

struct Arguments {
  std::string truth;
  std::string model;
  std::string json;
  std::string alignment = "rigid";
  validation::ScoreOptions options;
};

void score(const Arguments& a) {
  validation::ScoreOptions options = a.options;
  if (a.alignment == "none") options.match.alignment = validation::Alignment::none;
  if (a.alignment == "translation") options.match.alignment = validation::Alignment::translation;
  if (a.alignment == "affine") options.match.alignment = validation::Alignment::affine;
  const core::Atoms truth = core::read_xyz(a.truth);
  const core::Atoms model = core::read_xyz(a.model);
  validation::RunScores scores;
  scores.case_name = std::filesystem::path(a.model).filename().string();
  scores.dynamics_reason = "one pair of models has no dynamics";
  scores.frames.push_back(validation::score_frame("t000", truth, model, options));
  const std::string text = validation::json_text(validation::score_json(scores));
  if (a.json == "-") {
    fmt::print("{}", text);
    return;
  }
  fmt::print("{}", validation::format_score_text(scores.frames.front()));
  if (!a.json.empty()) core::write_file(a.json, text);
}

} // namespace

void add_score(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("score", "Compare a model with the truth, atom by atom");
  command->footer(
      "Example: aetval score truth.xyz model.xyz --json scores.json\n"
      "Matching is one to one; the cut-off is half the truth's median nearest-neighbour distance.");
  command->add_option("TRUTH", a->truth, "True atoms (.xyz)")->required();
  command->add_option("MODEL", a->model, "Recovered atoms (.xyz)")->required();
  command->add_option("--json", a->json, "Write all scores there (- for standard output)");
  command->add_option("--cutoff-a", a->options.match.cutoff_a,
                      "Largest distance of a matched pair [angstrom]");
  command->add_option("--align", a->alignment, "What may be fitted before matching")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "translation", "rigid", "affine"}));
  command->add_flag("--any-rotation", a->options.match.any_rotation, "The model may be turned by any angle");
  command->callback([a] { score(*a); });
}

} // namespace aet::cli
