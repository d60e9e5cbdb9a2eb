#include "sim/stem/exit_count.hpp"

#include "sim/core/units.hpp"
#include "sim/stem/fourier.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::stem {

namespace {

constexpr int lowpass_half_width = 5;
constexpr std::size_t margin = 16; ///< >= lowpass_half_width; keeps lines aligned

/// Largest counted frequency, in cycles per sample.
double pass_band(int window, double pixel, const StemOptions& options) {
  const double side = window * pixel;
  return (Annulus(options.probe, options.detector, 1.0 / side).inner() + 1.0 / side) * pixel;
}

/// Half the samples hold the counted frequencies if what folds onto them can be filtered away first.
int decimation_of(int window, double pixel, const StemOptions& options) {
  return pass_band(window, pixel, options) <= 0.2 ? 2 : 1;
}

} // namespace

ExitCount::ExitCount(int window, double pixel, const StemOptions& options)
    : window_(window), edges_{options.detector.inner_mrad},
      decimation_(decimation_of(window, pixel, options)), fft_(window / decimation_, window / decimation_) {
  const double side = window * pixel;
  const Annulus annulus(options.probe, options.detector, 1.0 / side);
  const double pass = pass_band(window, pixel, options);
  SymmetricFilter lowpass{{1.0}};
  if (decimation_ == 2) lowpass = design_lowpass_filter(pass, 0.5 - pass, lowpass_half_width);
  for (const auto& c : lowpass.c)
    lowpass_.push_back(static_cast<float>(c.real()));
  for (const auto& range : options.further.ranges) {
    for (const double edge : {range.inner_mrad, range.outer_mrad}) {
      const bool known = std::find(edges_.begin(), edges_.end(), edge) != edges_.end();
      if (edge > 0.0 && edge < options.detector.inner_mrad && !known) edges_.push_back(edge);
    }
  }
  const int n = window / decimation_;
  weights_.assign(edges_.size(), std::vector<float>(square(n), 0.0F));
  const double fold = static_cast<double>(decimation_) * decimation_ / window;
  for (int iy = 0; iy < n; ++iy) {
    for (int ix = 0; ix < n; ++ix) {
      const double qx = frequency(ix, n, side);
      const double qy = frequency(iy, n, side);
      const double q = std::hypot(qx, qy);
      if (annulus.inside_inner(q) == 0.0) continue;
      const double response = (lowpass.response(qx * pixel) * lowpass.response(qy * pixel)).real() / fold;
      for (std::size_t e = 0; e < edges_.size(); ++e) {
        weights_[e][static_cast<std::size_t>(iy * n + ix)] =
            static_cast<float>(annulus.inside_disc(q, edges_[e]) / (response * response));
      }
    }
  }
}

ExitCount::Scratch ExitCount::scratch() const {
  return {core::AlignedVector<core::Complex>(square(window_ / decimation_)),
          core::AlignedVector<float>(2 * (static_cast<std::size_t>(window_) + 2 * margin))};
}

void ExitCount::decimate(const SplitWave& wave, Scratch& scratch) const {
  constexpr int reach = lowpass_half_width;
  const int n = window_;
  const auto width = static_cast<std::size_t>(n);
  float* padded = scratch.lines.data() + margin;
  float* full = padded + width + 2 * margin;
  for (int y = 0; y < n; y += 2) {
    for (const bool imaginary : {false, true}) {
      const float* plane = imaginary ? wave.im.data() : wave.re.data();
      const auto row = [&](int j) { return plane + static_cast<std::size_t>((y + j + n) % n) * width; };
      const float* centre = row(0);
      for (std::size_t x = 0; x < width; ++x)
        padded[x] = lowpass_[0] * centre[x];
      for (int j = 1; j <= reach; ++j) {
        const float c = lowpass_[static_cast<std::size_t>(j)];
        const float* above = row(-j);
        const float* below = row(j);
        for (std::size_t x = 0; x < width; ++x)
          padded[x] += c * (above[x] + below[x]);
      }
      for (int j = 0; j < reach; ++j) {
        padded[-1 - j] = padded[n - 1 - j];
        padded[n + j] = padded[j];
      }
      for (std::size_t x = 0; x < width; ++x)
        full[x] = lowpass_[0] * padded[x];
      for (int j = 1; j <= reach; ++j) {
        const float c = lowpass_[static_cast<std::size_t>(j)];
        for (std::size_t x = 0; x < width; ++x)
          full[x] += c * ((padded + x)[-j] + (padded + x)[j]);
      }
      auto* out =
          reinterpret_cast<float*>(scratch.spectrum.data() + static_cast<std::size_t>(y / 2) * (width / 2)) +
          (imaginary ? 1 : 0);
      for (int x = 0; x < n / 2; ++x)
        out[2 * x] = full[2 * x];
    }
  }
}

std::vector<double> ExitCount::inside(const SplitWave& wave, Scratch& scratch) const {
  if (decimation_ == 2) {
    decimate(wave, scratch);
  } else {
    for (std::size_t i = 0; i < wave.re.size(); ++i)
      scratch.spectrum[i] = {wave.re[i], wave.im[i]};
  }
  fft_.forward(scratch.spectrum.data());
  std::vector<double> inside(edges_.size(), 0.0);
  for (std::size_t i = 0; i < scratch.spectrum.size(); ++i) {
    if (weights_[0][i] == 0.0F) continue;
    const float p = power(scratch.spectrum[i]);
    for (std::size_t e = 0; e < edges_.size(); ++e)
      inside[e] += static_cast<double>(weights_[e][i] * p);
  }
  return inside;
}

} // namespace aet::stem
