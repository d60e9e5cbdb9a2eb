// Electrons of an exit wave inside given angles, counted on a window without transforming more than needed.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/core/fft.hpp"
#include "sim/stem/detector.hpp"
#include "sim/stem/fresnel_filter.hpp"

#include <vector>

namespace aet::stem {

/// Thread-safe with one Scratch a thread.
class ExitCount {
public:
  struct Scratch {
    core::AlignedVector<core::Complex> spectrum;
    core::AlignedVector<float> lines;
  };

  /// \param window samples a side of the wave, a multiple of 16.
  /// \param pixel [angstrom]. Counted are the discs up to the detector's inner edge and up to every edge of
  ///   options.further below it.
  ExitCount(int window, double pixel, const StemOptions& options);

  /// Counted edges [mrad], the detector's inner one first.
  [[nodiscard]] const std::vector<double>& edges() const { return edges_; }
  [[nodiscard]] Scratch scratch() const;
  /// Sum of squared magnitudes inside each edge; the edges of the discs as options.detector.edge says.
  [[nodiscard]] std::vector<double> inside(const SplitWave& wave, Scratch& scratch) const;

private:
  void decimate(const SplitWave& wave, Scratch& scratch) const;

  int window_;
  std::vector<double> edges_;
  int decimation_; ///< 1 or 2
  std::vector<float> lowpass_;
  core::Fft2 fft_;
  std::vector<std::vector<float>> weights_; ///< for each edge, of each Fourier sample of the decimated wave
};

} // namespace aet::stem
