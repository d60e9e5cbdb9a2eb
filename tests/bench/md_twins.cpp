// The small twins of the papers' protocols end to end, and runs that are interrupted.
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/random.hpp"
#include "tests/bench/md_parts.hpp"
#include "validation/case/case.hpp"
#include "validation/study/chart.hpp"
#include "validation/synthesis/md_order.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

namespace aet::bench {

namespace {

using nlohmann::json;

json curve_of(const std::vector<validation::OrderRow>& rows, double start_ps) {
  json out{{"time_ps", json::array()},
           {"crystalline_fraction", json::array()},
           {"nuclei", json::array()},
           {"surface_nuclei", json::array()},
           {"core_rank", json::array()}};
  for (const validation::OrderRow& row : rows) {
    out["time_ps"].push_back(row.time_ps - start_ps);
    out["crystalline_fraction"].push_back(row.fraction_05);
    out["nuclei"].push_back(row.nuclei);
    out["surface_nuclei"].push_back(row.surface_nuclei);
    out["core_rank"].push_back(row.core_rank ? json(*row.core_rank) : json(nullptr));
  }
  return out;
}

/// One of the small cases, as `aetval md` runs it, but without imaging anything.
json twin(const MdBench& bench, const std::string& name, validation::Chart& chart) {
  validation::Case c =
      validation::read_case(std::filesystem::path(AET_SOURCE_DIR) / "inputs" / (name + ".toml"));
  md::DropletOptions options = c.truth->droplet;
  options.worker.ranks = 1;
  if (options.potential.style == md::PotentialStyle::lj_cut)
    options.potential.path = std::filesystem::path(AET_SOURCE_DIR) / options.potential.path;
  const auto folder = bench.folder / name;
  const bool bulk = options.droplet.system == md::System::bulk;
  validation::OrderRecord record(folder / "order.csv", *c.analyze, core::all_cores(), bulk);
  options.worker.watcher = {c.truth->watch.frames_averaged, [&](const md::Trajectory& b) { record.add(b); }};
  if (bench.quick) {
    options.droplet.hold_ps = 60.0;
    if (options.scan) options.droplet.hold_k = 900.0; // a quick scan would find nothing
    options.scan.reset();
  }
  tell(name);
  const md::DropletTruth truth = md::make_droplet_truth(options, folder);
  const auto rows = validation::read_order_csv(folder / "order.csv");
  const double start_ps = options.droplet.melt_ps + options.droplet.quench_ps + options.droplet.rest_ps;
  json out{{"atoms", options.droplet.atoms},     {"hold_k", truth.hold_k},
           {"hold_ps", options.droplet.hold_ps}, {"crystallises", truth.times.found},
           {"times", truth.times.note},          {"onset_k", nullptr},
           {"order", curve_of(rows, start_ps)}};
  if (truth.onset) {
    out["onset_k"] = truth.onset->temperature_k;
    out["onset"] = truth.onset->note;
  }
  // Where the energy has gone through a tenth of its fall.
  if (truth.times.found) out["induction_ps"] = truth.frames.front().time_ps;
  validation::ChartCurve curve;
  curve.name = *c.title;
  for (const validation::OrderRow& row : rows)
    curve.points.push_back({row.time_ps - start_ps, row.fraction_05, {}, {}});
  chart.curves.push_back(curve);
  return out;
}

/// Mean order parameter of every frame of a trajectory.
std::vector<double> order_series(const std::filesystem::path& folder) {
  const md::Trajectory t = md::read_trajectory(folder / md::trajectory_name);
  std::vector<double> out;
  for (std::size_t f = 0; f < t.size(); ++f) {
    const auto frame = analysis::analyze_moment(validation::block_mean(t, f, 1, true), {}, core::Threads{1});
    out.push_back(frame.alpha_mean);
  }
  return out;
}

/// The worker below this process, 0 if there is none just now.
int worker_of_this_process() {
  std::ifstream children(fmt::format("/proc/self/task/{}/children", ::getpid()));
  int pid = 0;
  children >> pid;
  return pid;
}

} // namespace

void twins_part(const MdBench& bench, json& out) {
  validation::Chart chart;
  chart.title = "Small twins of the papers' simulations";
  chart.x_label = "time of the hold [ps]";
  chart.y_label = "part of atoms with alpha of at least 0.5";
  json twins;
  twins["droplet_eam"] = twin(bench, "md_droplet_eam_small", chart);
  twins["bulk_eam"] = twin(bench, "md_bulk_eam_small", chart);
  twins["droplet_lj"] = twin(bench, "md_droplet_lj_small", chart);
  core::write_file(bench.folder / "twins.svg", validation::svg_of(chart));
  const json& droplet = twins["droplet_eam"]["onset_k"];
  const json& bulk = twins["bulk_eam"]["onset_k"];
  if (droplet.is_number() && bulk.is_number())
    twins["onset_droplet_minus_bulk_k"] = droplet.get<double>() - bulk.get<double>();
  out["twins"] = twins;
}

void kills_part(const MdBench& bench, json& out) {
  md::Stage stage;
  stage.name = "nve";
  stage.ensemble = md::Ensemble::nve;
  stage.steps = bench.quick ? 2000 : 10000;
  stage.thermo_every = 50;
  stage.frame_every = 250;
  stage.draw = md::DrawVelocities{2400.0, 99};
  md::Job job;
  job.atoms = md::fcc_bulk(78, 3.96, 5);
  job.stages = {stage};
  job.restart_every = 500;
  md::WorkerOptions one;
  one.ranks = 1;
  const auto folder = bench.folder / "kills";
  md::run_job(job, {}, folder / "whole", one);
  core::RandomStream random(7, "bench.kills");
  int ended = 0;
  int kills = 0;
  int terms = 0;
  const int wanted = bench.quick ? 2 : 10;
  bool finished = false;
  while (!finished) {
    // Anywhere ahead of where the last attempt got to, at a step nobody knows beforehand.
    const double at = static_cast<double>(stage.steps) * (ended + random.uniform()) / wanted;
    const int signal = ended % 2 == 0 ? SIGKILL : SIGTERM;
    bool sent = false;
    const auto end_it = [&](const core::Progress& p) {
      if (sent || ended >= wanted || p.done < at || p.done >= p.total) return;
      const int pid = worker_of_this_process();
      sent = pid > 0 && ::kill(pid, signal) == 0;
    };
    try {
      md::run_job(job, {}, folder / "ended", one, end_it);
      finished = true;
    } catch (const core::ExternalError&) {
      ++(signal == SIGKILL ? kills : terms);
      ++ended;
    }
  }
  const auto whole = order_series(folder / "whole");
  const auto resumed = order_series(folder / "ended");
  out["kills"] = {
      {"kill_9", kills},
      {"sigterm", terms},
      {"frames", whole.size()},
      {"order_series_equal_bit_for_bit", whole == resumed},
      {"trajectory_files_equal", core::sha256_of_file(folder / "whole" / md::trajectory_name) ==
                                     core::sha256_of_file(folder / "ended" / md::trajectory_name)},
      {"thermo_files_equal", core::sha256_of_file(folder / "whole" / md::thermo_name) ==
                                 core::sha256_of_file(folder / "ended" / md::thermo_name)}};
}

} // namespace aet::bench
