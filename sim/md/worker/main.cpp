// aetval-md: runs one molecular dynamics job with LAMMPS in library mode. Started by aet_md (sim/md/run.cpp),
// under mpirun for more than one rank.
//
//   aetval-md JOB.json    run the job; outputs go to the current folder, md.json last
//   aetval-md --version   versions of LAMMPS and MPI as JSON
//
// Exit codes: those of core::ExitCode; LAMMPS itself ends the process with 1.
#define OMPI_SKIP_MPICXX 1 // NOLINT(cppcoreguidelines-macro-usage): the name is Open MPI's
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/run.hpp"
#include "sim/md/worker/session.hpp"

#include <fmt/format.h>
#include <mpi.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>

#if defined(__SANITIZE_ADDRESS__)
// Open MPI and its plug-ins leave memory to the end of the process; that is not ours to report.
extern "C" const char*
__asan_default_options(); // NOLINT(bugprone-reserved-identifier): the sanitizer's own name
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
} // NOLINT(bugprone-reserved-identifier)
#endif

namespace {

using namespace aet;
using nlohmann::json;

int rank_of(MPI_Comm comm) {
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  return rank;
}

int size_of(MPI_Comm comm) {
  int size = 1;
  MPI_Comm_size(comm, &size);
  return size;
}

/// First line of what MPI says of itself.
std::string mpi_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string all(text.data(), static_cast<std::size_t>(length));
  return all.substr(0, all.find_first_of(",\n"));
}

void print_versions() {
  // LAMMPS tells its full version (with the update) only in its log; this one lives in memory.
  const int memory = ::memfd_create("lammps-log", 0);
  const std::string log = fmt::format("/proc/self/fd/{}", memory);
  std::fflush(stdout);
  const int screen = ::dup(1); // LAMMPS greets on stdout, where only our answer belongs
  std::freopen("/dev/null", "w", stdout);
  { const md::worker::Session session(MPI_COMM_WORLD, log); } // the log is complete once LAMMPS is closed
  const std::string answer =
      json{{"lammps", md::worker::version_from_log(log)}, {"mpi", mpi_version()}}.dump() + "\n";
  [[maybe_unused]] const auto written = ::write(screen, answer.data(), answer.size());
}

/// What rank 0 keeps open while the job runs.
struct Outputs {
  md::TrajectoryWriter trajectory;
  std::ofstream thermo;

  Outputs(const md::Job& job)
      : trajectory(md::trajectory_name, job.atoms.atomic_numbers, *job.atoms.cell), thermo(md::thermo_name) {
    line(md::thermo_header());
  }

  void line(const std::string& text) {
    thermo << text << '\n' << std::flush; // kept even if LAMMPS ends the process
    if (!thermo) throw core::ExternalError("thermo.csv cannot be written; is the disk full?");
  }
};

void report_progress(const md::ThermoRow& row) {
  const json report{{"stage", row.stage},
                    {"step", row.step},
                    {"time_ps", row.time_ps},
                    {"temperature_k", row.temperature_k},
                    {"potential_ev_per_atom", row.potential_ev_per_atom}};
  fmt::print("@aetval-md {}\n", report.dump());
  std::fflush(stdout);
}

/// Returns the wall time of the dynamics [s].
double run_stages(const md::Job& job, md::worker::Session& session, Outputs* outputs) {
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t atoms = job.atoms.size();
  for (const md::Stage& stage : job.stages) {
    session.begin(stage);
    long done = 0;
    do {
      const long piece = std::min(stage.thermo_every, stage.steps - done);
      session.advance(stage, done, piece);
      done += piece;
      const md::ThermoRow row = session.thermo(stage, job.timestep_ps, atoms);
      const bool record = stage.frame_every > 0 && done > 0 && done % stage.frame_every == 0;
      const auto frame =
          record ? std::optional(session.frame(atoms, *job.atoms.cell, job.dump_velocities)) : std::nullopt;
      if (outputs != nullptr) {
        outputs->line(md::thermo_line(row));
        if (frame) outputs->trajectory.write(*frame, row.time_ps);
        report_progress(row);
      }
    } while (done < stage.steps);
    session.end();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

json summary_of(const md::Job& job, int ranks, double wall_s, int version_date) {
  long steps = 0;
  json stages = json::array();
  for (const md::Stage& stage : job.stages) {
    steps += stage.steps;
    stages.push_back({{"name", stage.name},
                      {"ensemble", stage.ensemble == md::Ensemble::nvt ? "nvt" : "nve"},
                      {"begin_k", stage.begin_k},
                      {"end_k", stage.end_k},
                      {"steps", stage.steps}});
  }
  return json{{"schema", 1},
              {"program", "aetval-md"},
              {"lammps_version", md::worker::version_from_log(md::log_name)},
              {"lammps_date", version_date},
              {"mpi_version", mpi_version()},
              {"ranks", ranks},
              {"atoms", job.atoms.size()},
              {"steps", steps},
              {"timestep_ps", job.timestep_ps},
              {"stages", stages},
              {"timing",
               {{"wall_s", wall_s}, {"atom_steps_per_s", wall_s > 0.0 ? md::atom_steps(job) / wall_s : 0.0}}},
              {"description", json::parse(job.description)}};
}

void run(const std::string& job_file) {
  const bool first = rank_of(MPI_COMM_WORLD) == 0;
  const md::Job job = md::job_from_json(core::read_file(job_file), job_file);
  double wall_s = 0.0;
  int version_date = 0;
  std::unique_ptr<Outputs> outputs = first ? std::make_unique<Outputs>(job) : nullptr;
  {
    md::worker::Session session(MPI_COMM_WORLD, md::log_name);
    version_date = session.version_date();
    session.set_up(job);
    wall_s = run_stages(job, session, outputs.get());
  }
  if (!first) return;
  outputs->trajectory.close();
  outputs->thermo.close();
  if (!outputs->thermo) throw core::ExternalError("thermo.csv cannot be written; is the disk full?");
  core::write_file(md::summary_name,
                   summary_of(job, size_of(MPI_COMM_WORLD), wall_s, version_date).dump(2) + "\n");
}

} // namespace

int main(int argc, char** argv) {
  // Under mpirun this process is mpirun's child, which may be killed without a chance to clean up.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  MPI_Init(&argc, &argv);
  int code = static_cast<int>(core::ExitCode::usage);
  try {
    const std::string argument = argc == 2 ? argv[1] : "";
    if (argument == "--version") {
      print_versions();
      code = 0;
    } else if (!argument.empty() && argument.front() != '-') {
      run(argument);
      code = 0;
    } else {
      fmt::print(stderr, "aetval-md: give one job file, or --version\n");
    }
  } catch (const core::Error& error) {
    fmt::print(stderr, "aetval-md: {}\n", error.what());
    code = static_cast<int>(error.exit_code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "aetval-md: {}\n", error.what());
    code = static_cast<int>(core::ExitCode::runtime_failure);
  }
  std::fflush(stderr);
  // Other ranks may be waiting for this one: without an abort they would wait for ever.
  if (code != 0) MPI_Abort(MPI_COMM_WORLD, code);
  MPI_Finalize();
  return code;
}
