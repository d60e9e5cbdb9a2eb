#include "sim/stem/exit_count.hpp"

#include "sim/core/units.hpp"
#include "sim/stem/fourier.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::stem {

namespace {

double largest_edge(const StemOptions& options) {
  const std::vector<double> edges = counted_edges(options);
  return *std::max_element(edges.begin(), edges.end());
}

constexpr int lowpass_half_width = 5;
constexpr std::size_t margin = 16; ///< >= lowpass_half_width; keeps lines aligned

/// Largest counted frequency, in cycles per sample.
double pass_band(int window, double pixel, const StemOptions& options) {
  const double wavelength = core::electron_wavelength(options.probe.energy_kv);
  return largest_edge(options) * 1e-3 / wavelength * pixel + 1.0 / window;
}

/// Half the samples hold the counted frequencies if what folds onto them can be filtered away first.
int decimation_of(int window, double pixel, const StemOptions& options) {
  return pass_band(window, pixel, options) <= 0.2 ? 2 : 1;
}

} // namespace

std::vector<double> counted_edges(const StemOptions& options) {
  std::vector<double> edges{options.detector.inner_mrad};
  for (const auto& range : options.further.ranges) {
    for (const double edge : {range.inner_mrad, range.outer_mrad}) {
      const bool known = std::find(edges.begin(), edges.end(), edge) != edges.end();
      if (edge > 0.0 && edge != options.detector.outer_mrad && !known) edges.push_back(edge);
    }
  }
  return edges;
}

ExitCount::ExitCount(int window, double pixel, const StemOptions& options)
    : window_(window), edges_(counted_edges(options)), decimation_(decimation_of(window, pixel, options)),
      fft_(window / decimation_, window / decimation_) {
  const double side = window * pixel;
  const Annulus annulus(options.probe, options.detector, 1.0 / side);
  const double pass = pass_band(window, pixel, options);
  SymmetricFilter lowpass{{1.0}};
  if (decimation_ == 2) lowpass = design_lowpass_filter(pass, 0.5 - pass, lowpass_half_width);
  for (const auto& c : lowpass.c)
    lowpass_.push_back(static_cast<float>(c.real()));
  std::vector<AngleRange> counted;
  for (const double edge : edges_)
    counted.push_back({.inner_mrad = 0.0, .outer_mrad = edge});
  for (const auto& range : options.further.ranges) {
    if (range.segments > 1) counted.push_back(range);
  }
  const int n = window / decimation_;
  weights_.resize(counted.size());
  const double fold = static_cast<double>(decimation_) * decimation_ / window;
  const double reach = largest_edge(options);
  for (int iy = 0; iy < n; ++iy) {
    for (int ix = 0; ix < n; ++ix) {
      const double qx = frequency(ix, n, side);
      const double qy = frequency(iy, n, side);
      if (annulus.inside_disc(std::hypot(qx, qy), reach) == 0.0) continue;
      const double response = (lowpass.response(qx * pixel) * lowpass.response(qy * pixel)).real() / fold;
      samples_.push_back(area(n, iy) + static_cast<std::size_t>(ix));
      for (std::size_t c = 0; c < counted.size(); ++c) {
        weights_[c].push_back(static_cast<float>(annulus.weight(qx, qy, counted[c]) / (response * response)));
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
    for (std::size_t i = 0; i < scratch.spectrum.size(); ++i)
      scratch.spectrum[i] = {wave.re[i], wave.im[i]};
  }
  fft_.forward(scratch.spectrum.data());
  std::vector<double> inside(weights_.size(), 0.0);
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const float p = power(scratch.spectrum[samples_[i]]);
    for (std::size_t c = 0; c < weights_.size(); ++c)
      inside[c] += static_cast<double>(weights_[c][i] * p);
  }
  return inside;
}

} // namespace aet::stem
