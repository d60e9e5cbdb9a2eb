#include "validation/cli/progress_line.hpp"

#include "validation/cli/interrupt.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace aet::cli {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point a, Clock::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

} // namespace

std::string human_seconds(double seconds) {
  const long s = std::lround(seconds);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

ProgressLine::ProgressLine(std::string label)
    : label_(std::move(label)), terminal_(::isatty(STDERR_FILENO) == 1), start_(Clock::now()), last_(start_) {
}

ProgressLine::~ProgressLine() {
  clear();
}

core::ProgressSink ProgressLine::sink() {
  return [this](const core::Progress& progress) {
    throw_if_interrupted();
    draw(progress);
  };
}

void ProgressLine::restart(std::string label) {
  clear();
  label_ = std::move(label);
  start_ = last_ = Clock::now();
  first_done_ = -1.0;
}

void ProgressLine::clear() {
  if (terminal_ && drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

void ProgressLine::draw(const core::Progress& progress) {
  const Clock::time_point now = Clock::now();
  // What was done before the first report (a resumed run) says nothing about the rate.
  if (first_done_ < 0.0) first_done_ = progress.done;
  const double redraw_s = terminal_ ? 0.2 : 15.0;
  if (seconds_between(last_, now) < redraw_s) return;
  last_ = now;
  const double elapsed = seconds_between(start_, now);
  const double fraction = progress.total > 0.0 ? std::clamp(progress.done / progress.total, 0.0, 1.0) : 0.0;
  const double rate = (progress.done - first_done_) / elapsed;
  std::string line = fmt::format("  {:<11} {:5.1f} %", label_, 100.0 * fraction);
  if (terminal_) {
    constexpr int width = 24;
    const int filled = static_cast<int>(std::lround(fraction * width));
    line += fmt::format(" [{:=<{}}{: <{}}]", "", filled, "", width - filled);
  }
  if (rate > 0.0) {
    line += fmt::format("  {:.3g} {}/s, {}{} left", rate, progress.unit, progress.at_most ? "at most " : "",
                        human_seconds((progress.total - progress.done) / rate));
  }
  if (!progress.note.empty()) line += "  " + progress.note;
  if (terminal_) {
    fmt::print(stderr, "\r{}\033[K", line);
    std::fflush(stderr);
    drawn_ = true;
  } else {
    fmt::print(stderr, "{}\n", line);
  }
}

} // namespace aet::cli
