// Slow, plain and obviously right versions of what recon/volume does fast.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/tilt_series.hpp"
#include "sim/core/units.hpp"

#include <cmath>
#include <complex>
#include <cstdint>
#include <vector>

namespace aet::test {

using Complexd = std::complex<double>;

/// A round blob [pixel], the specimen of the phantoms.
struct Blob {
  core::Vec3 centre;
  double sigma;
  double weight;
};

/// Blobs far enough inside a cube of edge n >= 32 that none is cut off by it, however it is turned.
inline std::vector<Blob> blobs(int n, int count, std::uint64_t seed) {
  core::RandomStream random(seed, "test blobs");
  std::vector<Blob> out;
  while (static_cast<int>(out.size()) < count) {
    const core::Vec3 p(random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5);
    if (p.norm() < 0.27) out.push_back({p * n, 1.5, 1.0 + random.uniform()});
  }
  return out;
}

inline core::Volume volume_of(const std::vector<Blob>& specimen, int n) {
  core::Volume v(n, n, n, 1.0);
  for (int z = 0; z < n; ++z) {
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x) {
        double sum = 0.0;
        for (const Blob& b : specimen) {
          const double d2 = (core::Vec3(x - n / 2, y - n / 2, z - n / 2) - b.centre).squaredNorm();
          sum += b.weight * std::exp(-0.5 * d2 / (b.sigma * b.sigma));
        }
        v.at(x, y, z) = static_cast<float>(sum);
      }
    }
  }
  return v;
}

/// Line integrals of the blobs, by formula; the centre on pixel (nx/2, ny/2).
inline core::Image projection_of(const std::vector<Blob>& specimen, const core::Mat3& r, int nx, int ny) {
  core::Image image(nx, ny);
  for (const Blob& b : specimen) {
    const core::Vec3 c = r * b.centre;
    for (int y = 0; y < ny; ++y) {
      for (int x = 0; x < nx; ++x) {
        const double dx = x - nx / 2 - c.x();
        const double dy = y - ny / 2 - c.y();
        image.at(x, y) += static_cast<float>(b.weight * b.sigma * std::sqrt(2.0 * core::pi) *
                                             std::exp(-0.5 * (dx * dx + dy * dy) / (b.sigma * b.sigma)));
      }
    }
  }
  return image;
}

inline std::vector<core::Mat3> single_axis(int count, double reach_degrees) {
  std::vector<core::Mat3> out;
  for (int i = 0; i < count; ++i) {
    out.push_back(core::tilt_rotation((-reach_degrees + 2.0 * reach_degrees * i / (count - 1)) *
                                      core::radian_per_degree));
  }
  return out;
}

inline std::vector<core::Mat3> any_orientations(int count, std::uint64_t seed) {
  core::RandomStream random(seed, "test orientations");
  std::vector<core::Mat3> out;
  for (int i = 0; i < count; ++i) {
    const double phi = 2.0 * core::pi * random.uniform();
    const double theta = std::asin(2.0 * random.uniform() - 1.0);
    out.push_back(core::rotation_from_euler({phi, theta, 2.0 * core::pi * random.uniform()}));
  }
  return out;
}

inline core::TiltSeries series_of(const std::vector<Blob>& specimen,
                                  const std::vector<core::Mat3>& orientations, int nx, int ny) {
  core::TiltSeries series;
  series.orientations = orientations;
  series.pixel_size = 0.5;
  for (const core::Mat3& r : orientations)
    series.images.push_back(projection_of(specimen, r, nx, ny));
  return series;
}

/// sum_xy f(x, y) exp(-2 pi i (x u + y v) / size), x and y from the image centre.
inline Complexd transform_at(const core::Image& image, double u, double v, int size) {
  Complexd sum = 0.0;
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      const double turn = -2.0 * core::pi * (u * (x - image.nx / 2) + v * (y - image.ny / 2)) / size;
      sum += static_cast<double>(image.at(x, y)) * std::polar(1.0, turn);
    }
  }
  return sum;
}

inline core::Image noise_image(int n, std::uint64_t seed) {
  core::RandomStream random(seed, "test noise");
  core::Image image(n, n);
  for (float& v : image.data)
    v = static_cast<float>(random.normal());
  return image;
}

/// Pearson correlation of two arrays.
inline double correlation(const core::AlignedVector<float>& a, const core::AlignedVector<float>& b) {
  double sa = 0.0;
  double sb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += static_cast<double>(a[i]);
    sb += static_cast<double>(b[i]);
  }
  const double ma = sa / static_cast<double>(a.size());
  const double mb = sb / static_cast<double>(a.size());
  double ab = 0.0;
  double aa = 0.0;
  double bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]) - ma;
    const double y = static_cast<double>(b[i]) - mb;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

} // namespace aet::test
