#include "sim/md/watch.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <utility>

namespace aet::md {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t header_numbers = 6; // step, atoms, time, three edges

void append(std::string& bytes, double value) {
  std::array<char, sizeof value> raw{};
  std::memcpy(raw.data(), &value, sizeof value);
  bytes.append(raw.data(), raw.size());
}

fs::path file_of(const fs::path& folder, long step) {
  return folder / fmt::format("{}.frame", step);
}

/// The frame and its time.
std::pair<Frame, double> read_watched_frame(const fs::path& path, std::size_t atoms) {
  const std::string bytes = core::read_file(path);
  std::vector<double> numbers(bytes.size() / sizeof(double));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(double));
  if (numbers.size() != header_numbers + 3 * atoms || numbers[1] != static_cast<double>(atoms))
    throw core::DataError(fmt::format("{} is not a frame of {} atoms; remove the folder and start again",
                                      path.string(), atoms));
  Frame frame;
  frame.step = static_cast<long>(numbers[0]);
  frame.edges = core::Vec3(numbers[3], numbers[4], numbers[5]);
  for (std::size_t i = 0; i < atoms; ++i) {
    const double* const at = numbers.data() + header_numbers + 3 * i;
    frame.positions.emplace_back(at[0], at[1], at[2]);
  }
  return {std::move(frame), numbers[2]};
}

/// Steps of the frames in a folder, rising.
std::vector<long> steps_in(const fs::path& folder) {
  std::vector<long> steps;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    long step = 0;
    const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), step);
    if (bad == std::errc() && std::string_view(end) == ".frame") steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

} // namespace

void leave_watched_frame(const fs::path& partial, const Frame& frame, double time_ps) {
  std::string bytes;
  bytes.reserve((header_numbers + 3 * frame.positions.size()) * sizeof(double));
  const core::Vec3 edges = frame.edges.value_or(core::Vec3::Zero());
  for (const double value : {static_cast<double>(frame.step), static_cast<double>(frame.positions.size()),
                             time_ps, edges.x(), edges.y(), edges.z()})
    append(bytes, value);
  for (const core::Vec3& p : frame.positions)
    for (int k = 0; k < 3; ++k)
      append(bytes, p[k]);
  core::write_file(file_of(partial / watch_folder, frame.step), bytes);
}

WatchedFrames::WatchedFrames(const Job& job, fs::path partial, Watcher watcher, long from_step)
    : folder_(std::move(partial) / watch_folder), watcher_(std::move(watcher)) {
  if (watcher_.block < 1 || watcher_.block > 1000)
    throw core::ConfigError(
        fmt::format("MD watcher: block = {} is not allowed; use 1 to 1000", watcher_.block));
  like_.atomic_numbers = job.atoms.atomic_numbers;
  like_.cell = *job.atoms.cell;
  long step = 0;
  for (const Stage& stage : job.stages) {
    stages_.push_back({step, step + stage.steps, stage.watch_every});
    step += stage.steps;
  }
  std::error_code ignored;
  for (const long left : steps_in(folder_))
    if (left > from_step) fs::remove(file_of(folder_, left), ignored);
}

void WatchedFrames::show() const {
  if (!watcher_.show) return;
  std::map<std::pair<std::size_t, long>, std::vector<long>> blocks; // (stage, number of the block) -> steps
  for (const long step : steps_in(folder_)) {
    std::size_t s = 0;
    while (s < stages_.size() && step > stages_[s].last)
      ++s;
    if (s == stages_.size() || stages_[s].every == 0) continue;
    blocks[{s, ((step - stages_[s].first) / stages_[s].every - 1) / watcher_.block}].push_back(step);
  }
  for (const auto& [key, steps] : blocks) {
    if (static_cast<int>(steps.size()) < watcher_.block) continue;
    Trajectory block = like_;
    for (const long step : steps) {
      auto [frame, time_ps] = read_watched_frame(file_of(folder_, step), like_.atomic_numbers.size());
      block.frames.push_back(std::move(frame));
      block.times_ps.push_back(time_ps);
    }
    for (int k = 0; k < 3; ++k)
      block.cell.vectors(k, k) = (*block.frames.front().edges)[k];
    watcher_.show(block);
    std::error_code ignored;
    for (const long step : steps)
      fs::remove(file_of(folder_, step), ignored);
  }
}

} // namespace aet::md
