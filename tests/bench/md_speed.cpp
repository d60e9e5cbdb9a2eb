// Our worker against the program lmp on the same 32,000 atoms.
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/child_process.hpp"
#include "sim/md/droplet.hpp"
#include "tests/bench/md_parts.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace aet::bench {

namespace {

constexpr int cells = 20; // 32,000 atoms

/// CPU seconds of all children that have ended.
double children_cpu_s() {
  rusage u{};
  getrusage(RUSAGE_CHILDREN, &u);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(u.ru_utime) + seconds(u.ru_stime);
}

struct Cost {
  double loop_s = 1e300; ///< wall time of the integration
  double cpu_s = 1e300;  ///< of the whole process, all ranks
};

void keep_least(Cost& best, const Cost& one) {
  best.loop_s = std::min(best.loop_s, one.loop_s);
  best.cpu_s = std::min(best.cpu_s, one.cpu_s);
}

Cost run_ours(const std::filesystem::path& folder, long steps, int ranks) {
  md::Stage stage;
  stage.name = "speed";
  stage.begin_k = stage.end_k = 1100.0;
  stage.steps = steps;
  stage.thermo_every = 100;
  stage.draw = md::DrawVelocities{1100.0, 4711};
  md::Job job;
  job.atoms = md::fcc_bulk(78, 3.96, cells);
  job.stages = {stage};
  job.restart_every =
      md::suitable_restart_every(job.atoms.size(), stage.thermo_every); // as in every protocol
  md::WorkerOptions options;
  options.ranks = ranks;
  const double before = children_cpu_s();
  const md::RunSummary done = md::run_job(job, {}, folder / "ours", options);
  return {done.wall_s, children_cpu_s() - before};
}

Cost run_lmp(const std::filesystem::path& folder, long steps, int ranks) {
  const auto place = folder / "lmp";
  core::write_file(place / "in.speed",
                   fmt::format("units metal\natom_style atomic\nboundary p p p\n"
                               "lattice fcc 3.96\nregion box block 0 {0} 0 {0} 0 {0}\ncreate_box 1 box\n"
                               "create_atoms 1 box\npair_style eam\npair_coeff * * {1}\n"
                               "neighbor 1.0 bin\nneigh_modify every 1 delay 0 check yes\ntimestep 0.002\n"
                               "velocity all create 1100 4711 mom yes rot yes dist gaussian\n"
                               "fix 1 all nvt temp 1100 1100 0.1\nthermo 100\n"
                               "thermo_style custom step temp pe etotal press\nrun {2}\n",
                               cells, md::PotentialFile{}.path.string(), steps));
  md::Command command;
  command.working_directory = place;
  command.environment = {{"OMP_NUM_THREADS", "1"},
                         {"OMPI_MCA_btl_vader_single_copy_mechanism", "none"},
                         {"OMPI_MCA_btl", "self,vader"}};
  const std::string lmp = md::find_program("lmp").string();
  if (ranks > 1) {
    command.arguments = {"mpirun",    "-n",   std::to_string(ranks), "--oversubscribe",
                         "--bind-to", "none", "--allow-run-as-root"};
  } else {
    command.environment.emplace_back("OMPI_MCA_ess_singleton_isolated", "1");
  }
  for (const char* word : {lmp.c_str(), "-in", "in.speed", "-suffix", "opt", "-log", "log.speed", "-nocite"})
    command.arguments.emplace_back(word);
  const double before = children_cpu_s();
  Cost cost;
  md::ChildProcess child(command);
  while (child.poll(std::chrono::milliseconds(100), [&](const std::string& line) {
    if (line.rfind("Loop time of ", 0) == 0) cost.loop_s = std::strtod(line.c_str() + 13, nullptr);
  })) {
  }
  if (child.status().code != 0 || child.status().signal != 0)
    throw core::ExternalError("lmp failed: " + child.error_output());
  cost.cpu_s = children_cpu_s() - before;
  return cost;
}

} // namespace

void speed_part(const MdBench& bench, nlohmann::json& out) {
  const auto folder = bench.folder / "speed";
  const long steps = bench.quick ? 100 : 500;
  constexpr double atoms = 4.0 * cells * cells * cells;
  bool peer = true;
  try {
    static_cast<void>(md::find_program("lmp"));
  } catch (const core::ExternalError&) {
    peer = false;
    out["lmp_reason"] = "the program lmp is not installed (Debian package lammps)";
  }
  for (const int ranks : {1, 2}) {
    Cost ours;
    Cost theirs;
    for (int turn = 0; turn < (bench.quick ? 1 : 2);
         ++turn) { // by turns, the least of each: others use the machine
      keep_least(ours, run_ours(folder, steps, ranks));
      if (peer) keep_least(theirs, run_lmp(folder, steps, ranks));
    }
    const auto rate = [&](double seconds) { return atoms * static_cast<double>(steps) / seconds; };
    const std::string n = fmt::format("_{}", ranks);
    out["atom_steps_per_s" + n] = rate(ours.loop_s);
    out["cpu_s" + n] = ours.cpu_s;
    if (!peer) continue;
    out["lmp_atom_steps_per_s" + n] = rate(theirs.loop_s);
    out["lmp_cpu_s" + n] = theirs.cpu_s;
    out["overhead" + n] = ours.loop_s / theirs.loop_s - 1.0;
    out["overhead_cpu" + n] = ours.cpu_s / theirs.cpu_s - 1.0;
    tell(fmt::format("{} ranks: ours {:.2f} s, lmp {:.2f} s; CPU {:.2f} s, {:.2f} s", ranks, ours.loop_s,
                     theirs.loop_s, ours.cpu_s, theirs.cpu_s));
  }
  if (peer) out["overhead"] = out["overhead_1"];
}

} // namespace aet::bench
