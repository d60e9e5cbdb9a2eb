// Overlaps of a wave with modes of an atom.
#pragma once

#include "sim/stem/fresnel_filter.hpp"

namespace aet::stem {

/// Sum of |<mode, wave>|^2 over modes on a patch of the wave.
/// \param modes of patch x patch samples: real parts, then imaginary parts, each.
/// \param x0, y0 sample of the wave under the first of the patch, which lies inside the wave.
[[nodiscard]] double overlaps(const float* modes, int count, int patch, const SplitWave& wave, int x0,
                              int y0);

/// The wave's squared magnitude at a sample.
[[nodiscard]] inline double intensity_at(const SplitWave& wave, int x, int y) {
  const std::size_t i = area(wave.n, y) + static_cast<std::size_t>(x);
  return static_cast<double>(wave.re[i] * wave.re[i] + wave.im[i] * wave.im[i]);
}

/// Whether (dx, dy) is no longer than `reach`.
[[nodiscard]] inline bool is_within(double reach, int dx, int dy) {
  return static_cast<double>(dx * dx + dy * dy) <= reach * reach;
}

} // namespace aet::stem
