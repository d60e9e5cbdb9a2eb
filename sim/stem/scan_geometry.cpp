#include "sim/stem/scan_geometry.hpp"

#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/atom_response.hpp"
#include "sim/stem/fourier.hpp"

#include <Eigen/Geometry>
#include <fmt/core.h>

#include <array>
#include <cmath>
#include <string_view>

namespace aet::stem {

namespace {

constexpr int padding_factor = 4;
constexpr int taps = 6;

/// Lagrange weights of samples at -2, -1, 0, 1, 2, 3 for a value at t, 0 <= t < 1.
std::array<double, taps> lagrange(double t) {
  std::array<double, taps> weight{};
  for (int i = 0; i < taps; ++i) {
    double w = 1.0;
    for (int j = 0; j < taps; ++j) {
      if (j != i) w *= (t + 2.0 - j) / (i - j);
    }
    weight[static_cast<std::size_t>(i)] = w;
  }
  return weight;
}

void require_range(std::string_view name, double value, double limit) {
  if (std::abs(value) <= limit) return;
  throw core::ConfigError(
      fmt::format("{} = {} is out of range: allowed is {} to {}", name, value, -limit, limit));
}

} // namespace

Mat2 distortion_matrix(const ScanDistortion& d) {
  require_range("scale_x_percent", d.scale_x_percent, 20.0);
  require_range("scale_y_percent", d.scale_y_percent, 20.0);
  require_range("shear_deg", d.shear_deg, 20.0);
  require_range("rotation_deg", d.rotation_deg, 180.0);
  Mat2 out = Mat2::Identity();
  out(0, 0) = 1.0 + 0.01 * d.scale_x_percent;
  out(1, 1) = 1.0 + 0.01 * d.scale_y_percent;
  Mat2 shear = Mat2::Identity();
  shear(0, 1) = std::tan(d.shear_deg * core::radian_per_degree);
  return Eigen::Rotation2Dd(d.rotation_deg * core::radian_per_degree).toRotationMatrix() * shear * out;
}

ExposureMap exposure_map(const Mat2& affine, const Vec2& start, const Vec2& end, const Scan& scan) {
  // Part of the exposure passed at pixel (ix, iy): half + (x + n y) / (n^2 pixel), with x, y from pixel n/2.
  const double n = scan.n;
  const Vec2 travel = end - start;
  ExposureMap map;
  map.matrix = affine;
  map.matrix.col(0) -= travel / (n * n * scan.pixel_a);
  map.matrix.col(1) -= travel / (n * scan.pixel_a);
  const double half = 0.5 + 0.5 / n;
  map.offset = -(start + half * travel);
  return map;
}

BandLimitedImage::BandLimitedImage(const core::Image& image, double pixel_a)
    : n_(padding_factor * image.nx), step_(pixel_a / padding_factor), reach_(0.5 * image.nx * pixel_a),
      fine_(padding_factor * image.nx, padding_factor * image.nx) {
  const int n = image.nx;
  core::AlignedVector<core::Complex> coarse(image.data.begin(), image.data.end());
  core::Fft2(n, n).forward(coarse.data());
  core::AlignedVector<core::Complex> spectrum(square(n_));
  const auto scale = static_cast<float>(1.0 / static_cast<double>(square(n)));
  const auto width = static_cast<std::size_t>(n_);
  // The Nyquist frequency itself has no partner and is left out.
  for (int ky = -(n / 2) + 1; ky < n / 2; ++ky) {
    for (int kx = -(n / 2) + 1; kx < n / 2; ++kx) {
      spectrum[static_cast<std::size_t>(fourier_index(ky, n_)) * width +
               static_cast<std::size_t>(fourier_index(kx, n_))] =
          scale * coarse[static_cast<std::size_t>(fourier_index(ky, n) * n + fourier_index(kx, n))];
    }
  }
  core::Fft2(n_, n_).backward(spectrum.data());
  for (std::size_t i = 0; i < spectrum.size(); ++i)
    fine_.data[i] = spectrum[i].real();
}

double BandLimitedImage::operator()(const Vec2& place) const {
  if (std::abs(place.x()) > reach_ || std::abs(place.y()) > reach_) return 0.0;
  const double x = place.x() / step_ + 0.5 * n_;
  const double y = place.y() / step_ + 0.5 * n_;
  const int ix = static_cast<int>(std::floor(x));
  const int iy = static_cast<int>(std::floor(y));
  const auto wx = lagrange(x - ix);
  const auto wy = lagrange(y - iy);
  double sum = 0.0;
  for (int j = 0; j < taps; ++j) {
    double row = 0.0;
    const int yy = (iy + j - 2 + n_) % n_;
    for (int i = 0; i < taps; ++i)
      row += wx[static_cast<std::size_t>(i)] * static_cast<double>(fine_.at((ix + i - 2 + n_) % n_, yy));
    sum += wy[static_cast<std::size_t>(j)] * row;
  }
  return sum;
}

core::Image resample(const BandLimitedImage& image, const ExposureMap& map, const Scan& scan) {
  core::Image out(scan.n, scan.n);
  for (int iy = 0; iy < scan.n; ++iy) {
    for (int ix = 0; ix < scan.n; ++ix)
      out.at(ix, iy) = static_cast<float>(image(map.place(ix, iy, scan)));
  }
  return out;
}

double exact_step(const StemOptions& options) {
  const double nyquist = 0.5 / AtomResponse::q_max(options.probe);
  const double pixel = options.fast.pixel_a;
  if (options.method != Method::fast || pixel > nyquist) return nyquist;
  return pixel * std::floor(nyquist / pixel);
}

} // namespace aet::stem
