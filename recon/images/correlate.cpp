// Shift between two images: windowed normalised cross-correlation with an upsampled peak.
#include "recon/images/register.hpp"
#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>

namespace aet::recon {

namespace {

using core::AlignedVector;
using core::Complex;
using core::Image;

void check(const Image& fixed, const Image& moving, const RegisterOptions& options) {
  const auto require = [](bool good, const char* name, double value, const char* allowed) {
    if (!good) {
      throw core::ConfigError(fmt::format("registration: {} is {}; allowed is {}.", name, value, allowed));
    }
  };
  require(options.max_shift > 0.0 && options.max_shift <= 0.5, "max_shift", options.max_shift,
          "above 0, at most 0.5");
  require(options.edge >= 0.0 && options.edge <= 0.5, "edge", options.edge, "0 to 0.5");
  require(options.duty > 0.0 && options.duty <= 1.0, "duty", options.duty, "above 0, at most 1");
  if (fixed.nx != moving.nx || fixed.ny != moving.ny) {
    throw core::DataError(
        fmt::format("exposures of {} x {} and {} x {} pixels cannot be registered; all must "
                    "have one shape.",
                    fixed.nx, fixed.ny, moving.nx, moving.ny));
  }
  constexpr int smallest = 8;
  if (std::min(fixed.nx, fixed.ny) < smallest) {
    throw core::DataError(
        fmt::format("exposures of {} x {} pixels are too small to be registered; at least {} "
                    "x {} are needed.",
                    fixed.nx, fixed.ny, smallest, smallest));
  }
}

/// Raised cosine over the first and last `edge` of an axis.
double fade(int i, int n, double edge) {
  const double distance = (std::min(i, n - 1 - i) + 0.5) / n;
  if (distance >= edge) return 1.0;
  return 0.5 - 0.5 * std::cos(core::pi * distance / edge);
}

/// Transform of the image, faded out towards its edges, with the window's mean taken off; `norm2` is its
/// energy in real space.
/// \throws DataError for a constant image.
AlignedVector<Complex> windowed_transform(const Image& image, double edge, double& norm2) {
  std::vector<double> windows(image.data.size());
  double total = 0.0;
  double sum = 0.0;
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      const double w = fade(x, image.nx, edge) * fade(y, image.ny, edge);
      windows[image.index(x, y)] = w;
      total += w;
      sum += w * static_cast<double>(image.at(x, y));
    }
  }
  const double mean = sum / total;
  AlignedVector<Complex> spectrum(image.data.size());
  norm2 = 0.0;
  for (std::size_t i = 0; i < spectrum.size(); ++i) {
    const double value = windows[i] * (static_cast<double>(image.data[i]) - mean);
    norm2 += value * value;
    spectrum[i] = Complex(static_cast<float>(value), 0.0F);
  }
  constexpr double rounding = 1e-10;
  if (!(norm2 > rounding * total * mean * mean)) {
    throw core::DataError("an exposure has one value everywhere and cannot be registered; leave it out.");
  }
  core::Fft2(image.nx, image.ny).forward(spectrum.data());
  return spectrum;
}

int signed_index(int k, int n) {
  return k <= (n - 1) / 2 ? k : k - n;
}

/// Real part of sum_k product(k) exp(2 pi i k s / n) at s = start + step i along both axes, `count` each.
std::vector<double> upsampled(const AlignedVector<Complex>& product, int nx, int ny, const Vec2& start,
                              double step, int count) {
  const auto phase = [&](int k, int n, double s) {
    return std::polar(1.0, 2.0 * core::pi * signed_index(k, n) * s / n);
  };
  const auto size = static_cast<std::size_t>(count);
  std::vector<std::complex<double>> rows(static_cast<std::size_t>(ny) * size);
  for (std::size_t i = 0; i < size; ++i) {
    std::vector<std::complex<double>> phases;
    for (int kx = 0; kx < nx; ++kx)
      phases.push_back(phase(kx, nx, start.x() + step * static_cast<double>(i)));
    for (int ky = 0; ky < ny; ++ky) {
      std::complex<double> sum = 0.0;
      for (int kx = 0; kx < nx; ++kx) {
        const auto at =
            static_cast<std::size_t>(ky) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(kx);
        sum += std::complex<double>(product[at]) * phases[static_cast<std::size_t>(kx)];
      }
      rows[static_cast<std::size_t>(ky) * size + i] = sum;
    }
  }
  std::vector<double> out(size * size, 0.0);
  for (std::size_t j = 0; j < size; ++j) {
    for (int ky = 0; ky < ny; ++ky) {
      const std::complex<double> p = phase(ky, ny, start.y() + step * static_cast<double>(j));
      for (std::size_t i = 0; i < size; ++i)
        out[j * size + i] += (rows[static_cast<std::size_t>(ky) * size + i] * p).real();
    }
  }
  return out;
}

