// Which moments of a transformation to look at, chosen from a curve that follows it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace aet::md {

/// Does the curve rise (crystalline fraction) or fall (potential energy) as the transformation goes on?
enum class Direction { rising, falling };

struct TimeChoiceOptions {
  std::vector<double> levels{0.10, 0.50, 0.90}; ///< parts of the whole change, rising, inside (0, 1)
  std::size_t smoothing = 9;                    ///< frames of the moving mean, odd, >= 1
  std::size_t min_separation = 10;              ///< frames between chosen times, >= 1
  std::size_t frames_after = 0; ///< frames that must follow each chosen one (for a mean), >= 0
  double significance = 6.0; ///< the change must exceed this many standard errors of the smoothed curve, > 0
};

struct ChosenTimes {
  std::vector<std::size_t> frames; ///< one per level, rising, at least min_separation apart
  bool found = false;              ///< false: no clear change, frames are equally spaced
  double begin = 0.0;              ///< level before the change [unit of the curve]
  double end = 0.0;                ///< level after it
  double standard_error = 0.0;     ///< of the smoothed curve
  std::string note;                ///< one sentence on how the times were chosen
};

/// \throws ConfigError naming the option, its value and what is allowed.
void validate(const TimeChoiceOptions& options);

/// The curve is smoothed by a moving mean and replaced by the closest monotone curve (pool adjacent
/// violators: Ayer et al., Ann. Math. Stat. 26, 641 (1955), doi:10.1214/aoms/1177728423); a time is chosen
/// where that curve has gone through each level of its whole change. Times closer than min_separation are
/// moved apart. If the change is not significant the times are equally spaced, `found` is false and the note
/// says so.
/// \param progress one finite value per frame.
/// \throws DataError if there are too few frames for the separation asked for, or NaN or infinity.
[[nodiscard]] ChosenTimes choose_times(const std::vector<double>& progress, Direction direction,
                                       const TimeChoiceOptions& options = {});

/// The non-decreasing sequence closest to `values` in the least-squares sense.
[[nodiscard]] std::vector<double> isotonic_fit(const std::vector<double>& values);

} // namespace aet::md
