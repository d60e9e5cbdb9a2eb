// What a piece of work cost: wall time, CPU time and peak memory, children included.
#pragma once

#include <chrono>

namespace aet::validation {

struct Usage {
  double wall_s = 0.0;
  double cpu_s = 0.0;          ///< user + system, this process and its finished children
  double peak_memory_mb = 0.0; ///< largest resident set so far of this process or of one finished child [MiB]
};

/// Starts counting when made.
class UsageMeter {
public:
  UsageMeter();
  [[nodiscard]] Usage elapsed() const;

private:
  std::chrono::steady_clock::time_point start_;
  double cpu_at_start_;
};

/// Memory that a new process could use without swapping [byte]; infinite where the system does not say.
[[nodiscard]] double available_memory_bytes();

} // namespace aet::validation
