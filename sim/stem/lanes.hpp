// Sixteen floats at a time, in whatever registers the machine has.
#pragma once

#include <cstddef>
#include <cstring>

namespace aet::stem {

inline constexpr std::size_t lanes = 16;
using Vec = float __attribute__((vector_size(lanes * sizeof(float))));

[[nodiscard]] inline Vec load(const float* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

inline void store(float* p, const Vec& v) {
  std::memcpy(p, &v, sizeof v);
}

/// Sum of the lanes, halves first: the same order on every machine.
[[nodiscard]] inline float sum_of(const Vec& v) {
  float x[lanes];
  store(x, v);
  for (std::size_t half = lanes / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i)
      x[i] += x[i + half];
  }
  return x[0];
}

} // namespace aet::stem
