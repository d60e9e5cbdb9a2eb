#include "validation/cli/interrupt.hpp"

#include "sim/core/error.hpp"

#include <csignal>

namespace aet::cli {

namespace {

// A signal handler can reach nothing but a global of this type.
volatile std::sig_atomic_t signal_seen = 0;

void note_signal(int signal) {
  signal_seen = 1;
  std::signal(signal, SIG_DFL);
}

} // namespace

void catch_interrupts() {
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
}

void throw_if_interrupted() {
  if (signal_seen != 0) {
    throw core::Interrupted("stopped on request; what is finished is kept, continue with --resume.");
  }
}

} // namespace aet::cli
