#include "recon/volume/nufft.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::recon {

namespace {

constexpr int width = EsKernel::width;

int checked(int n) {
  if (n < 2 || n % 2 != 0) {
    throw core::ConfigError(
        fmt::format("a non-uniform transform needs an even number of modes; it is {}.", n));
  }
  return n;
}

/// The fine grid must hold a kernel without self-overlap, however few the modes.
int fine_size(int n) {
  return core::good_fft_size(std::max(EsKernel::oversampling * n, 2 * width));
}

std::size_t square(int n) {
  return static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
}

} // namespace

Nufft2::Nufft2(int n)
    : n_(checked(n)), fine_(fine_size(n)), row_(fine_ + width), fft_(fine_, fine_),
      deconvolution_(EsKernel::deconvolution(n, fine_)) {}

std::size_t Nufft2::grid_bytes() const {
  return square(row_) * sizeof(core::Complex);
}

Nufft2::Grid Nufft2::make_grid() const {
  return Grid(square(row_));
}

Nufft2::Grid Nufft2::prepare(const core::Complex* modes) const {
  Grid fine(square(fine_));
  for (int iy = 0; iy < n_; ++iy) {
    const int fy = (iy - n_ / 2 + fine_) % fine_;
    const float dy = deconvolution_[static_cast<std::size_t>(iy)];
    for (int ix = 0; ix < n_; ++ix) {
      const int fx = (ix - n_ / 2 + fine_) % fine_;
      fine[static_cast<std::size_t>(fy) * static_cast<std::size_t>(fine_) + static_cast<std::size_t>(fx)] =
          modes[static_cast<std::size_t>(iy) * static_cast<std::size_t>(n_) + static_cast<std::size_t>(ix)] *
          (dy * deconvolution_[static_cast<std::size_t>(ix)]);
    }
  }
  fft_.forward(fine.data());
  Grid grid(square(row_));
  for (int y = 0; y < row_; ++y) {
    const int fy = (y - width / 2 + fine_) % fine_;
    const core::Complex* from = fine.data() + static_cast<std::size_t>(fy) * static_cast<std::size_t>(fine_);
    core::Complex* to = grid.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(row_);
    for (int x = 0; x < row_; ++x)
      to[x] = from[(x - width / 2 + fine_) % fine_];
  }
  return grid;
}

/// First node (index into a row with its margin) and kernel values around a point.
void Nufft2::locate(double p, int& first, float* kernel) const {
  const double g = (p - std::floor(p)) * fine_;
  const double node = std::ceil(g - 0.5 * width);
  kernel_.evaluate(static_cast<float>(node - g), kernel);
  first = static_cast<int>(node) + width / 2;
}

core::Complex Nufft2::value(const Grid& grid, double px, double py) const {
  int x0 = 0;
  int y0 = 0;
  alignas(32) float kx[width];
  alignas(32) float ky[width];
  locate(px, x0, kx);
  locate(py, y0, ky);
  // std::complex guarantees the layout re, im, re, im ...
  const auto* row = reinterpret_cast<const float*>(
      grid.data() + static_cast<std::size_t>(y0) * static_cast<std::size_t>(row_) +
      static_cast<std::size_t>(x0));
  alignas(64) float sum[2 * width] = {};
  for (int j = 0; j < width; ++j, row += 2 * row_) {
    for (int i = 0; i < 2 * width; ++i)
      sum[i] += ky[j] * row[i];
  }
  float re = 0.0F;
  float im = 0.0F;
  for (int i = 0; i < width; ++i) {
    re += kx[i] * sum[2 * i];
    im += kx[i] * sum[2 * i + 1];
  }
  return {re, im};
}

void Nufft2::add(Grid& grid, double px, double py, core::Complex f) const {
  int x0 = 0;
  int y0 = 0;
  alignas(32) float kx[width];
  alignas(32) float ky[width];
  locate(px, x0, kx);
  locate(py, y0, ky);
  alignas(64) float term[2 * width];
  for (int i = 0; i < width; ++i) {
    term[2 * i] = kx[i] * f.real();
    term[2 * i + 1] = kx[i] * f.imag();
  }
  auto* row =
      reinterpret_cast<float*>(grid.data() + static_cast<std::size_t>(y0) * static_cast<std::size_t>(row_) +
                               static_cast<std::size_t>(x0));
  for (int j = 0; j < width; ++j, row += 2 * row_) {
    for (int i = 0; i < 2 * width; ++i)
      row[i] += ky[j] * term[i];
  }
}

void Nufft2::finish(const Grid& grid, core::Complex* modes) const {
  Grid fine(square(fine_));
  for (int y = 0; y < row_; ++y) {
    const int fy = (y - width / 2 + fine_) % fine_;
    core::Complex* to = fine.data() + static_cast<std::size_t>(fy) * static_cast<std::size_t>(fine_);
    const core::Complex* from = grid.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(row_);
    for (int x = 0; x < row_; ++x)
      to[(x - width / 2 + fine_) % fine_] += from[x];
  }
  fft_.backward(fine.data());
  for (int iy = 0; iy < n_; ++iy) {
    const int fy = (iy - n_ / 2 + fine_) % fine_;
    const float dy = deconvolution_[static_cast<std::size_t>(iy)];
    for (int ix = 0; ix < n_; ++ix) {
      const int fx = (ix - n_ / 2 + fine_) % fine_;
      modes[static_cast<std::size_t>(iy) * static_cast<std::size_t>(n_) + static_cast<std::size_t>(ix)] =
          fine[static_cast<std::size_t>(fy) * static_cast<std::size_t>(fine_) +
               static_cast<std::size_t>(fx)] *
          (dy * deconvolution_[static_cast<std::size_t>(ix)]);
    }
  }
}

} // namespace aet::recon
