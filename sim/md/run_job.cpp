#include "sim/md/run_job.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/md/child_process.hpp"
#include "sim/md/restart_point.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string_view>

namespace aet::md {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Lines of the worker's stdout that begin so carry progress as JSON (see worker/session.cpp).
constexpr const char* progress_mark = "@aetval-md ";

fs::path worker_file(const WorkerOptions& options) {
  return options.worker_path.empty() ? default_worker_path() : options.worker_path;
}

std::string find_launcher() {
  try {
    return find_program("mpirun").string();
  } catch (const core::ExternalError& error) {
    throw core::ExternalError(fmt::format("{}; install openmpi-bin, or run MD with one rank", error.what()));
  }
}

Command worker_command(const WorkerOptions& options, const std::vector<std::string>& worker_arguments,
                       const fs::path& folder) {
  Command command;
  command.working_directory = folder;
  // Threads inside a rank would only compete with the ranks. Shared memory needs no ptrace permission this
  // way (containers deny it). A rank that waits gives its core to who has work: on a busy machine it would
  // only be in the way. A worker started without mpirun is alone and needs no daemon.
  command.environment = {{"OMP_NUM_THREADS", "1"},
                         {"OMPI_MCA_btl_vader_single_copy_mechanism", "none"},
                         {"OMPI_MCA_btl", "self,vader"},
                         {"OMPI_MCA_mpi_yield_when_idle", "1"}};
  // Who we are in somebody else's MPI job is not for the worker to inherit.
  command.drop_environment = {"PMIX_", "PMI_", "OMPI_COMM_WORLD_", "OMPI_UNIVERSE_SIZE"};
  const std::string program = find_program(fs::absolute(worker_file(options)).string()).string();
  if (options.ranks > 1) {
    command.arguments = {find_launcher(),   "-n",        std::to_string(options.ranks),
                         "--oversubscribe", "--bind-to", "none"};
    if (::geteuid() == 0) command.arguments.emplace_back("--allow-run-as-root");
  } else {
    command.environment.emplace_back("OMPI_MCA_ess_singleton_isolated", "1");
  }
  command.arguments.push_back(program);
  command.arguments.insert(command.arguments.end(), worker_arguments.begin(), worker_arguments.end());
  return command;
}

/// Last part of a text file, "" if it cannot be read.
std::string tail_of(const fs::path& path, std::size_t bytes = 16384) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return {};
  const std::string all = core::read_file(path);
  return all.size() > bytes ? all.substr(all.size() - bytes) : all;
}

/// LAMMPS' words: the last line that begins with ERROR and, if it follows, the command it was at.
std::string lammps_error(const std::string& text) {
  std::string found;
  for (const std::string_view line : core::split_lines(text)) {
    if (line.rfind("ERROR", 0) == 0)
      found = line;
    else if (!found.empty() && line.rfind("Last command: ", 0) == 0 &&
             found.find("Last command: ") == std::string::npos)
      found += fmt::format("; l{}", line.substr(1));
  }
  return found;
}

