#include "sim/md/choose_times.hpp"

#include "sim/core/error.hpp"
#include "sim/core/join.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace aet::md {

namespace {

std::vector<double> moving_mean(const std::vector<double>& values, std::size_t window) {
  const std::size_t half = window / 2;
  std::vector<double> out(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    // Symmetric, shrinking towards the ends, so that a straight line stays a straight line.
    const std::size_t reach = std::min({half, i, values.size() - 1 - i});
    double sum = 0.0;
    for (std::size_t j = i - reach; j <= i + reach; ++j)
      sum += values[j];
    out[i] = sum / static_cast<double>(2 * reach + 1);
  }
  return out;
}

/// Standard deviation of the frame-to-frame noise, from second differences: blind to slow changes.
double noise_of(const std::vector<double>& values) {
  if (values.size() < 3) return 0.0;
  double sum = 0.0;
  for (std::size_t i = 1; i + 1 < values.size(); ++i) {
    const double d = values[i - 1] - 2.0 * values[i] + values[i + 1];
    sum += d * d;
  }
  return std::sqrt(sum / (6.0 * static_cast<double>(values.size() - 2)));
}

/// Move times apart, keeping order and staying within [0, last].
void separate(std::vector<std::size_t>& frames, std::size_t gap, std::size_t last) {
  for (std::size_t i = 1; i < frames.size(); ++i)
    frames[i] = std::max(frames[i], frames[i - 1] + gap);
  std::size_t limit = last;
  for (std::size_t i = frames.size(); i-- > 0;) {
    frames[i] = std::min(frames[i], limit);
    limit = frames[i] >= gap ? frames[i] - gap : 0;
  }
}

std::vector<std::size_t> equally_spaced(std::size_t count, std::size_t last) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(count == 1 ? last / 2 : i * last / (count - 1));
  return out;
}

} // namespace

void validate(const TimeChoiceOptions& options) {
  const auto fail = [](const std::string& what) { throw core::ConfigError("choice of times: " + what); };
  if (options.levels.empty()) fail("levels is empty; give at least one number between 0 and 1");
  double previous = 0.0;
  for (const double level : options.levels) {
    if (!(level > previous && level < 1.0))
      fail(fmt::format("levels = [{}] is not allowed; use rising numbers between 0 and 1",
                       core::join(options.levels, ", ")));
    previous = level;
  }
  if (options.smoothing % 2 == 0)
    fail(fmt::format("smoothing = {} is not allowed; use an odd number of frames", options.smoothing));
  if (options.min_separation < 1) fail("min_separation = 0 is not allowed; use at least 1 frame");
  if (!(options.significance > 0.0))
    fail(fmt::format("significance = {} is not allowed; use a number above 0", options.significance));
}

std::vector<double> isotonic_fit(const std::vector<double>& values) {
  struct Block {
    double sum;
    std::size_t count;
    [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Block> blocks;
  for (const double value : values) {
    blocks.push_back({value, 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
      const Block merged{blocks[blocks.size() - 2].sum + blocks.back().sum,
                         blocks[blocks.size() - 2].count + blocks.back().count};
      blocks.pop_back();
      blocks.back() = merged;
    }
  }
  std::vector<double> out;
  out.reserve(values.size());
  for (const Block& block : blocks)
    out.insert(out.end(), block.count, block.mean());
  return out;
}

ChosenTimes choose_times(const std::vector<double>& progress, Direction direction,
                         const TimeChoiceOptions& options) {
  validate(options);
  if (!std::all_of(progress.begin(), progress.end(), [](double v) { return std::isfinite(v); }))
    throw core::DataError("choice of times: the curve holds NaN or infinity");
  const std::size_t count = options.levels.size();
  const std::size_t needed = (count - 1) * options.min_separation + 1 + options.frames_after;
  if (progress.size() < std::max<std::size_t>(needed, 3))
    throw core::DataError(fmt::format(
        "choice of times: {} frames are too few for {} times {} frames apart, each followed by {} more; "
        "at least {} are needed: hold longer or ask for less",
        progress.size(), count, options.min_separation, options.frames_after,
        std::max<std::size_t>(needed, 3)));
  const std::size_t last = progress.size() - 1 - options.frames_after;

  std::vector<double> rising = progress;
  const double sign = direction == Direction::rising ? 1.0 : -1.0;
  for (double& value : rising)
    value *= sign;
  const std::vector<double> fit = isotonic_fit(moving_mean(rising, options.smoothing));
  // Half a window in from the ends, where the moving mean has its full width.
  const std::size_t inset = std::min(options.smoothing / 2, (progress.size() - 1) / 2);
  const double low = fit[inset];
  const double high = fit[fit.size() - 1 - inset];

  ChosenTimes chosen;
  chosen.begin = sign * low;
  chosen.end = sign * high;
  chosen.standard_error = noise_of(rising) / std::sqrt(static_cast<double>(options.smoothing));
  chosen.found = high - low > options.significance * chosen.standard_error && high > low;
  if (!chosen.found) {
    chosen.frames = equally_spaced(count, last);
    chosen.note =
        fmt::format("no clear change of the curve over the run ({:.6g} to {:.6g}, standard error {:.2g}): "
                    "the times are equally spaced",
                    chosen.begin, chosen.end, chosen.standard_error);
    return chosen;
  }
  for (const double level : options.levels) {
    const auto at = std::lower_bound(fit.begin(), fit.end(), low + level * (high - low));
    chosen.frames.push_back(std::min(static_cast<std::size_t>(at - fit.begin()), last));
  }
  const std::vector<std::size_t> crossings = chosen.frames;
  separate(chosen.frames, options.min_separation, last);
  std::vector<long> percent;
  for (const double level : options.levels)
    percent.push_back(std::lround(100.0 * level));
  chosen.note =
      fmt::format("the times where the curve has gone through {} % of its change from {:.6g} to {:.6g}{}",
                  core::join(percent, ", "), chosen.begin, chosen.end,
                  crossings == chosen.frames
                      ? std::string()
                      : fmt::format(", moved to be at least {} frames apart", options.min_separation));
  return chosen;
}

} // namespace aet::md
