#include "sim/stem/fresnel_filter.hpp"

#include "sim/core/error.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/lanes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace aet::stem {

namespace {

constexpr std::size_t rows_ahead = 3;  ///< of the transmission function, that are fetched before their turn
constexpr std::size_t row_margin = 16; ///< >= fresnel_filter_max_half_width; keeps rows aligned

/// One row or column block: acc = c0 centre + sum c_j (minus_j + plus_j).
template <int K, class Load>
inline void filter_block(const Load& at, const float* c_re, const float* c_im, float* out_re, float* out_im) {
  const auto [x_re, x_im] = at(0);
  Vec acc_re = c_re[0] * x_re - c_im[0] * x_im;
  Vec acc_im = c_re[0] * x_im + c_im[0] * x_re;
#pragma GCC unroll 10
  for (int j = 1; j <= K; ++j) {
    const auto [a_re, a_im] = at(-j);
    const auto [b_re, b_im] = at(j);
    const Vec s_re = a_re + b_re;
    const Vec s_im = a_im + b_im;
    acc_re += c_re[j] * s_re;
    acc_im += c_re[j] * s_im;
    acc_re -= c_im[j] * s_im;
    acc_im += c_im[j] * s_re;
  }
  store(out_re, acc_re);
  store(out_im, acc_im);
}

struct Pair {
  Vec re;
  Vec im;
};

template <int K>
void slice_step(const TransmissionView& t, std::span<const WavePatch> added, SplitWave& wave,
                FilterScratch& scratch, const float* c_re, const float* c_im) {
  constexpr int rows = 2 * K + 1;
  const int n = wave.n;
  const auto width = static_cast<std::size_t>(n);
  float* line_re = scratch.line.data();
  float* line_im = line_re + width + 2 * row_margin;
  const auto ring_re = [&](int slot) {
    return scratch.ring.data() + static_cast<std::size_t>(2 * slot) * width;
  };
  const auto ring_im = [&](int slot) { return ring_re(slot) + width; };
  const auto slot_of = [](int y) { return (y + rows) % rows; };

  // Row y of (transmission x wave + patches), filtered along x.
  const auto filter_row = [&](int y, float* out_re, float* out_im) {
    const auto row = static_cast<std::size_t>(y);
    const float* w_re = wave.re.data() + row * width;
    const float* w_im = wave.im.data() + row * width;
    if (t.re == nullptr) {
      std::copy_n(w_re, width, line_re + row_margin);
      std::copy_n(w_im, width, line_im + row_margin);
    } else {
      const float* t_re = t.re + row * t.stride;
      const float* t_im = t.im + row * t.stride;
      // Rows of the field lie far apart, so the machine does not see which comes next.
      for (std::size_t x = 0; x < width; x += lanes) {
        __builtin_prefetch(t_re + rows_ahead * t.stride + x);
        __builtin_prefetch(t_im + rows_ahead * t.stride + x);
        const Vec a = load(w_re + x);
        const Vec b = load(w_im + x);
        const Vec c = load(t_re + x);
        const Vec d = load(t_im + x);
        store(line_re + row_margin + x, a * c - b * d);
        store(line_im + row_margin + x, a * d + b * c);
      }
    }
    for (const WavePatch& patch : added) {
      if (y < patch.y0 || y >= patch.y0 + patch.side) continue;
      const std::size_t first = area(patch.side, y - patch.y0);
      float* to_re = line_re + row_margin + static_cast<std::size_t>(patch.x0);
      float* to_im = line_im + row_margin + static_cast<std::size_t>(patch.x0);
      for (std::size_t x = 0; x < static_cast<std::size_t>(patch.side); ++x) {
        to_re[x] += patch.re[first + x];
        to_im[x] += patch.im[first + x];
      }
    }
    for (std::size_t j = 0; j < static_cast<std::size_t>(K); ++j) {
      line_re[row_margin - 1 - j] = line_re[row_margin + width - 1 - j];
      line_im[row_margin - 1 - j] = line_im[row_margin + width - 1 - j];
      line_re[row_margin + width + j] = line_re[row_margin + j];
      line_im[row_margin + width + j] = line_im[row_margin + j];
    }
    for (std::size_t x = 0; x < width; x += lanes) {
      const float* p_re = line_re + row_margin + x;
      const float* p_im = line_im + row_margin + x;
      filter_block<K>(
          [&](int j) {
            return Pair{load(p_re + j), load(p_im + j)};
          },
          c_re, c_im, out_re + x, out_im + x);
    }
  };

  for (int y = -K; y < 0; ++y)
    filter_row(y + n, ring_re(slot_of(y)), ring_im(slot_of(y)));
  for (int y = 0; y < K; ++y) {
    filter_row(y, ring_re(slot_of(y)), ring_im(slot_of(y)));
    // These rows are overwritten before the last rows need them as their periodic neighbours.
    std::copy_n(ring_re(slot_of(y)), 2 * width, scratch.top.data() + static_cast<std::size_t>(2 * y) * width);
  }
  for (int y = 0; y < n; ++y) {
    const int next = slot_of(y + K);
    if (y + K < n) {
      filter_row(y + K, ring_re(next), ring_im(next));
    } else {
      std::copy_n(scratch.top.data() + static_cast<std::size_t>(2 * (y + K - n)) * width, 2 * width,
                  ring_re(next));
    }
    std::array<const float*, rows> from;
    for (int j = -K; j <= K; ++j)
      from[static_cast<std::size_t>(j + K)] = ring_re(slot_of(y + j));
    float* out_re = wave.re.data() + static_cast<std::size_t>(y) * width;
    float* out_im = wave.im.data() + static_cast<std::size_t>(y) * width;
    for (std::size_t x = 0; x < width; x += lanes) {
      filter_block<K>(
          [&](int j) {
            const float* p = from[static_cast<std::size_t>(j + K)] + x;
            return Pair{load(p), load(p + width)};
          },
          c_re, c_im, out_re + x, out_im + x);
    }
  }
}

} // namespace

