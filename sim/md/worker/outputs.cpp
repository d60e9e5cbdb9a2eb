#include "sim/md/worker/outputs.hpp"

#include "sim/core/error.hpp"
#include "sim/md/run_job.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace aet::md::worker {

namespace {

std::optional<std::uintmax_t> trajectory_length(const std::optional<RestartPoint>& from) {
  return from ? std::optional(from->trajectory_bytes) : std::nullopt;
}

} // namespace

Outputs::Outputs(const Job& job, const std::optional<RestartPoint>& from)
    : trajectory_(trajectory_name, job.atoms.atomic_numbers, *job.atoms.cell, trajectory_length(from)) {
  std::error_code error;
  if (from) {
    const auto length = std::filesystem::file_size(thermo_name, error);
    if (error || length < from->thermo_bytes)
      throw core::ExternalError(
          fmt::format("{} is shorter than its restart point says ({} bytes); remove the "
                      "folder and start again",
                      thermo_name, from->thermo_bytes));
    std::filesystem::resize_file(thermo_name, from->thermo_bytes, error);
  }
  if (!error) thermo_.reset(std::fopen(thermo_name, from ? "ab" : "wb"));
  if (!thermo_) fail();
  if (!from) line(thermo_header());
}

void Outputs::fail() {
  throw core::ExternalError(fmt::format("{} cannot be written ({})", thermo_name, std::strerror(errno)));
}

void Outputs::line(const std::string& text) {
  const std::string whole = text + "\n";
  // Kept even if LAMMPS ends the process.
  if (std::fwrite(whole.data(), 1, whole.size(), thermo_.get()) != whole.size() ||
      std::fflush(thermo_.get()) != 0)
    fail();
}

void Outputs::thermo(const ThermoRow& row) {
  line(thermo_line(row));
}

void Outputs::frame(const Frame& frame, double time_ps) {
  trajectory_.write(frame, time_ps);
}

void Outputs::mark(RestartPoint& point) {
  if (::fsync(::fileno(thermo_.get())) != 0) fail();
  std::error_code error;
  point.thermo_bytes = std::filesystem::file_size(thermo_name, error);
  if (error) fail();
  point.trajectory_bytes = trajectory_.mark();
}

void Outputs::close() {
  trajectory_.close();
  if (std::fclose(thermo_.release()) != 0) fail();
}

} // namespace aet::md::worker
