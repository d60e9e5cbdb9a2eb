// Electrons of an exit wave inside given angles, counted on a window without transforming more than needed.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/core/fft.hpp"
#include "sim/stem/detector.hpp"
#include "sim/stem/fresnel_filter.hpp"

#include <cstddef>
#include <vector>

namespace aet::stem {

/// Edges of the discs that the fast method counts [mrad]: the detector's inner one first, then those of
/// options.further but for the detector's outer one.
[[nodiscard]] std::vector<double> counted_edges(const StemOptions& options);

/// Thread-safe with one Scratch a thread.
class ExitCount {
public:
  struct Scratch {
    core::AlignedVector<core::Complex> spectrum;
    core::AlignedVector<float> lines;
  };

  /// \param window samples a side of the wave, a multiple of 16.
  /// \param pixel [angstrom]. Counted are the discs up to counted_edges(), and each range of options.further
  ///   that is a segment.
  ExitCount(int window, double pixel, const StemOptions& options);

  /// Counted edges [mrad], the detector's inner one first.
  [[nodiscard]] const std::vector<double>& edges() const { return edges_; }
  /// Number of discs and segments.
  [[nodiscard]] std::size_t counts() const { return weights_.size(); }
  [[nodiscard]] Scratch scratch() const;
  /// Sum of squared magnitudes inside each edge, then in each segment; the edges of the discs as
  /// options.detector.edge says.
  [[nodiscard]] std::vector<double> inside(const SplitWave& wave, Scratch& scratch) const;

private:
  void decimate(const SplitWave& wave, Scratch& scratch) const;

  int window_;
  std::vector<double> edges_;
  int decimation_; ///< 1 or 2
  std::vector<float> lowpass_;
  core::Fft2 fft_;
  std::vector<std::size_t> samples_; ///< Fourier samples of the decimated wave that are counted anywhere
  std::vector<std::vector<float>> weights_; ///< for each disc and segment, of each of samples_
};

} // namespace aet::stem