SplitWave vacuum_wave(int n) {
  const std::size_t size = square(n) + wave_slack;
  return {n, core::AlignedVector<float>(size), core::AlignedVector<float>(size)};
}

FilterScratch::FilterScratch(int n)
    : line(2 * (static_cast<std::size_t>(n) + 2 * row_margin)),
      ring(static_cast<std::size_t>(2 * (2 * fresnel_filter_max_half_width + 1)) *
           static_cast<std::size_t>(n)),
      top(static_cast<std::size_t>(2 * fresnel_filter_max_half_width) * static_cast<std::size_t>(n)) {}

SliceStep::SliceStep(const SymmetricFilter& filter) : half_width_(filter.half_width()) {
  if (half_width_ < 1 || half_width_ > fresnel_filter_max_half_width) {
    throw core::NumericsError(
        fmt::format("a propagation filter of half width {} was asked for; 1 to {} are compiled", half_width_,
                    fresnel_filter_max_half_width));
  }
  for (const auto& c : filter.c) {
    re_.push_back(static_cast<float>(c.real()));
    im_.push_back(static_cast<float>(c.imag()));
  }
}

void SliceStep::operator()(const TransmissionView& transmission, std::span<const WavePatch> added,
                           SplitWave& wave, FilterScratch& scratch) const {
  using Step = void (*)(const TransmissionView&, std::span<const WavePatch>, SplitWave&, FilterScratch&,
                        const float*, const float*);
  static constexpr std::array<Step, fresnel_filter_max_half_width> steps{
      slice_step<1>, slice_step<2>, slice_step<3>, slice_step<4>, slice_step<5>,
      slice_step<6>, slice_step<7>, slice_step<8>, slice_step<9>, slice_step<10>};
  steps[static_cast<std::size_t>(half_width_ - 1)](transmission, added, wave, scratch, re_.data(),
                                                   im_.data());
}

} // namespace aet::stem
