// What the tests that start the real worker share.
#pragma once

#include "sim/md/droplet.hpp"
#include "sim/md/run_job.hpp"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace aet::test {

inline md::WorkerOptions worker(int ranks) {
  return {AET_MD_WORKER, ranks};
}

/// A stage at constant energy from Maxwell velocities.
inline md::Stage nve_stage(double draw_k, long steps, long every) {
  md::Stage stage;
  stage.name = "nve";
  stage.ensemble = md::Ensemble::nve;
  stage.steps = steps;
  stage.thermo_every = every;
  stage.frame_every = every;
  stage.draw = md::DrawVelocities{draw_k, 12345};
  return stage;
}

inline md::Job job_of(core::Atoms atoms, const md::Stage& stage) {
  md::Job job;
  job.atoms = std::move(atoms);
  job.stages = {stage};
  return job;
}

/// Enough work to be interrupted in: minutes of it.
inline md::Job long_job() {
  md::Stage stage = nve_stage(300.0, 10'000'000, 10);
  stage.frame_every = 0;
  return job_of(md::fcc_bulk(78, 3.92, 3), stage);
}

/// What /proc says of a process; nothing for one that is gone or only waits to be collected.
struct ProcessInfo {
  int pid = 0;
  int parent = 0;
  int group = 0;
};

inline std::optional<ProcessInfo> living_process(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::stringstream text;
  text << file.rdbuf();
  const std::string stat = text.str();
  const auto bracket = stat.rfind(')'); // the program's name, in brackets, may hold anything
  if (bracket == std::string::npos) return std::nullopt;
  std::istringstream rest(stat.substr(bracket + 1));
  char state = 'Z';
  ProcessInfo info{pid, 0, 0};
  if (!(rest >> state >> info.parent >> info.group) || state == 'Z' || state == 'X') return std::nullopt;
  return info;
}

inline std::vector<ProcessInfo> living_processes() {
  std::vector<ProcessInfo> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (const auto info = living_process(pid)) out.push_back(*info);
  }
  return out;
}

/// All descendants that run the worker program.
inline std::vector<int> workers_below(int ancestor) {
  const auto all = living_processes();
  std::vector<int> family{ancestor};
  std::vector<int> out;
  for (std::size_t i = 0; i < family.size(); ++i)
    for (const ProcessInfo& process : all) {
      if (process.parent != family[i]) continue;
      family.push_back(process.pid);
      std::error_code error;
      const auto program =
          std::filesystem::read_symlink("/proc/" + std::to_string(process.pid) + "/exe", error);
      if (program.filename() == "aetval-md") out.push_back(process.pid);
    }
  return out;
}

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace aet::test
