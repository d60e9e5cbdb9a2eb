// Free propagation over a short distance as a separable real-space filter.
//
// Over one slice the Fresnel kernel is only a few pixels wide for the frequencies a coarse grid holds.
// Because exp(-i pi lambda dz (kx^2 + ky^2)) factorises, a wave is propagated by one short symmetric filter
// along the rows and the same along the columns, without a Fourier transform.
#pragma once

#include "sim/core/aligned.hpp"

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace aet::stem {

/// Symmetric filter: out[i] = c[0] in[i] + sum over j >= 1 of c[j] (in[i-j] + in[i+j]).
struct SymmetricFilter {
  std::vector<std::complex<double>> c;

  [[nodiscard]] int half_width() const { return static_cast<int>(c.size()) - 1; }
  /// Response at `cycles` per sample, |cycles| <= 1/2.
  [[nodiscard]] std::complex<double> response(double cycles) const;
};

/// What a filter must reproduce. Frequencies in 1/angstrom, 0 < signal < band < 1 / (2 pixel).
struct FresnelFilterTarget {
  double pixel = 0.0;      ///< [angstrom]
  double wavelength = 0.0; ///< [angstrom]
  double distance = 0.0;   ///< [angstrom]
  double signal = 0.0;     ///< up to here the response must be exact: these electrons are counted
  double band = 0.0;       ///< up to here it must be close; beyond, it may damp but not amplify
};

/// Largest deviation from exp(-i pi lambda dz k^2) below `signal` and between `signal` and `band`, and the
/// largest magnitude anywhere.
struct FilterErrors {
  double signal = 0.0;
  double band = 0.0;
  double gain = 0.0;
};
[[nodiscard]] FilterErrors filter_errors(const SymmetricFilter& filter, const FresnelFilterTarget& target);

/// Weighted least-squares filter of a given half width, >= 1.
[[nodiscard]] SymmetricFilter design_fresnel_filter(const FresnelFilterTarget& target, int half_width);

/// A way to propagate over a slice: the filter, applied so many times.
struct FresnelSteps {
  SymmetricFilter filter;
  int repeats = 1;
};

/// The cheapest steps with errors `signal` <= signal_tolerance, `band` <= band_tolerance and gain <= 1.005
/// each; a slice too thick for one filter is crossed in several steps.
/// \throws core::ConfigError if even 32 steps do not suffice.
[[nodiscard]] FresnelSteps cheapest_fresnel_steps(const FresnelFilterTarget& target, double signal_tolerance,
                                                  double band_tolerance);

inline constexpr int fresnel_filter_max_half_width = 10;

/// Real low-pass filter: response 1 up to `pass` and 0 from `stop` on (cycles per sample, pass < stop <=
/// 1/2), as near as least squares with a given half width can.
[[nodiscard]] SymmetricFilter design_lowpass_filter(double pass, double stop, int half_width);

/// A square complex wave, real and imaginary parts apart; n a multiple of 16. Periodic. Samples past n x n
/// are no part of it.
struct SplitWave {
  int n = 0;
  core::AlignedVector<float> re;
  core::AlignedVector<float> im;
};

/// Samples past the last of vacuum_wave() that may be read.
inline constexpr std::size_t wave_slack = 16;

/// Zero everywhere.
[[nodiscard]] SplitWave vacuum_wave(int n);

/// The part of a transmission function under a window: row iy begins at re[iy * stride]. Null pointers stand
/// for 1.
struct TransmissionView {
  const float* re = nullptr;
  const float* im = nullptr;
  std::size_t stride = 0;
};

/// A square patch inside a wave; real and imaginary parts apart.
struct WavePatch {
  int x0 = 0, y0 = 0; ///< sample of the wave under its first
  int side = 0;
  const float* re = nullptr;
  const float* im = nullptr;
};

/// Scratch rows for SliceStep.
struct FilterScratch {
  explicit FilterScratch(int n);
  core::AlignedVector<float> line;
  core::AlignedVector<float> ring;
  core::AlignedVector<float> top;
};

/// The slice step: wave <- filter applied along x and y to (transmission x wave + patches), in place, rows
/// streamed so that the intermediate stays in the first-level cache.
class SliceStep {
public:
  /// \throws core::NumericsError if the filter is wider than fresnel_filter_max_half_width.
  explicit SliceStep(const SymmetricFilter& filter);
  void operator()(const TransmissionView& transmission, std::span<const WavePatch> added, SplitWave& wave,
                  FilterScratch& scratch) const;
  [[nodiscard]] int half_width() const { return half_width_; }

private:
  int half_width_;
  std::vector<float> re_;
  std::vector<float> im_;
};

} // namespace aet::stem
