#include "recon/images/resample.hpp"

#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/units.hpp"

#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>

namespace aet::recon {

namespace {

using core::AlignedVector;
using core::Complex;
using core::Image;

/// Signed frequency of transform element k.
int frequency(int k, int n) {
  return k <= (n - 1) / 2 ? k : k - n;
}

bool is_nyquist(int k, int n) {
  return n % 2 == 0 && k == n / 2;
}

AlignedVector<Complex> transform(const Image& image) {
  AlignedVector<Complex> spectrum(image.data.begin(), image.data.end());
  core::Fft2(image.nx, image.ny).forward(spectrum.data());
  return spectrum;
}

/// exp(-2 pi i f shift / n) along an axis. A Nyquist frequency stands for both its signs: their mean is real.
std::vector<std::complex<double>> ramp(int n, double shift) {
  std::vector<std::complex<double>> phases;
  for (int k = 0; k < n; ++k) {
    const double angle = -2.0 * core::pi * frequency(k, n) * shift / n;
    phases.push_back(is_nyquist(k, n) ? std::complex<double>(std::cos(angle)) : std::polar(1.0, angle));
  }
  return phases;
}

double border_mean(const Image& image) {
  double sum = 0.0;
  int count = 0;
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      if (x > 0 && y > 0 && x + 1 < image.nx && y + 1 < image.ny) continue;
      sum += static_cast<double>(image.at(x, y));
      ++count;
    }
  }
  return sum / count;
}

constexpr int refinement = 4;

/// The image on a periodic grid `refinement` times finer; pixel (x, y) becomes (refinement x, refinement y).
Image refined(const Image& image) {
  const AlignedVector<Complex> coarse = transform(image);
  const int nx = refinement * image.nx;
  const int ny = refinement * image.ny;
  AlignedVector<Complex> fine(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny));
  const auto scale = static_cast<float>(1.0 / (static_cast<double>(image.nx) * image.ny));
  const auto add = [&](int fx, int fy, const Complex& value) {
    const auto column = static_cast<std::size_t>(fx < 0 ? fx + nx : fx);
    const auto row = static_cast<std::size_t>(fy < 0 ? fy + ny : fy);
    fine[row * static_cast<std::size_t>(nx) + column] += value;
  };
  for (int ky = 0; ky < image.ny; ++ky) {
    for (int kx = 0; kx < image.nx; ++kx) {
      const bool split_x = is_nyquist(kx, image.nx);
      const bool split_y = is_nyquist(ky, image.ny);
      const Complex value =
          coarse[image.index(kx, ky)] * scale * (split_x ? 0.5F : 1.0F) * (split_y ? 0.5F : 1.0F);
      const int fx = frequency(kx, image.nx);
      const int fy = frequency(ky, image.ny);
      add(fx, fy, value);
      if (split_x) add(-fx, fy, value);
      if (split_y) add(fx, -fy, value);
      if (split_x && split_y) add(-fx, -fy, value);
    }
  }
  core::Fft2(nx, ny).backward(fine.data());
  Image out(nx, ny);
  std::transform(fine.begin(), fine.end(), out.data.begin(), [](const Complex& c) { return c.real(); });
  return out;
}

/// Weights of the points -1, 0, 1, 2 of the cubic through them at t in [0, 1).
std::array<double, 4> cubic_weights(double t) {
  return {-t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2, -(t + 1) * t * (t - 2) / 2,
          (t + 1) * t * (t - 1) / 6};
}

int wrapped(int i, int n) {
  i %= n;
  return i < 0 ? i + n : i;
}

double interpolated(const Image& periodic, double x, double y) {
  const double fx = std::floor(x);
  const double fy = std::floor(y);
  const auto wx = cubic_weights(x - fx);
  const auto wy = cubic_weights(y - fy);
  double sum = 0.0;
  for (int j = 0; j < 4; ++j) {
    const int row = wrapped(static_cast<int>(fy) + j - 1, periodic.ny);
    double line = 0.0;
    for (int i = 0; i < 4; ++i) {
      line += wx[static_cast<std::size_t>(i)] *
              static_cast<double>(periodic.at(wrapped(static_cast<int>(fx) + i - 1, periodic.nx), row));
    }
    sum += wy[static_cast<std::size_t>(j)] * line;
  }
  return sum;
}

} // namespace

core::Image fourier_shifted(const core::Image& image, const Vec2& shift) {
  AlignedVector<Complex> spectrum = transform(image);
  const auto along_x = ramp(image.nx, shift.x());
  const auto along_y = ramp(image.ny, shift.y());
  const double scale = 1.0 / (static_cast<double>(image.nx) * image.ny);
  for (int ky = 0; ky < image.ny; ++ky) {
    for (int kx = 0; kx < image.nx; ++kx) {
      spectrum[image.index(kx, ky)] *=
          Complex(along_x[static_cast<std::size_t>(kx)] * along_y[static_cast<std::size_t>(ky)] * scale);
    }
  }
  core::Fft2(image.nx, image.ny).backward(spectrum.data());
  Image out(image.nx, image.ny);
  std::transform(spectrum.begin(), spectrum.end(), out.data.begin(),
                 [](const Complex& c) { return c.real(); });
  return out;
}

core::Image affine_resampled(const core::Image& image, const Mat2& matrix, const Vec2& offset) {
  constexpr double singular = 1e-6;
  if (!(std::abs(matrix.determinant()) > singular)) {
    throw core::DataError(fmt::format("the affine map [{}, {}; {}, {}] cannot be inverted; check the scan "
                                      "distortion.",
                                      matrix(0, 0), matrix(0, 1), matrix(1, 0), matrix(1, 1)));
  }
  const Image fine = refined(image);
  const auto outside = static_cast<float>(border_mean(image));
  Image out(image.nx, image.ny);
  const Vec2 origin(image.nx / 2, image.ny / 2);
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      const Vec2 place = matrix * (Vec2(x, y) - origin) + offset + origin;
      const bool inside = place.x() >= -0.5 && place.y() >= -0.5 && place.x() <= image.nx - 0.5 &&
                          place.y() <= image.ny - 0.5;
      out.at(x, y) =
          inside ? static_cast<float>(interpolated(fine, refinement * place.x(), refinement * place.y()))
                 : outside;
    }
  }
  return out;
}

} // namespace aet::recon
