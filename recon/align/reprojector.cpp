#include "recon/align/reprojector.hpp"

#include "recon/volume/centred_spectrum.hpp"
#include "sim/core/units.hpp"

#include <cmath>
#include <complex>
#include <cstddef>

namespace aet::recon {

namespace {

using core::Complex;
using Modes = core::AlignedVector<Complex>;

/// modes[b][a] * f(a, b) for signed frequencies.
template <class F> Modes filtered(const Modes& modes, int m, const F& f) {
  Modes out(modes.size());
  std::size_t i = 0;
  for (int b = -m / 2; b < m / 2; ++b) {
    for (int a = -m / 2; a < m / 2; ++a, ++i)
      out[i] = modes[i] * f(a, b);
  }
  return out;
}

/// To real space; the middle n x n of m x m, real and imaginary parts apart.
struct Parts {
  core::Image real;
  core::Image imaginary;
};

Parts inverse(Modes modes, int n, int m, const core::Fft2& fft) {
  swap_halves(modes, m);
  fft.backward(modes.data());
  swap_halves(modes, m);
  Parts out{core::Image(n, n), core::Image(n, n)};
  const auto edge = static_cast<std::size_t>(m);
  const auto first = static_cast<std::size_t>((m - n) / 2);
  const float scale = 1.0F / (static_cast<float>(m) * static_cast<float>(m));
  for (int iy = 0; iy < n; ++iy) {
    const Complex* row = modes.data() + (first + static_cast<std::size_t>(iy)) * edge + first;
    for (int ix = 0; ix < n; ++ix) {
      out.real.at(ix, iy) = scale * row[ix].real();
      out.imaginary.at(ix, iy) = scale * row[ix].imag();
    }
  }
  return out;
}

core::Image scaled(core::Image image, float factor) {
  for (float& v : image.data)
    v *= factor;
  return image;
}

} // namespace

Reprojector::Reprojector(int n) : n_(n), projector_(n), fft_(2 * n, 2 * n) {}

Reprojection Reprojector::operator()(const core::Volume& volume, const Pose& pose, double blur) const {
  const int m = 2 * n_;
  const double step = 2.0 * core::pi / m;
  const Eigen::Vector2d shift = pose.shift / volume.voxel_size; // [pixel]
  const Modes modes = filtered(projector_.modes(volume, pose.orientation), m, [&](int a, int b) {
    const double size = std::exp(-0.5 * blur * blur * step * step * (a * a + b * b));
    const double phase = -step * (a * shift.x() + b * shift.y());
    return Complex(static_cast<float>(size * std::cos(phase)), static_cast<float>(size * std::sin(phase)));
  });
  Reprojection out;
  out.image = inverse(modes, n_, m, fft_).real;
  const auto along = [&](bool x) {
    return inverse(
        filtered(modes, m,
                 [&](int a, int b) { return Complex(0.0F, static_cast<float>(step * (x ? a : b))); }),
        n_, m, fft_);
  };
  Parts dx = along(true);
  Parts dy = along(false);
  core::Image spin(n_, n_);
  for (int iy = 0; iy < n_; ++iy) {
    const auto y = static_cast<float>(iy - n_ / 2 - shift.y());
    for (int ix = 0; ix < n_; ++ix) {
      const auto x = static_cast<float>(ix - n_ / 2 - shift.x());
      spin.at(ix, iy) = y * dx.real.at(ix, iy) - x * dy.real.at(ix, iy);
    }
  }
  const auto by_shift = static_cast<float>(-1.0 / volume.voxel_size);
  out.derivatives = {std::move(dy.imaginary), scaled(std::move(dx.imaginary), -1.0F), std::move(spin),
                     scaled(std::move(dx.real), by_shift), scaled(std::move(dy.real), by_shift)};
  return out;
}

} // namespace aet::recon
