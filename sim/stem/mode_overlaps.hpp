// Overlaps of a wave with modes of an atom.
#pragma once

#include "sim/stem/fresnel_filter.hpp"

namespace aet::stem {

/// Sum of |<mode, wave>|^2 over modes on a patch of the wave.
/// \param modes of patch x patch samples: real parts, then imaginary parts, each.
/// \param x0, y0 sample of the wave under the first of the patch, which lies inside the wave.
[[nodiscard]] double overlaps(const float* modes, int count, int patch, const SplitWave& wave, int x0,
                              int y0);

} // namespace aet::stem
