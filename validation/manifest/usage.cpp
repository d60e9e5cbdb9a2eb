#include "validation/manifest/usage.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace aet::validation {

namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
}

struct Total {
  double cpu_s = 0.0;
  double peak_kb = 0.0;
};

Total total() {
  Total sum;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    sum.cpu_s += seconds(usage.ru_utime) + seconds(usage.ru_stime);
    sum.peak_kb = std::max(sum.peak_kb, static_cast<double>(usage.ru_maxrss));
  }
  return sum;
}

} // namespace

double available_memory_bytes() {
  std::ifstream info("/proc/meminfo");
  std::string word;
  while (info >> word) {
    double kb = 0.0;
    if (word == "MemAvailable:" && info >> kb) return 1024.0 * kb;
  }
  return std::numeric_limits<double>::infinity();
}

UsageMeter::UsageMeter() : start_(std::chrono::steady_clock::now()), cpu_at_start_(total().cpu_s) {}

Usage UsageMeter::elapsed() const {
  const Total now = total();
  constexpr double kb_per_mb = 1024.0;
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(),
          now.cpu_s - cpu_at_start_, now.peak_kb / kb_per_mb};
}

} // namespace aet::validation
