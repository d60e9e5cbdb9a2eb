#include "sim/stem/mode_overlaps.hpp"

#include "sim/stem/lanes.hpp"

namespace aet::stem {

namespace {

/// Rows of a mode are filled up with zeros, which let whole vectors be read from the wave.
std::size_t row_size(int patch) {
  return lanes * ((static_cast<std::size_t>(patch) + lanes - 1) / lanes);
}

} // namespace

static_assert(wave_slack >= lanes);

std::size_t mode_size(int patch) {
  return 2 * static_cast<std::size_t>(patch) * row_size(patch);
}

void append_mode(const core::AlignedVector<core::Complex>& mode, int patch,
                 core::AlignedVector<float>& modes) {
  const auto width = static_cast<std::size_t>(patch);
  const std::size_t row = row_size(patch);
  const std::size_t first = modes.size();
  modes.resize(first + mode_size(patch), 0.0F);
  float* re = modes.data() + first;
  float* im = re + width * row;
  for (std::size_t y = 0; y < width; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      re[y * row + x] = mode[y * width + x].real();
      im[y * row + x] = mode[y * width + x].imag();
    }
  }
}

double overlaps(const float* modes, int count, int patch, const SplitWave& wave, int x0, int y0) {
  const std::size_t row = row_size(patch);
  const std::size_t plane = static_cast<std::size_t>(patch) * row;
  const std::size_t corner = area(wave.n, y0) + static_cast<std::size_t>(x0);
  double sum = 0.0;
  for (int m = 0; m < count; ++m, modes += 2 * plane) {
    Vec overlap_re{};
    Vec overlap_im{};
    for (int y = 0; y < patch; ++y) {
      const float* re = wave.re.data() + corner + area(wave.n, y);
      const float* im = wave.im.data() + corner + area(wave.n, y);
      const float* mode_re = modes + static_cast<std::size_t>(y) * row;
      const float* mode_im = mode_re + plane;
      for (std::size_t x = 0; x < row; x += lanes) {
        const Vec a = load(mode_re + x);
        const Vec b = load(mode_im + x);
        const Vec c = load(re + x);
        const Vec d = load(im + x);
        overlap_re += a * c + b * d;
        overlap_im += a * d - b * c;
      }
    }
    const float p = sum_of(overlap_re);
    const float q = sum_of(overlap_im);
    sum += static_cast<double>(p * p + q * q);
  }
  return sum;
}

} // namespace aet::stem
