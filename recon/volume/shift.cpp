#include "recon/volume/shift.hpp"

#include "sim/core/fft.hpp"
#include "sim/core/units.hpp"

#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

namespace aet::recon {

namespace {

using core::Complex;

/// exp(-2 pi i k shift / m) for wrapped k; the Nyquist frequency, which has no partner, is dropped.
std::vector<Complex> phases(int m, double shift) {
  std::vector<Complex> out(static_cast<std::size_t>(m));
  for (int k = 0; k < m; ++k) {
    const double angle = -2.0 * core::pi * shift * (k < m / 2 ? k : k - m) / m;
    out[static_cast<std::size_t>(k)] = {static_cast<float>(std::cos(angle)),
                                        static_cast<float>(std::sin(angle))};
  }
  out[static_cast<std::size_t>(m / 2)] = {};
  return out;
}

core::Image moved_whole(const core::Image& image, int dx, int dy) {
  core::Image out(image.nx, image.ny);
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      const int from_x = x - dx;
      const int from_y = y - dy;
      if (from_x >= 0 && from_x < image.nx && from_y >= 0 && from_y < image.ny) {
        out.at(x, y) = image.at(from_x, from_y);
      }
    }
  }
  return out;
}

} // namespace

core::Image shifted(const core::Image& image, double dx, double dy) {
  const double whole_x = std::round(dx);
  const double whole_y = std::round(dy);
  core::Image out = moved_whole(image, static_cast<int>(whole_x), static_cast<int>(whole_y));
  const double rest_x = dx - whole_x;
  const double rest_y = dy - whole_y;
  if (rest_x == 0.0 && rest_y == 0.0) return out;
  // A rest of half a pixel needs only a margin for the ringing of what is cut at the edge.
  const int mx = core::good_fft_size(image.nx + image.nx / 2);
  const int my = core::good_fft_size(image.ny + image.ny / 2);
  const auto row = static_cast<std::size_t>(mx);
  core::AlignedVector<Complex> data(row * static_cast<std::size_t>(my));
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x)
      data[static_cast<std::size_t>(y) * row + static_cast<std::size_t>(x)] = out.at(x, y);
  }
  const core::Fft2 fft(mx, my);
  fft.forward(data.data());
  const std::vector<Complex> along_x = phases(mx, rest_x);
  const std::vector<Complex> along_y = phases(my, rest_y);
  for (std::size_t y = 0; y < along_y.size(); ++y) {
    for (std::size_t x = 0; x < along_x.size(); ++x)
      data[y * row + x] *= along_y[y] * along_x[x];
  }
  fft.backward(data.data());
  const float scale = 1.0F / (static_cast<float>(mx) * static_cast<float>(my));
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x)
      out.at(x, y) = scale * data[static_cast<std::size_t>(y) * row + static_cast<std::size_t>(x)].real();
  }
  return out;
}

} // namespace aet::recon