/// Place of the largest pixel of the correlation within the allowed shifts.
Vec2 coarse_peak(AlignedVector<Complex> product, int nx, int ny, double max_shift) {
  core::Fft2(nx, ny).backward(product.data());
  float best = -1e30F;
  Vec2 place = Vec2::Zero();
  for (int y = 0; y < ny; ++y) {
    for (int x = 0; x < nx; ++x) {
      const int sx = signed_index(x, nx);
      const int sy = signed_index(y, ny);
      if (std::abs(sx) > max_shift * nx || std::abs(sy) > max_shift * ny) continue;
      const float value =
          product[static_cast<std::size_t>(y) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(x)]
              .real();
      if (value > best) {
        best = value;
        place = Vec2(sx, sy);
      }
    }
  }
  return place;
}

double vertex(double before, double here, double after) {
  const double curvature = before - 2.0 * here + after;
  return curvature < 0.0 ? std::clamp(0.5 * (before - after) / curvature, -0.5, 0.5) : 0.0;
}

ShiftEstimate find_once(const Image& fixed, const Image& moving, const RegisterOptions& options) {
  double norm_fixed = 0.0;
  double norm_moving = 0.0;
  AlignedVector<Complex> product = windowed_transform(moving, options.edge, norm_moving);
  const AlignedVector<Complex> reference = windowed_transform(fixed, options.edge, norm_fixed);
  for (std::size_t i = 0; i < product.size(); ++i)
    product[i] *= std::conj(reference[i]);
  const int nx = fixed.nx;
  const int ny = fixed.ny;
  const Vec2 coarse = coarse_peak(product, nx, ny, options.max_shift);
  constexpr double step = 0.05;
  constexpr int half = 20; // one pixel either side
  constexpr int count = 2 * half + 1;
  const Vec2 start = coarse - Vec2::Constant(step * half);
  const std::vector<double> fine = upsampled(product, nx, ny, start, step, count);
  const auto at = [&](int i, int j) { return fine[static_cast<std::size_t>(j * count + i)]; };
  const auto best = static_cast<int>(std::max_element(fine.begin(), fine.end()) - fine.begin());
  const int bi = std::clamp(best % count, 1, count - 2);
  const int bj = std::clamp(best / count, 1, count - 2);
  ShiftEstimate estimate;
  estimate.shift = start + step * Vec2(bi + vertex(at(bi - 1, bj), at(bi, bj), at(bi + 1, bj)),
                                       bj + vertex(at(bi, bj - 1), at(bi, bj), at(bi, bj + 1)));
  estimate.correlation = at(bi, bj) / (static_cast<double>(nx) * ny) / std::sqrt(norm_fixed * norm_moving);
  return estimate;
}

} // namespace

ShiftEstimate find_shift(const Image& fixed, const Image& moving, const RegisterOptions& options) {
  check(fixed, moving, options);
  ShiftEstimate estimate = find_once(fixed, moving, options);
  // The window stands still, which draws the peak towards zero; that fades as the images come together.
  constexpr int rounds = 4;
  constexpr double enough = 0.002; // [pixel]
  for (int round = 0; round < rounds; ++round) {
    const ShiftEstimate rest = find_once(fixed, fourier_shifted(moving, -estimate.shift), options);
    estimate.shift += rest.shift;
    estimate.correlation = rest.correlation;
    if (rest.shift.norm() < enough) break;
  }
  return estimate;
}

} // namespace aet::recon
