// aetval-md: runs one molecular dynamics job with LAMMPS in library mode. Started by aet_md (sim/md/run.cpp),
// under mpirun for more than one rank.
//
//   aetval-md JOB.json    run the job; outputs go to the current folder, md.json last. A restart point found
//                         there is carried on from.
//   aetval-md --version   versions of LAMMPS and MPI as JSON
//
// Exit codes: those of core::ExitCode; LAMMPS itself ends the process with 1.
#define OMPI_SKIP_MPICXX 1 // NOLINT(cppcoreguidelines-macro-usage): the name is Open MPI's
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/restart_point.hpp"
#include "sim/md/run_job.hpp"
#include "sim/md/watch.hpp"
#include "sim/md/worker/outputs.hpp"
#include "sim/md/worker/session.hpp"

#include <fmt/core.h>
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
#include <filesystem>
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

void report_progress(const md::ThermoRow& row, double ns_per_day) {
  const json report{{"stage", row.stage},
                    {"step", row.step},
                    {"time_ps", row.time_ps},
                    {"temperature_k", row.temperature_k},
                    {"potential_ev_per_atom", row.potential_ev_per_atom},
                    {"ns_per_day", ns_per_day}};
  fmt::print("@aetval-md {}\n", report.dump());
  std::fflush(stdout);
}

class Clock {
public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// The stages of a job from a restart point on, or from the start.
class Runner {
public:
  Runner(const md::Job& job, md::worker::Session& session, md::worker::Outputs* outputs, md::RestartPoint at)
      : job_(job), session_(session), outputs_(outputs), at_(std::move(at)), before_s_(at_.wall_s),
        first_step_(at_.step) {}

  /// Returns the wall time of the dynamics, all attempts [s].
  double run() {
    for (; at_.stage < job_.stages.size(); ++at_.stage) {
      const md::Stage& stage = job_.stages[at_.stage];
      if (at_.done == 0)
        session_.begin(stage);
      else
        session_.go_on(stage);
      run_stage(stage);
      session_.end();
      at_.done = 0;
      if (job_.restart_every > 0 && at_.stage + 1 < job_.stages.size()) keep_restart_point(at_.stage + 1);
    }
    return wall_s();
  }

private:
  [[nodiscard]] double wall_s() const { return before_s_ + clock_.seconds(); }

  void run_stage(const md::Stage& stage) {
    bool fresh = true;
    do {
      const long piece = std::min(stage.thermo_every, stage.steps - at_.done);
      session_.advance(stage, at_.done, piece, fresh);
      fresh = false;
      at_.done += piece;
      at_.step += piece;
      record(stage);
      if (job_.restart_every > 0 && at_.done < stage.steps && at_.done % job_.restart_every == 0) {
        keep_restart_point(at_.stage);
        session_.go_on(stage);
        fresh = true;
      }
    } while (at_.done < stage.steps);
  }

  void record(const md::Stage& stage) {
    const auto due = [&](long every) { return every > 0 && at_.done > 0 && at_.done % every == 0; };
    const md::ThermoRow row = session_.thermo(stage, job_.timestep_ps, job_.atoms.size());
    const bool keep = due(stage.frame_every);
    const bool watch = due(stage.watch_every);
    std::optional<md::Frame> frame; // every rank takes part in the gathering
    if (keep || watch) frame = session_.frame(job_.atoms.size(), job_.dump_velocities && keep);
    if (outputs_ == nullptr) return;
    outputs_->thermo(row);
    if (keep) outputs_->frame(*frame, row.time_ps);
    if (watch) md::leave_watched_frame(".", *frame, row.time_ps);
    const double done_ps = static_cast<double>(at_.step - first_step_) * job_.timestep_ps;
    constexpr double ps_per_s_in_ns_per_day = 86.4;
    const double seconds = clock_.seconds();
    report_progress(row, seconds > 0.0 ? ps_per_s_in_ns_per_day * done_ps / seconds : 0.0);
  }

  /// State out and in again, then the restart point that points to it: a state that cannot be read back never
  /// becomes a restart point.
  void keep_restart_point(std::size_t next_stage) {
    const std::string old_state = at_.state_file;
    at_.state_file = md::state_file_name(at_.step);
    session_.write_state(at_.state_file);
    session_.restore(job_, at_.state_file, at_.step);
    if (outputs_ == nullptr) return;
    outputs_->mark(at_);
    md::RestartPoint point = at_;
    point.stage = next_stage;
    point.wall_s = wall_s();
    md::write_restart_point(".", point);
    std::error_code ignored;
    if (!old_state.empty() && old_state != at_.state_file) std::filesystem::remove(old_state, ignored);
  }

  const md::Job& job_;
  md::worker::Session& session_;
  md::worker::Outputs* outputs_;
  md::RestartPoint at_;
  double before_s_;
  long first_step_;
  Clock clock_;
};

json summary_of(const md::Job& job, int ranks, double wall_s, int version_date,
                const std::vector<long>& resumed_at) {
  long steps = 0;
  json stages = json::array();
  for (const md::Stage& stage : job.stages) {
    steps += stage.steps;
    stages.push_back({{"name", stage.name},
                      {"ensemble", md::ensemble_name(stage.ensemble)},
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
              {"resumed_at_steps", resumed_at},
              {"timing",
               {{"wall_s", wall_s}, {"atom_steps_per_s", wall_s > 0.0 ? md::atom_steps(job) / wall_s : 0.0}}},
              {"description", json::parse(job.description)}};
}

void run(const std::string& job_file) {
  const bool first = rank_of(MPI_COMM_WORLD) == 0;
  const md::Job job = md::job_from_json(core::read_file(job_file), job_file);
  const std::optional<md::RestartPoint> from = md::read_restart_point(".");
  md::RestartPoint at = from.value_or(md::RestartPoint{});
  if (from) at.resumed_at.push_back(at.step);
  const std::vector<long> resumed_at = at.resumed_at;
  double wall_s = 0.0;
  int version_date = 0;
  // All ranks have read the restart point before rank 0 may replace it.
  MPI_Barrier(MPI_COMM_WORLD);
  auto outputs = first ? std::make_unique<md::worker::Outputs>(job, from) : nullptr;
  {
    md::worker::Session session(MPI_COMM_WORLD, md::log_name, from.has_value());
    version_date = session.version_date();
    if (from)
      session.restore(job, at.state_file, at.step);
    else
      session.set_up(job);
    wall_s = Runner(job, session, outputs.get(), std::move(at)).run();
  }
  if (!first) return;
  outputs->close();
  core::write_file(md::summary_name,
                   summary_of(job, size_of(MPI_COMM_WORLD), wall_s, version_date, resumed_at).dump(2) + "\n");
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
