// The one door through which threads enter.
#pragma once

#include <cstddef>
#include <functional>

namespace aet::core {

/// Number of worker threads, >= 1. Results never depend on it.
struct Threads {
  int count = 1;
};

/// As many threads as the machine has cores.
[[nodiscard]] Threads all_cores();

/// Call body(i, worker) once for every i in [0, n). `worker` in [0, threads.count) names the calling
/// thread, for scratch space. Indices are handed out one by one in rising order; results must not depend on
/// which worker gets which index. The first exception stops the hand-out and is rethrown here.
/// The optional `on_caller` runs on the calling thread about ten times a second with the number of
/// finished indices; it may throw to stop.
void parallel_for(std::size_t n, Threads threads, const std::function<void(std::size_t, int)>& body,
                  const std::function<void(std::size_t)>& on_caller = {});

} // namespace aet::core
