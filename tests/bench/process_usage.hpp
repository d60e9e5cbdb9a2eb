// What a piece of a benchmark costs this process.
#pragma once

#include <sys/resource.h>

namespace aet::bench {

inline rusage usage() {
  rusage out{};
  getrusage(RUSAGE_SELF, &out);
  return out;
}

/// User CPU seconds of this process.
inline double cpu_seconds() {
  const rusage u = usage();
  return static_cast<double>(u.ru_utime.tv_sec) + 1e-6 * static_cast<double>(u.ru_utime.tv_usec);
}

/// Largest resident memory so far [byte].
inline double peak_bytes() {
  return 1024.0 * static_cast<double>(usage().ru_maxrss);
}

/// Runs f and returns its user CPU seconds.
template <class F> double timed(const F& f) {
  const double start = cpu_seconds();
  f();
  return cpu_seconds() - start;
}

} // namespace aet::bench
