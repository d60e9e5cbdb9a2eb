#include "analysis/moment/moment_chance.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "validation/cli/atom_file_arguments.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/study/chart.hpp"
#include "validation/synthesis/md_order.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

namespace aet::cli {

namespace {

struct NucleationArguments {
  std::string trajectory;
  std::string out;
  std::string title = "Nucleation";
  int average = 10;
  int every = 10;
  double timestep_ps = 0.0;
  bool periodic = false;
  core::Threads threads;
  AtomFileArguments files;
  analysis::AnalysisOptions options;
};

validation::ChartCurve curve(const std::string& name, const std::vector<validation::OrderRow>& rows,
                             double (*value)(const validation::OrderRow&)) {
  validation::ChartCurve out;
  out.name = name;
  for (const validation::OrderRow& row : rows)
    out.points.push_back({row.time_ps, value(row), {}, {}});
  return out;
}

nlohmann::json optional_json(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

void nucleation(const NucleationArguments& a) {
  const md::Trajectory trajectory =
      md::read_trajectory(a.trajectory, a.timestep_ps, atom_file_options(a.files));
  const auto average = static_cast<std::size_t>(a.average);
  ProgressLine line("nucleation");
  const core::ProgressSink sink = line.sink();
  std::vector<validation::OrderRow> rows;
  analysis::AnalysisOptions options = a.options;
  std::optional<analysis::ChanceNuclei> chance; // told from the first moment
  std::vector<analysis::NucleiSnapshot> moments;
  for (std::size_t first = 0; first + average <= trajectory.size();
       first += static_cast<std::size_t>(a.every)) {
    const double time_ps = 0.5 * (trajectory.times_ps[first] + trajectory.times_ps[first + average - 1]);
    const std::vector<core::Atoms> frames = validation::block_frames(trajectory, first, average, a.periodic);
    auto frame = analysis::analyze_frames(frames, options, a.threads, fmt::format("{} ps", time_ps));
    options.neighbour_cutoff_a = frame.neighbour_cutoff_a; // one for all moments
    if (!chance) chance = analysis::fluid_chance(frames, frame, options, {}, a.threads);
    analysis::set_chance(frame, *chance);
    rows.push_back(validation::order_row(frame, time_ps));
    moments.push_back(analysis::snapshot(frame));
    core::report(sink, {static_cast<double>(first + average), static_cast<double>(trajectory.size()),
                        "frames", fmt::format("{:.0f} ps, {} nuclei", time_ps, frame.nuclei.size())});
  }
  line.clear();
  if (rows.empty())
    throw core::DataError(fmt::format("{}: {} frames are too few for a mean of {}; average fewer (--average)",
                                      a.trajectory, trajectory.size(), a.average));
  const std::filesystem::path out(a.out);
  core::write_file(out / "order.csv", validation::order_csv(rows));
  nlohmann::json summary{{"trajectory", std::filesystem::path(a.trajectory).filename().string()},
                         {"atoms", trajectory.atomic_numbers.size()},
                         {"frames", trajectory.size()},
                         {"frames_averaged", a.average},
                         {"moments", rows.size()}};
  summary["dynamics"] =
      nlohmann::json::parse(validation::dynamics_counts(analysis::analyze_dynamics(moments, {}, a.threads)));
  summary["chance"] = {
      {"how", chance->how},
      {"realizations", chance->realizations},
      {"nuclei_a_moment", chance->expected()},
      {"surface_share", optional_json(chance->surface_share())},
      {"core_rank", chance->core_rank() ? nlohmann::json(chance->core_rank()->mean) : nlohmann::json()}};
  core::write_file(out / "nucleation.json", summary.dump(1) + "\n");
  validation::Chart chart;
  chart.title = a.title;
  chart.x_label = "time [ps]";
  chart.y_label = "fraction of atoms";
  chart.curves = {curve("alpha of at least 0.5", rows, [](const auto& r) { return r.fraction_05; }),
                  curve("alpha of at least 0.3", rows, [](const auto& r) { return r.fraction_03; })};
  core::write_file(out / "order.svg", validation::svg_of(chart));
  chart.y_label = "nuclei";
  chart.curves = {
      curve("all", rows, [](const auto& r) { return static_cast<double>(r.nuclei); }),
      curve("near the surface", rows, [](const auto& r) { return static_cast<double>(r.surface_nuclei); })};
  core::write_file(out / "nuclei.svg", validation::svg_of(chart));
  fmt::print("{} moments of {} atoms; {}\n", rows.size(), trajectory.atomic_numbers.size(),
             summary["dynamics"].dump());
  fmt::print(
      "by chance, in a fluid of the same density and outline: {:.1f} nuclei a moment, {} of them near the "
      "surface\n",
      chance->expected(),
      chance->surface_share() ? fmt::format("{:.0f} %", 100.0 * *chance->surface_share()) : "none");
}

} // namespace

void add_nucleation(CLI::App& app) {
  auto a = std::make_shared<NucleationArguments>();
  a->threads = core::all_cores();
  CLI::App* command =
      app.add_subcommand("nucleation", "Order and nuclei along a molecular dynamics trajectory");
  command->footer(
      "Example: aetval nucleation runs/md/truth/md/hold/trajectory.dump.gz --out runs/md/nucleation\n"
      "Writes order.csv, order.svg, nuclei.svg and nucleation.json there. The order of a moment is the mean\n"
      "over ten frames, unless --average says otherwise. Nuclei that chance makes as well, in a fluid of "
      "the\n"
      "same density and outline, are counted but take no part in the dynamics.");
  command->add_option("TRAJECTORY", a->trajectory, "LAMMPS dump, plain or .gz")->required();
  command->add_option("--out", a->out, "Directory to write to")->required();
  command->add_option("--title", a->title, "Title of the figures");
  command->add_option("--average", a->average, "Number of frames averaged for a moment")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--every", a->every, "Number of frames from one moment to the next")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--timestep-ps", a->timestep_ps, "Timestep, if the dump holds no times [ps]");
  command->add_flag("--periodic", a->periodic, "The atoms fill their box (bulk)");
  command->add_option(
      "--cutoff-a", a->options.neighbour_cutoff_a,
      "Neighbour cut-off [angstrom]; default: 3.8 for Pt, else the first minimum of g(r) of the "
      "first moment");
  command
      ->add_option("--nucleus-threshold", a->options.nuclei.threshold,
                   "Smallest alpha of an atom of a nucleus")
      ->capture_default_str();
  command->add_option("--nucleus-min-atoms", a->options.nuclei.min_atoms, "Fewest atoms of a nucleus")
      ->capture_default_str();
  add_atom_file_options(*command, a->files);
  add_threads(*command, a->threads);
  command->callback([a] { nucleation(*a); });
}

} // namespace aet::cli