/// What the worker itself reports on stderr ("aetval-md: ...").
std::string worker_error(const std::string& text) {
  constexpr const char* mark = "aetval-md: ";
  const auto at = text.find(mark);
  if (at == std::string::npos) return {};
  const auto begin = at + std::strlen(mark);
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// The one line of mpirun's prose that says what happened, else the last line that is not a ruler.
std::string launcher_error(const std::string& text) {
  std::string_view last;
  for (const std::string_view line : core::split_lines(text)) {
    if (line.find("exited on signal") != std::string_view::npos) return std::string(line);
    if (line.find_first_not_of("- ") != std::string_view::npos) last = line;
  }
  return std::string(last);
}

/// ": words", or nothing for no words.
std::string suffix(const std::string& words) {
  return words.empty() ? words : ": " + words;
}

/// Where the run is, as the worker reported it last.
struct Position {
  double done = 0.0;
  std::string note;
};

std::string failure_message(const ExitStatus& status, const fs::path& partial,
                            const std::deque<std::string>& output, const std::string& errors,
                            const Position& position) {
  std::string words = lammps_error(tail_of(partial / log_name));
  if (words.empty()) {
    std::string joined;
    for (const std::string& line : output)
      joined += line + "\n";
    words = lammps_error(joined);
  }
  std::string cause;
  if (!words.empty()) {
    cause = fmt::format("LAMMPS says \"{}\"", words);
  } else if (const std::string own = worker_error(errors); !own.empty()) {
    cause = own;
  } else {
    cause = status.signal != 0 ? fmt::format("the worker was killed by signal {} ({})", status.signal,
                                             ::strsignal(status.signal))
                               : fmt::format("the worker ended with exit code {}", status.code);
    cause += suffix(launcher_error(errors));
  }
  const auto point = read_restart_point(partial);
  return fmt::format(
      "molecular dynamics stopped{}: {}; its log is {}{}",
      position.note.empty() ? std::string(" before the first step") : fmt::format(" at {}", position.note),
      cause, (partial / log_name).string(),
      point ? fmt::format(", and the same command goes on from step {}", point->step) : std::string());
}

/// True if the line was a progress report.
bool read_progress(const std::string& line, Position& position) {
  const auto at = line.find(progress_mark);
  if (at == std::string::npos) return false;
  const json report = json::parse(line.substr(at + std::strlen(progress_mark)), nullptr, false);
  if (report.is_discarded() || !report.is_object()) return false;
  position.done = report.value("step", 0.0);
  position.note = fmt::format("{} {:.1f} ps, {:.0f} K, {:.4f} eV/atom, {:.2g} ns/day",
                              report.value("stage", std::string()), report.value("time_ps", 0.0),
                              report.value("temperature_k", 0.0), report.value("potential_ev_per_atom", 0.0),
                              report.value("ns_per_day", 0.0));
  return true;
}

void sync_and_move(const fs::path& from, const fs::path& to) {
  const int fd = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int reason = errno;
  if (fd >= 0) ::close(fd);
  if (!synced)
    throw core::ExternalError(
        fmt::format("{} could not be written to disk ({})", from.string(), std::strerror(reason)));
  std::error_code error;
  fs::rename(from, to, error);
  if (error)
    throw core::ExternalError(
        fmt::format("{} could not be moved to {} ({})", from.string(), to.string(), error.message()));
}

/// True if an interrupted run of the same job with the same potential can go on in `partial`.
bool can_go_on(const std::string& job_text, const Job& job, const std::string& potential_sha256,
               const fs::path& partial) {
  std::error_code ignored;
  if (!read_restart_point(partial) || !fs::is_regular_file(partial / job_name, ignored) ||
      !fs::is_regular_file(partial / job.potential, ignored))
    return false;
  return core::read_file(partial / job_name) == job_text &&
         core::sha256_of_file(partial / job.potential) == potential_sha256;
}

/// Write what the worker reads into an empty partial folder, unless one is there that can go on.
fs::path prepare(const std::string& job_text, const Job& job, const PotentialFile& potential,
                 const std::string& potential_sha256, const fs::path& folder) {
  fs::path partial = folder / partial_name;
  if (can_go_on(job_text, job, potential_sha256, partial)) return partial;
  std::error_code error;
  fs::remove(folder / summary_name, error); // from here on the folder is not finished
  if (!error) fs::remove_all(partial, error);
  if (!error) fs::create_directories(partial, error);
  if (error)
    throw core::ExternalError(fmt::format("{} could not be made ({}); give a folder that can be written to",
                                          partial.string(), error.message()));
  // The worker reads a copy with a name of ours: no path of the user's ever becomes part of a LAMMPS command.
  core::write_file(partial / job.potential, core::read_file(potential.path));
  core::write_file(partial / job_name, job_text);
  return partial;
}

std::string job_hash(const std::string& job_text, const std::string& potential_sha256, int ranks) {
  return core::sha256(fmt::format("{}\n{}\n{}", core::sha256(job_text), potential_sha256, ranks));
}

void check_elements(const Job& job, const PotentialFile& potential, const PotentialInfo& info) {
  for (const int z : atom_types(job.atoms))
    if (std::find(info.atomic_numbers.begin(), info.atomic_numbers.end(), z) == info.atomic_numbers.end()) {
      std::string known;
      for (const int have : info.atomic_numbers)
        known += (known.empty() ? "" : ", ") + core::element_symbol(have);
      throw core::DataError(fmt::format(
          "potential file {} is for {}; the job has {} atoms: give a potential that holds every element",
          potential.path.string(), known, core::element_symbol(z)));
    }
}

void check_style(const Job& job, const PotentialFile& potential) {
  if (job.style != potential.style)
    throw core::ConfigError(fmt::format("MD job: style {} does not go with a potential file of style {}",
                                        style_name(job.style), style_name(potential.style)));
}

} // namespace

fs::path default_worker_path() {
  if (const char* given = std::getenv("AETVAL_MD_WORKER"); given != nullptr && *given != '\0') return given;
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return self.parent_path() / "aetval-md";
}

