// Small helpers for square periodic grids in Fourier space, and for complex products.
#pragma once

#include "sim/core/fft.hpp"

#include <cmath>
#include <cstddef>

namespace aet::stem {

/// Signed index of Fourier sample i of n: 0, 1, ..., n/2 - 1, -n/2, ..., -1.
[[nodiscard]] inline int signed_index(int i, int n) {
  return i < (n + 1) / 2 ? i : i - n;
}

/// Frequency [1/angstrom] of Fourier sample i of a grid of n samples over `side` [angstrom].
[[nodiscard]] inline double frequency(int i, int n, double side) {
  return signed_index(i, n) / side;
}

/// Index of the Fourier sample with signed index k, -n/2 <= k < n/2.
[[nodiscard]] inline int fourier_index(int k, int n) {
  return k < 0 ? k + n : k;
}

/// Number of samples of a grid.
[[nodiscard]] inline std::size_t area(int nx, int ny) {
  return static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny);
}

/// Number of samples of a square grid.
[[nodiscard]] inline std::size_t square(int n) {
  return static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
}

/// a x b without the infinity rules of std::complex, which cost ten times the product.
[[nodiscard]] inline core::Complex product(core::Complex a, core::Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// |a|^2.
[[nodiscard]] inline float power(core::Complex a) {
  return a.real() * a.real() + a.imag() * a.imag();
}

/// exp(i phase), computed in double precision.
[[nodiscard]] inline core::Complex unit_phase(double phase) {
  return {static_cast<float>(std::cos(phase)), static_cast<float>(std::sin(phase))};
}

} // namespace aet::stem
