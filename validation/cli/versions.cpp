#include "validation/cli/versions.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/run_job.hpp"
#include "validation/cli/commands.hpp"
#include "validation/manifest/version.hpp"

#include <Eigen/src/Core/util/Macros.h>
#include <fftw3.h>
#include <fmt/core.h>

#include <filesystem>
#include <system_error>

namespace aet::cli {

std::map<std::string, std::string> library_versions() {
  std::map<std::string, std::string> versions;
  versions["FFTW"] = fftwf_version;
  versions["Eigen"] = fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
  versions["fmt"] = fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
  versions["Voro++"] = AETVAL_VOROPP_VERSION; // the library itself carries no version number
  try {
    const md::Versions worker = md::worker_versions();
    versions["LAMMPS"] = worker.lammps;
    versions["MPI"] = worker.mpi;
  } catch (const core::Error& e) {
    versions["LAMMPS"] = versions["MPI"] = fmt::format("unknown ({})", e.what());
  }
  return versions;
}

std::string program_hash() {
  std::string hashes = core::sha256_of_file("/proc/self/exe");
  std::error_code ignored;
  if (const auto worker = md::default_worker_path(); std::filesystem::is_regular_file(worker, ignored)) {
    hashes += core::sha256_of_file(worker);
  }
  return core::sha256(hashes);
}

std::string version_report() {
  std::string text = fmt::format("aetval {}", validation::version_text);
  for (const auto& [name, version] : library_versions())
    text += fmt::format("\n{} {}", name, version);
  return text;
}

void add_threads(CLI::App& command, core::Threads& threads) {
  constexpr int most = 1024;
  command.add_option("--threads", threads.count, "Worker threads; results do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(1, most));
}

} // namespace aet::cli
