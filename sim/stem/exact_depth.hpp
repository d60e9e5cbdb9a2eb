// Atoms near the axis of the probe act at their own depth, not in the middle plane of their slice.
//
// Whole atoms moved to a slice plane are the largest error of multislice with thick slices, and nearly all of
// it comes from the few atoms within an angstrom of the probe's axis. For those the wave is carried to the
// atom's plane, scattered, and carried back, on a patch as small as the atom's core:
//   correction = P(-d) t P(d) wave - t wave,
// with t = exp(i sigma V) - 1 and P(d) propagation over the atom's distance d from the slice plane.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/stem/fresnel_filter.hpp"

#include <cstddef>
#include <vector>

namespace aet::stem {

/// Complex square patch, real and imaginary parts apart.
struct SplitPatch {
  core::AlignedVector<float> re;
  core::AlignedVector<float> im;
};

/// Thread-safe with one Scratch a thread.
class ExactDepth {
public:
  struct Scratch {
    SplitPatch input;   ///< with margins
    SplitPatch rows;    ///< filtered along x
    SplitPatch arrived; ///< at the atom's plane
  };

  /// \param pixel of the wave,
  /// \param wavelength,
  /// \param largest offset of an atom from its plane [angstrom].
  /// \param signal frequency up to which propagation is exact to 1e-3 [1/angstrom].
  /// \throws core::ConfigError if no filter of 10 samples half width carries `largest`.
  ExactDepth(double pixel, double wavelength, double largest, double signal);

  /// Samples a side of a patch: 2.7 A or more, a multiple of 16.
  [[nodiscard]] int side() const { return side_; }
  /// Samples around a patch that its correction reads.
  [[nodiscard]] int margin() const { return margin_; }
  [[nodiscard]] Scratch scratch() const;

  /// Smooth window that keeps an atom's core: 1 within 0.9 A, 0 from 1.3 A on.
  [[nodiscard]] static double core_window(double r);

  /// out = P(-offset) t P(offset) wave - t wave.
  /// \param x0, y0 sample of the wave under the first sample of the patch, which with its margins lies inside
  ///   the wave.
  /// \param t side x side, real parts, then imaginary parts.
  /// \param offset of the atom behind the plane of the wave, within +-largest [angstrom].
  void correction(const SplitWave& wave, int x0, int y0, const float* t, double offset, SplitPatch& out,
                  Scratch& scratch) const;

private:
  struct Coefficients {
    std::vector<float> re;
    std::vector<float> im;
  };
  void propagate(const Coefficients& filter, bool backwards, SplitPatch& out, Scratch& scratch) const;

  int side_;
  int margin_ = 0;
  std::vector<Coefficients> filters_; ///< for distances in steps of `distance_step`
};

} // namespace aet::stem
