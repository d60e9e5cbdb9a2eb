// Progress on a terminal: one line with rate and time left; plain lines elsewhere.
#pragma once

#include "sim/core/progress.hpp"

#include <chrono>
#include <string>

namespace aet::cli {

/// Draws to standard error. One object a task; the sink it gives must not outlive it.
class ProgressLine {
public:
  /// \param label what is being done, for example "image".
  explicit ProgressLine(std::string label);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

  /// Also throws core::Interrupted after Ctrl-C or SIGTERM.
  [[nodiscard]] core::ProgressSink sink();
  /// Begin counting again under another label.
  void restart(std::string label);
  /// Remove the line from a terminal.
  void clear();

private:
  void draw(const core::Progress& progress);

  std::string label_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
  double first_done_ = -1.0;
};

/// 93.4 -> "1 min 33 s".
[[nodiscard]] std::string human_seconds(double seconds);

} // namespace aet::cli
