// Running a job in the worker process `aetval-md`, which alone links LAMMPS and MPI.
#pragma once

#include "sim/core/progress.hpp"
#include "sim/md/job.hpp"
#include "sim/md/watch.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace aet::md {

struct WorkerOptions {
  std::filesystem::path worker_path; ///< empty: default_worker_path()
  /// MPI processes, 1..1024; 1 is started without mpirun. 600 atoms on two idle cores: 2.5 million
  /// atom-steps/s on one, 4.0 on two. Where cores are shared with others, ranks wait for each other and one
  /// is faster.
  int ranks = 2;
  Watcher watcher{}; ///< sees the frames of stages with watch_every
};

/// The variable AETVAL_MD_WORKER if set, else `aetval-md` beside the running program.
[[nodiscard]] std::filesystem::path default_worker_path();

struct Versions {
  std::string lammps; ///< e.g. "29 Sep 2021 - Update 2"
  std::string mpi;    ///< e.g. "Open MPI v4.1.4, ..."
};

/// What the worker says of itself (`aetval-md --version`). An empty path means default_worker_path().
/// \throws ExternalError if it cannot be run.
[[nodiscard]] Versions worker_versions(const std::filesystem::path& worker_path = {});

/// What md.json says of a finished job.
struct RunSummary {
  std::size_t atoms = 0;
  int ranks = 1;
  long steps = 0;
  double wall_s = 0.0; ///< integration only, without start-up
  double atom_steps_per_s = 0.0;
  Versions versions;
  std::string potential_sha256;
};

/// Names of what a job leaves in its folder.
inline constexpr const char* trajectory_name = "trajectory.dump.gz";
inline constexpr const char* thermo_name = "thermo.csv";
inline constexpr const char* log_name = "md.log";
inline constexpr const char* summary_name = "md.json";
inline constexpr const char* job_name = "job.json";
/// Sub-folder that holds everything until the job has ended well, and what there is if it has not.
inline constexpr const char* partial_name = "md.partial";

/// Run `job` to its end and leave trajectory, thermo record, log, job and summary in `folder` (made if
/// missing; md.json is moved in last, so its presence means that all is there). Equal job, potential and
/// number of ranks give equal bytes in the trajectory and the thermo record; another number of ranks sums in
/// another order, and such a run parts from the first within a few picoseconds, as any chaotic motion does.
/// md.json and md.log hold wall times and differ from run to run.
///
/// A job with restart_every that was interrupted (killed, crashed, disk full) and is run again with the same
/// potential goes on from its last restart point. Thermostats and barostats go on with their state; with the
/// same number of ranks the outcome is that of an uninterrupted run to the last bit, in every ensemble.
///
/// `progress` is called at least ten times a second on the calling thread, in units of MD steps; if it
/// throws, the worker is terminated and the exception passes on.
/// \throws ConfigError for a bad job or bad options, DataError for a missing or unsuitable potential (all
///   before anything starts), ExternalError with LAMMPS' own words for whatever goes wrong in the worker,
///   killed by a signal included.
RunSummary run_job(const Job& job, const PotentialFile& potential, const std::filesystem::path& folder,
                   const WorkerOptions& options = {}, const core::ProgressSink& progress = {});

/// True if `folder` holds the whole outcome of exactly this job, potential and number of ranks, with output
/// files that have the hashes recorded.
[[nodiscard]] bool is_finished(const Job& job, const PotentialFile& potential,
                               const std::filesystem::path& folder, int ranks);

/// \throws DataError if `folder` has no readable md.json.
[[nodiscard]] RunSummary read_summary(const std::filesystem::path& folder);

} // namespace aet::md
