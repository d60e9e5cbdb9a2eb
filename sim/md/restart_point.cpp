#include "sim/md/restart_point.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace aet::md {

using nlohmann::json;

std::string state_file_name(long step) {
  return fmt::format("state.{}.restart", step);
}

void write_restart_point(const std::filesystem::path& folder, const RestartPoint& point) {
  const std::filesystem::path state = folder / point.state_file;
  const int fd = ::open(state.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced)
    throw core::ExternalError(fmt::format("{} could not be written to disk; is it full?", state.string()));
  const json out{{"schema", 1},
                 {"stage", point.stage},
                 {"done", point.done},
                 {"step", point.step},
                 {"wall_s", point.wall_s},
                 {"trajectory_bytes", point.trajectory_bytes},
                 {"thermo_bytes", point.thermo_bytes},
                 {"state_file", point.state_file},
                 {"resumed_at", point.resumed_at}};
  core::write_file(folder / restart_name, out.dump(1) + "\n");
}

std::optional<RestartPoint> read_restart_point(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(folder / restart_name, ignored)) return std::nullopt;
  const json in = json::parse(core::read_file(folder / restart_name), nullptr, false);
  try {
    RestartPoint point;
    if (in.at("schema").get<int>() != 1) return std::nullopt;
    point.stage = in.at("stage").get<std::size_t>();
    point.done = in.at("done").get<long>();
    point.step = in.at("step").get<long>();
    point.wall_s = in.at("wall_s").get<double>();
    point.trajectory_bytes = in.at("trajectory_bytes").get<std::uintmax_t>();
    point.thermo_bytes = in.at("thermo_bytes").get<std::uintmax_t>();
    point.state_file = in.at("state_file").get<std::string>();
    point.resumed_at = in.at("resumed_at").get<std::vector<long>>();
    // The name becomes part of a LAMMPS command: only the one we would have given passes.
    if (point.state_file != state_file_name(point.step)) return std::nullopt;
    if (!std::filesystem::is_regular_file(folder / point.state_file, ignored)) return std::nullopt;
    return point;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

} // namespace aet::md
