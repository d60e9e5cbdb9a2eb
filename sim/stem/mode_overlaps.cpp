#include "sim/stem/mode_overlaps.hpp"

#include "sim/stem/fourier.hpp"

namespace aet::stem {

double overlaps(const float* modes, int count, int patch, const SplitWave& wave, int x0, int y0) {
  const std::size_t samples = square(patch);
  double sum = 0.0;
  for (int m = 0; m < count; ++m) {
    float overlap_re = 0.0F;
    float overlap_im = 0.0F;
    for (int iy = 0; iy < patch; ++iy) {
      const std::size_t row = area(wave.n, y0 + iy) + static_cast<std::size_t>(x0);
      const float* re = wave.re.data() + row;
      const float* im = wave.im.data() + row;
      const float* mode_re = modes + area(patch, iy);
      const float* mode_im = mode_re + samples;
      for (int ix = 0; ix < patch; ++ix) {
        overlap_re += mode_re[ix] * re[ix] + mode_im[ix] * im[ix];
        overlap_im += mode_re[ix] * im[ix] - mode_im[ix] * re[ix];
      }
    }
    sum += static_cast<double>(overlap_re * overlap_re + overlap_im * overlap_im);
    modes += 2 * samples;
  }
  return sum;
}

} // namespace aet::stem
