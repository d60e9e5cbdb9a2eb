// FFTW plans as values. Forward: exp(-2 pi i k x / n), backward: exp(+...), neither is scaled.
//
// Plans use FFTW_ESTIMATE: measured plans may differ from run to run and with them the last bits of
// every result, and identical results are worth more here than the last tenth of speed.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/core/parallel.hpp"

#include <complex>
#include <cstddef>
#include <memory>
#include <mutex>

namespace aet::core {

using Complex = std::complex<float>;

/// In-place complex transform of `batch` arrays of shape ny x nx, stored one after another.
/// Buffers must be aligned as AlignedVector is. execute() is safe from several threads at once.
class Fft2 {
public:
  Fft2(int nx, int ny, int batch = 1);
  void forward(Complex* data) const;
  void backward(Complex* data) const;
  [[nodiscard]] int nx() const { return nx_; }
  [[nodiscard]] int ny() const { return ny_; }

private:
  int nx_;
  int ny_;
  std::shared_ptr<void> forward_;
  std::shared_ptr<void> backward_;
};

/// Real transform of an nz x ny x nx volume, out of place, threaded by hand over slabs and rows so
/// that the result is the same for every thread count. The half spectrum is nz x ny x (nx/2+1).
/// Single precision.
class RealFft3 {
public:
  RealFft3(int nx, int ny, int nz);
  /// spectrum[(kz*ny + ky)*(nx/2+1) + kx]; `real` is left as it was.
  void forward(const float* real, Complex* spectrum, Threads threads) const;
  /// Destroys `spectrum`; the result is not scaled (divide by nx*ny*nz).
  void backward(Complex* spectrum, float* real, Threads threads) const;
  [[nodiscard]] std::size_t real_size() const;
  [[nodiscard]] std::size_t spectrum_size() const;

private:
  int nx_;
  int ny_;
  int nz_;
  std::shared_ptr<void> slab_forward_;
  std::shared_ptr<void> slab_backward_;
  std::shared_ptr<void> columns_forward_;
  std::shared_ptr<void> columns_backward_;
};

/// Held while FFTW plans are made or destroyed: its planner keeps global tables. For modules with plans of
/// their own.
[[nodiscard]] std::mutex& fftw_planner_mutex();

/// The smallest even n' >= n whose prime factors are 2, 3, 5 and 7.
[[nodiscard]] int good_fft_size(int n);

} // namespace aet::core