Versions worker_versions(const fs::path& worker_path) {
  const WorkerOptions options{worker_path, 1};
  std::string text;
  ChildProcess child(worker_command(options, {"--version"}, fs::temp_directory_path()));
  while (child.poll(std::chrono::milliseconds(100), [&](const std::string& line) { text += line + "\n"; })) {
  }
  const json answer = json::parse(text, nullptr, false);
  if (child.status().code != 0 || child.status().signal != 0 || !answer.is_object())
    throw core::ExternalError(fmt::format("{} --version gave no answer{}", worker_file(options).string(),
                                          suffix(launcher_error(child.error_output()))));
  return {answer.value("lammps", std::string()), answer.value("mpi", std::string())};
}

RunSummary run_job(const Job& job, const PotentialFile& potential, const fs::path& folder,
                   const WorkerOptions& options, const core::ProgressSink& progress) {
  if (options.ranks < 1 || options.ranks > 1024)
    throw core::ConfigError(fmt::format("MD ranks = {} is not allowed; use 1 to 1024", options.ranks));
  check_style(job, potential);
  const PotentialInfo info = read_potential_info(potential);
  check_elements(job, potential, info);
  const std::string job_text = job_to_json(job); // validates
  const fs::path partial = prepare(job_text, job, potential, info.sha256, folder);
  const auto point = read_restart_point(partial);
  const WatchedFrames watched(job, partial, options.watcher, point ? point->step : 0);

  double total = 0.0;
  for (const Stage& stage : job.stages)
    total += static_cast<double>(stage.steps);
  Position position;
  std::deque<std::string> output; // the last lines that are not progress
  const auto on_line = [&](const std::string& line) {
    if (read_progress(line, position)) return;
    output.push_back(line);
    if (output.size() > 50) output.pop_front();
  };
  {
    ChildProcess child(worker_command(options, {job_name}, partial));
    while (child.poll(std::chrono::milliseconds(100), on_line)) {
      core::report(progress, {position.done, total, "steps", position.note});
      watched.show();
    }
    const ExitStatus status = child.status();
    if (status.code != 0 || status.signal != 0)
      throw core::ExternalError(failure_message(status, partial, output, child.error_output(), position));
  }
  watched.show();
  core::report(progress, {total, total, "steps", position.note});

  // The worker has written md.json last; add what only this side knows.
  json summary = json::parse(core::read_file(partial / summary_name));
  summary["job_sha256"] = job_hash(job_text, info.sha256, options.ranks);
  summary["potential"] = json{{"path", potential.path.string()},
                              {"style", style_name(potential.style)},
                              {"sha256", info.sha256},
                              {"comment", info.comment}};
  summary["files"] = json{{trajectory_name, core::sha256_of_file(partial / trajectory_name)},
                          {thermo_name, core::sha256_of_file(partial / thermo_name)}};
  core::write_file(partial / summary_name, summary.dump(2, ' ', true, json::error_handler_t::replace) + "\n");
  for (const char* name : {trajectory_name, thermo_name, log_name, job_name, summary_name})
    sync_and_move(partial / name, folder / name);
  std::error_code ignored;
  fs::remove_all(partial, ignored);
  return read_summary(folder);
}

bool is_finished(const Job& job, const PotentialFile& potential, const fs::path& folder, int ranks) {
  std::error_code ignored;
  for (const char* name : {trajectory_name, thermo_name, summary_name})
    if (!fs::is_regular_file(folder / name, ignored)) return false;
  const json summary = json::parse(core::read_file(folder / summary_name), nullptr, false);
  if (!summary.is_object() || !summary.contains("files")) return false;
  if (summary.value("job_sha256", std::string()) !=
      job_hash(job_to_json(job), read_potential_info(potential).sha256, ranks))
    return false;
  const auto unchanged = [&](const char* name) {
    return summary["files"].value(name, std::string()) == core::sha256_of_file(folder / name);
  };
  return unchanged(trajectory_name) && unchanged(thermo_name);
}

RunSummary read_summary(const fs::path& folder) {
  const fs::path path = folder / summary_name;
  const json summary = json::parse(core::read_file(path), nullptr, false);
  try {
    RunSummary out;
    out.atoms = summary.at("atoms").get<std::size_t>();
    out.ranks = summary.at("ranks").get<int>();
    out.steps = summary.at("steps").get<long>();
    out.wall_s = summary.at("timing").at("wall_s").get<double>();
    out.atom_steps_per_s = summary.at("timing").at("atom_steps_per_s").get<double>();
    out.versions = {summary.at("lammps_version").get<std::string>(),
                    summary.at("mpi_version").get<std::string>()};
    out.potential_sha256 = summary.at("potential").at("sha256").get<std::string>();
    return out;
  } catch (const json::exception& error) {
    throw core::DataError(fmt::format("MD summary {} cannot be used ({}); run the MD stage again",
                                      path.string(), error.what()));
  }
}

} // namespace aet::md
