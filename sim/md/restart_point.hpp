// Where an interrupted job goes on: what the worker leaves in md.partial every so often.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aet::md {

struct RestartPoint {
  std::size_t stage = 0;               ///< index of the stage that goes on
  long done = 0;                       ///< steps of it that are done
  long step = 0;                       ///< steps of the job that are done
  double wall_s = 0.0;                 ///< of integration so far, all attempts
  std::uintmax_t trajectory_bytes = 0; ///< of the trajectory that belong to it
  std::uintmax_t thermo_bytes = 0;     ///< of the thermo record that belong to it
  std::string state_file;              ///< LAMMPS' own restart file, beside it
  std::vector<long> resumed_at;        ///< steps at which earlier attempts were resumed
};

/// Name of the file; written after everything it points to is on the disk.
inline constexpr const char* restart_name = "restart.json";

/// The LAMMPS restart file of a restart point at that step.
[[nodiscard]] std::string state_file_name(long step);

/// \throws ExternalError if the disk is full.
void write_restart_point(const std::filesystem::path& folder, const RestartPoint& point);

/// None if there is none; nothing is told of a damaged one but that: the job starts again.
[[nodiscard]] std::optional<RestartPoint> read_restart_point(const std::filesystem::path& folder);

} // namespace aet::md
