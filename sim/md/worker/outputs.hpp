// What rank 0 writes while a job runs.
#pragma once

#include "sim/md/job.hpp"
#include "sim/md/restart_point.hpp"
#include "sim/md/thermo.hpp"
#include "sim/md/trajectory.hpp"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace aet::md::worker {

/// Thermo record and trajectory in the current folder. Every member throws core::ExternalError if the disk is
/// full.
class Outputs {
public:
  /// New files, or those of an interrupted attempt cut back to its restart point.
  Outputs(const Job& job, const std::optional<RestartPoint>& from);

  void thermo(const ThermoRow& row);
  void frame(const Frame& frame, double time_ps);
  /// All so far is on the disk; sets both lengths.
  void mark(RestartPoint& point);
  void close();

private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void line(const std::string& text);
  [[noreturn]] static void fail();
  TrajectoryWriter trajectory_;
  std::unique_ptr<std::FILE, CloseFile> thermo_;
};

} // namespace aet::md::worker
