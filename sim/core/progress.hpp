// How long computations tell the caller where they are. The command line draws; numerics only report.
#pragma once

#include <functional>
#include <string>

namespace aet::core {

struct Progress {
  double done = 0.0;    ///< units of work finished
  double total = 0.0;   ///< units of work in all
  std::string unit;     ///< e.g. "probes", "iterations"
  std::string note;     ///< e.g. "R_k 0.123"; may be empty
  bool at_most = false; ///< the work may end before `total`
};

/// Called on the calling thread. May throw Interrupted to stop the work. May be empty.
using ProgressSink = std::function<void(const Progress&)>;

inline void report(const ProgressSink& sink, const Progress& progress) {
  if (sink) sink(progress);
}

} // namespace aet::core
