// Frames that are looked at while a job runs and not kept.
#pragma once

#include "sim/md/job.hpp"
#include "sim/md/trajectory.hpp"

#include <filesystem>
#include <functional>

namespace aet::md {

/// Looks at frames while they are made. Blocks come in the order of time and never cross stages; an
/// incomplete block at the end of a stage is not shown. After an interruption a block may be shown a second
/// time.
struct Watcher {
  int block = 1; ///< consecutive watched frames shown together (for a mean), 1..1000
  std::function<void(const Trajectory& block)> show; ///< on the thread that runs the job; may throw
};

/// Sub-folder of md.partial that holds frames nobody has looked at yet.
inline constexpr const char* watch_folder = "watch";

/// Leave a frame there, whole or not at all.
/// \throws ExternalError if the disk is full.
void leave_watched_frame(const std::filesystem::path& partial, const Frame& frame, double time_ps);

/// Shows what the worker of `job` has left in `partial`.
class WatchedFrames {
public:
  /// \param from_step  frames of later steps are left-overs of an interrupted run, and removed.
  /// \throws ConfigError if watcher.block is out of range.
  WatchedFrames(const Job& job, std::filesystem::path partial, Watcher watcher, long from_step);

  /// Show all complete blocks.
  /// \throws what the watcher throws, DataError for a damaged frame.
  void show() const;

private:
  std::filesystem::path folder_;
  Watcher watcher_;
  Trajectory like_; ///< elements and cell, no frames
  struct Span {
    long first;
    long last;
    long every;
  };
  std::vector<Span> stages_; ///< steps of the job at which each stage begins and ends
};

} // namespace aet::md
