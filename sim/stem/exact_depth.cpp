#include "sim/stem/exact_depth.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/lanes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::stem {

namespace {

constexpr double correction_side = 2.7; // [angstrom]
constexpr double full_radius = 0.9;     // [angstrom]
constexpr double end_radius = 1.3;      // [angstrom]
constexpr double distance_step = 0.04;  ///< offsets are rounded to it: 0.01 A rms, against 0.58 A without
constexpr double correction_signal_tolerance = 1e-3;
constexpr double correction_band_tolerance = 0.1;
constexpr double correction_band = 0.75; ///< of the Nyquist frequency

} // namespace

ExactDepth::ExactDepth(double pixel, double wavelength, double largest, double signal)
    : side_(static_cast<int>(lanes) * static_cast<int>(std::ceil(correction_side / pixel / lanes))) {
  const auto target = [&](double distance) {
    return FresnelFilterTarget{pixel, wavelength, distance, signal, correction_band * 0.5 / pixel};
  };
  for (int k = 1; k <= fresnel_filter_max_half_width && margin_ == 0; ++k) {
    const auto errors = filter_errors(design_fresnel_filter(target(largest), k), target(largest));
    if (errors.signal <= correction_signal_tolerance && errors.band <= correction_band_tolerance) margin_ = k;
  }
  if (margin_ == 0) {
    throw core::ConfigError(fmt::format("slice_a = {} A is too thick for atoms at their exact depth with a "
                                        "pixel of {:.4f} A: use thinner slices or exact_depth_a = 0",
                                        2.0 * largest, pixel));
  }
  const int count = static_cast<int>(std::lround(largest / distance_step)) + 1;
  for (int i = 0; i < count; ++i) {
    Coefficients c;
    const auto filter =
        i == 0
            ? SymmetricFilter{std::vector<std::complex<double>>(static_cast<std::size_t>(margin_) + 1, 0.0)}
            : design_fresnel_filter(target(i * distance_step), margin_);
    for (const auto& value : filter.c) {
      c.re.push_back(static_cast<float>(value.real()));
      c.im.push_back(static_cast<float>(value.imag()));
    }
    if (i == 0) c.re[0] = 1.0F;
    filters_.push_back(std::move(c));
  }
}

ExactDepth::Scratch ExactDepth::scratch() const {
  const auto outer = static_cast<std::size_t>(side_ + 2 * margin_);
  const auto inner = static_cast<std::size_t>(side_);
  const auto patch = [](std::size_t size) {
    return SplitPatch{core::AlignedVector<float>(size), core::AlignedVector<float>(size)};
  };
  return {patch(outer * outer), patch(outer * inner), patch(inner * inner)};
}

double ExactDepth::core_window(double r) {
  if (r <= full_radius) return 1.0;
  if (r >= end_radius) return 0.0;
  const double c = std::cos(0.5 * core::pi * (r - full_radius) / (end_radius - full_radius));
  return c * c;
}

void ExactDepth::propagate(const Coefficients& filter, bool backwards, SplitPatch& out,
                           Scratch& scratch) const {
  const auto inner = static_cast<std::size_t>(side_);
  const auto margin = static_cast<std::size_t>(margin_);
  const std::size_t outer = inner + 2 * margin;
  const float sign = backwards ? -1.0F : 1.0F;
  // `centre` is the middle of the filter; neighbours j samples away are j * stride floats away.
  const auto filter_row = [&](const float* in_re, const float* in_im, std::ptrdiff_t stride, float* to_re,
                              float* to_im) {
    for (std::size_t x = 0; x < inner; x += lanes) {
      const Vec centre_re = load(in_re + x);
      const Vec centre_im = load(in_im + x);
      Vec sum_re = filter.re[0] * centre_re - sign * filter.im[0] * centre_im;
      Vec sum_im = filter.re[0] * centre_im + sign * filter.im[0] * centre_re;
      for (std::size_t j = 1; j <= margin; ++j) {
        const float c_re = filter.re[j];
        const float c_im = sign * filter.im[j];
        const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(j) * stride;
        const Vec s_re = load(in_re + x - step) + load(in_re + x + step);
        const Vec s_im = load(in_im + x - step) + load(in_im + x + step);
        sum_re += c_re * s_re - c_im * s_im;
        sum_im += c_re * s_im + c_im * s_re;
      }
      store(to_re + x, sum_re);
      store(to_im + x, sum_im);
    }
  };
  for (std::size_t y = 0; y < outer; ++y) {
    filter_row(scratch.input.re.data() + y * outer + margin, scratch.input.im.data() + y * outer + margin, 1,
               scratch.rows.re.data() + y * inner, scratch.rows.im.data() + y * inner);
  }
  for (std::size_t y = 0; y < inner; ++y) {
    filter_row(scratch.rows.re.data() + (y + margin) * inner, scratch.rows.im.data() + (y + margin) * inner,
               static_cast<std::ptrdiff_t>(inner), out.re.data() + y * inner, out.im.data() + y * inner);
  }
}

void ExactDepth::correction(const SplitWave& wave, int x0, int y0, const float* t, double offset,
                            SplitPatch& out, Scratch& scratch) const {
  const auto inner = static_cast<std::size_t>(side_);
  const auto margin = static_cast<std::size_t>(margin_);
  const std::size_t outer = inner + 2 * margin;
  const auto width = static_cast<std::size_t>(wave.n);
  const std::size_t corner =
      static_cast<std::size_t>(y0 - margin_) * width + static_cast<std::size_t>(x0 - margin_);
  for (std::size_t y = 0; y < outer; ++y) {
    std::copy_n(wave.re.data() + corner + y * width, outer, scratch.input.re.data() + y * outer);
    std::copy_n(wave.im.data() + corner + y * width, outer, scratch.input.im.data() + y * outer);
  }
  const auto& filter = filters_[static_cast<std::size_t>(std::lround(std::abs(offset) / distance_step))];
  propagate(filter, offset < 0.0, scratch.arrived, scratch);

  // Scattered wave at the atom's plane, zero around it.
  std::fill(scratch.input.re.begin(), scratch.input.re.end(), 0.0F);
  std::fill(scratch.input.im.begin(), scratch.input.im.end(), 0.0F);
  const float* t_im = t + inner * inner;
  for (std::size_t y = 0; y < inner; ++y) {
    for (std::size_t x = 0; x < inner; ++x) {
      const std::size_t i = y * inner + x;
      const std::size_t o = (y + margin) * outer + margin + x;
      scratch.input.re[o] = t[i] * scratch.arrived.re[i] - t_im[i] * scratch.arrived.im[i];
      scratch.input.im[o] = t[i] * scratch.arrived.im[i] + t_im[i] * scratch.arrived.re[i];
    }
  }
  propagate(filter, offset >= 0.0, out, scratch);
  for (std::size_t y = 0; y < inner; ++y) {
    const float* w_re = wave.re.data() + corner + (y + margin) * width + margin;
    const float* w_im = wave.im.data() + corner + (y + margin) * width + margin;
    for (std::size_t x = 0; x < inner; ++x) {
      const std::size_t i = y * inner + x;
      out.re[i] -= t[i] * w_re[x] - t_im[i] * w_im[x];
      out.im[i] -= t[i] * w_im[x] + t_im[i] * w_re[x];
    }
  }
}

} // namespace aet::stem
