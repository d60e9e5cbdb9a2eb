#include "analysis/analysis_json.hpp"
#include "analysis/frame_analysis.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/cli/commands.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <vector>

namespace aet::cli {

namespace {

struct Arguments {
  std::vector<std::string> atoms;
  std::string json;
  std::string out_dir;
  core::Threads threads;
  std::optional<double> cutoff_a;
  analysis::AnalysisOptions options;
};

void analyze(const Arguments& a) {
  analysis::AnalysisOptions options = a.options;
  options.neighbour_cutoff_a = a.cutoff_a;
  std::vector<analysis::FrameAnalysis> frames;
  for (const std::string& path : a.atoms) {
    const std::filesystem::path file(path);
    frames.push_back(analysis::analyze_frame(core::read_xyz(file), options, a.threads, file.stem().string()));
    const analysis::FrameAnalysis& frame = frames.back();
    if (!a.out_dir.empty()) core::write_xyz(std::filesystem::path(a.out_dir) / file.filename(), frame.atoms);
    if (a.json != "-") {
      fmt::print("{}: {} atoms, cut-off {:.3f} A, {:.2f} neighbours, Q4 {:.4f}, Q6 {:.4f}, alpha {:.4f}, {} "
                 "nuclei\n",
                 path, frame.atoms.size(), frame.neighbour_cutoff_a, frame.mean_neighbours, frame.q4_mean,
                 frame.q6_mean, frame.alpha_mean, frame.nuclei.size());
    }
  }
  if (a.json.empty()) return;
  const auto dynamics = analysis::analyze_dynamics(frames, {}, a.threads);
  const std::string text = analysis::to_json(frames, dynamics).dump(1) + "\n";
  if (a.json == "-") {
    fmt::print("{}", text);
  } else {
    core::write_file(a.json, text);
  }
}

} // namespace

void add_analyze(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  a->threads = core::all_cores();
  CLI::App* command =
      app.add_subcommand("analyze", "Order, nuclei, their dynamics and OPG profiles of atoms");
  command->footer(
      "Example: aetval analyze t000.xyz t001.xyz t002.xyz --json analysis.json --out-dir ordered\n"
      "Several files are taken as moments of one specimen, in the order of time.");
  command->add_option("ATOMS", a->atoms, "Atoms (.xyz), one file a moment")->required();
  command->add_option("--json", a->json, "Write the analysis there (- for standard output)");
  command->add_option("--out-dir", a->out_dir,
                      "Write the atoms there, with columns q4, q6, alpha, nucleus, ...");
  command->add_option("--cutoff-a", a->cutoff_a,
                      "Neighbour cut-off [angstrom]; default: first minimum of g(r)");
  command->add_option("--nucleus-min-atoms", a->options.nuclei.min_atoms, "Smallest nucleus")
      ->capture_default_str();
  command->add_option("--nucleus-threshold", a->options.nuclei.threshold, "Smallest alpha of a member")
      ->capture_default_str();
  add_threads(*command, a->threads);
  command->callback([a] { analyze(*a); });
}

} // namespace aet::cli
