// Two-dimensional non-uniform discrete Fourier transforms, types 1 and 2.
#pragma once

#include "recon/volume/es_kernel.hpp"
#include "sim/core/fft.hpp"

#include <cstddef>
#include <vector>

namespace aet::recon {

/// Transforms between n x n modes m = -n/2 ... n/2-1 (mode (0,0) at index (n/2, n/2), x fastest) and values
/// at arbitrary points p (periods, so p and p+1 are the same point):
///
///   type 2:  f(p)  = sum_m modes[m] exp(-2 pi i m.p)     prepare(), then value() for every point
///   type 1:  modes[m] = sum_p f(p) exp(+2 pi i m.p)      add() for every point, then finish()
///
/// Type 1 is the exact adjoint of type 2 (up to rounding). Error: below 1e-6 of sum|modes| / n for values
/// of either type; checked against the plain sums. Cost: one FFT of (2n)^2 and 64 multiply-adds a point.
/// All functions are const and may be called from several threads on different grids.
class Nufft2 {
public:
  /// \param n even, >= 2.
  explicit Nufft2(int n);

  /// An oversampled grid with the margin that lets value() and add() work without wrapping.
  using Grid = core::AlignedVector<core::Complex>;

  /// A grid of zeros, for type 1.
  [[nodiscard]] Grid make_grid() const;
  /// Type 2, first half: the grid that value() interpolates in.
  [[nodiscard]] Grid prepare(const core::Complex* modes) const;
  /// Type 2, second half: f(px, py).
  [[nodiscard]] core::Complex value(const Grid& grid, double px, double py) const;
  /// Type 1, first half: put f at (px, py).
  void add(Grid& grid, double px, double py, core::Complex f) const;
  /// Type 1, second half: modes from a grid that holds all points.
  void finish(const Grid& grid, core::Complex* modes) const;

  [[nodiscard]] int modes() const { return n_; }
  /// Bytes of one grid.
  [[nodiscard]] std::size_t grid_bytes() const;

private:
  void locate(double p, int& first, float* kernel) const;

  int n_;
  int fine_;
  int row_; ///< fine_ + margin
  core::Fft2 fft_;
  EsKernel kernel_;
  std::vector<float> deconvolution_;
};

} // namespace aet::recon
