#include "sim/core/fft.hpp"

#include "sim/core/error.hpp"

#include <fftw3.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

namespace aet::core {

std::mutex& fftw_planner_mutex() {
  static std::mutex mutex;
  return mutex;
}

namespace {

std::shared_ptr<void> own(fftwf_plan plan) {
  if (plan == nullptr) throw NumericsError("FFTW could not plan a transform of this size.");
  return {plan, [](void* p) {
            const std::scoped_lock lock(fftw_planner_mutex());
            fftwf_destroy_plan(static_cast<fftwf_plan>(p));
          }};
}

fftwf_plan plan_of(const std::shared_ptr<void>& owned) {
  return static_cast<fftwf_plan>(owned.get());
}

fftwf_complex* raw(Complex* data) {
  return reinterpret_cast<fftwf_complex*>(data);
}

/// A plan made on a scratch array; FFTW_ESTIMATE does not write to it.
std::shared_ptr<void> plan_complex(int nx, int ny, int batch, int sign) {
  AlignedVector<Complex> scratch(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny) *
                                 static_cast<std::size_t>(batch));
  const std::array<int, 2> shape{ny, nx};
  const std::scoped_lock lock(fftw_planner_mutex());
  return own(fftwf_plan_many_dft(2, shape.data(), batch, raw(scratch.data()), nullptr, 1, nx * ny,
                                 raw(scratch.data()), nullptr, 1, nx * ny, sign, FFTW_ESTIMATE));
}

void check_size(int n, const char* name) {
  if (n < 1) throw ConfigError(fmt::format("a transform needs {} >= 1; it is {}.", name, n));
}

} // namespace

Fft2::Fft2(int nx, int ny, int batch) : nx_(nx), ny_(ny) {
  check_size(nx, "nx");
  check_size(ny, "ny");
  check_size(batch, "batch");
  forward_ = plan_complex(nx, ny, batch, FFTW_FORWARD);
  backward_ = plan_complex(nx, ny, batch, FFTW_BACKWARD);
}

void Fft2::forward(Complex* data) const {
  fftwf_execute_dft(plan_of(forward_), raw(data), raw(data));
}
void Fft2::backward(Complex* data) const {
  fftwf_execute_dft(plan_of(backward_), raw(data), raw(data));
}

// One slab is a real ny x nx plane and its half spectrum; one column batch is the nx/2+1 lines along z of
// one row ky. FFTW_UNALIGNED because slabs and rows start wherever their sizes put them.
RealFft3::RealFft3(int nx, int ny, int nz) : nx_(nx), ny_(ny), nz_(nz) {
  check_size(nx, "nx");
  check_size(ny, "ny");
  check_size(nz, "nz");
  const int half = nx / 2 + 1;
  AlignedVector<float> real(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny));
  AlignedVector<Complex> slab(static_cast<std::size_t>(half) * static_cast<std::size_t>(ny));
  constexpr unsigned flags = FFTW_ESTIMATE | FFTW_UNALIGNED;
  {
    const std::scoped_lock lock(fftw_planner_mutex());
    slab_forward_ =
        own(fftwf_plan_dft_r2c_2d(ny, nx, real.data(), raw(slab.data()), flags | FFTW_PRESERVE_INPUT));
    slab_backward_ =
        own(fftwf_plan_dft_c2r_2d(ny, nx, raw(slab.data()), real.data(), flags | FFTW_DESTROY_INPUT));
  }
  // FFTW_ESTIMATE only looks at sizes and strides, but the pointer must stand for memory of that extent.
  AlignedVector<Complex> volume(spectrum_size());
  const int stride = half * ny;
  const std::array<int, 1> length{nz};
  const std::scoped_lock lock(fftw_planner_mutex());
  const auto columns = [&](int sign) {
    return own(fftwf_plan_many_dft(1, length.data(), half, raw(volume.data()), nullptr, stride, 1,
                                   raw(volume.data()), nullptr, stride, 1, sign, flags));
  };
  columns_forward_ = columns(FFTW_FORWARD);
  columns_backward_ = columns(FFTW_BACKWARD);
}

std::size_t RealFft3::real_size() const {
  return static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_) * static_cast<std::size_t>(nz_);
}

std::size_t RealFft3::spectrum_size() const {
  return static_cast<std::size_t>(nx_ / 2 + 1) * static_cast<std::size_t>(ny_) *
         static_cast<std::size_t>(nz_);
}

void RealFft3::forward(const float* real, Complex* spectrum, Threads threads) const {
  const std::size_t half = static_cast<std::size_t>(nx_) / 2 + 1;
  const std::size_t plane = static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_);
  const std::size_t half_plane = half * static_cast<std::size_t>(ny_);
  parallel_for(static_cast<std::size_t>(nz_), threads, [&](std::size_t iz, int /*worker*/) {
    // FFTW_PRESERVE_INPUT was planned, so the input is not written although FFTW's signature is not const.
    fftwf_execute_dft_r2c(plan_of(slab_forward_), const_cast<float*>(real) + iz * plane,
                          raw(spectrum + iz * half_plane));
  });
  parallel_for(static_cast<std::size_t>(ny_), threads, [&](std::size_t iy, int /*worker*/) {
    fftwf_execute_dft(plan_of(columns_forward_), raw(spectrum + iy * half), raw(spectrum + iy * half));
  });
}

void RealFft3::backward(Complex* spectrum, float* real, Threads threads) const {
  const std::size_t half = static_cast<std::size_t>(nx_) / 2 + 1;
  const std::size_t plane = static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_);
  const std::size_t half_plane = half * static_cast<std::size_t>(ny_);
  parallel_for(static_cast<std::size_t>(ny_), threads, [&](std::size_t iy, int /*worker*/) {
    fftwf_execute_dft(plan_of(columns_backward_), raw(spectrum + iy * half), raw(spectrum + iy * half));
  });
  parallel_for(static_cast<std::size_t>(nz_), threads, [&](std::size_t iz, int /*worker*/) {
    fftwf_execute_dft_c2r(plan_of(slab_backward_), raw(spectrum + iz * half_plane), real + iz * plane);
  });
}

int good_fft_size(int n) {
  for (int size = std::max(2, n + n % 2);; size += 2) {
    int rest = size;
    for (const int prime : {2, 3, 5, 7}) {
      while (rest % prime == 0)
        rest /= prime;
    }
    if (rest == 1) return size;
  }
}

} // namespace aet::core
