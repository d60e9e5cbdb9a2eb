// Overlaps of a wave with modes of an atom.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/core/fft.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/fresnel_filter.hpp"

#include <vector>

namespace aet::stem {

/// Puts a mode behind others: patch x patch samples as overlaps() reads them.
void append_mode(const core::AlignedVector<core::Complex>& mode, int patch,
                 core::AlignedVector<float>& modes);

/// Floats that a mode takes.
[[nodiscard]] std::size_t mode_size(int patch);

/// Sum of |<mode, wave>|^2 over modes on a patch of the wave.
/// \param modes as append_mode() leaves them.
/// \param wave of vacuum_wave(), which may be read past its last sample.
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
