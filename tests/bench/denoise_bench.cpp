// Figures of the denoising, one JSON object on standard output.
#include "sim/core/error.hpp"
#include "tests/bench/denoise_report.hpp"

#include <fmt/core.h>

#include <cstdio>

int main() {
  try {
    std::fputs(aet::bench::denoise_report().c_str(), stdout);
  } catch (const aet::core::Error& e) {
    std::fputs(fmt::format("bench_denoise: {}\n", e.what()).c_str(), stderr);
    return static_cast<int>(e.exit_code());
  }
  return 0;
}
