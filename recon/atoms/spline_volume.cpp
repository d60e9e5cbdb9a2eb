#include "recon/atoms/spline_volume.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

// The pole of the cubic B-spline's inverse filter, and how far its impulse response is followed: |pole|^24 <
// 2e-14.
const double pole = std::sqrt(3.0) - 2.0;
constexpr int horizon = 24;

/// Index of the mirrored continuation ... 2 1 | 0 1 2 ... n-1 | n-2 n-3 ...
int mirror(int i, int n) {
  const int period = 2 * (n - 1);
  i %= period;
  if (i < 0) i += period;
  return i < n ? i : period - i;
}

/// The inverse filter along one axis of `count` interleaved lines: element k of line l is data[k * stride +
/// l]. Row by row, so that the inner loop runs over lines and vectorises.
void prefilter_rows(float* data, int n, std::size_t stride, std::size_t count, std::vector<float>& sum) {
  const auto row = [&](int k) { return data + static_cast<std::size_t>(k) * stride; };
  const auto z = static_cast<float>(pole);
  // Causal start: sum of pole^|k| s_k over the mirrored line.
  sum.assign(count, 0.0F);
  double power = 1.0;
  for (int k = 0; k < horizon; ++k, power *= pole) {
    const float* source = row(mirror(k, n));
    const auto p = static_cast<float>(power);
    for (std::size_t l = 0; l < count; ++l)
      sum[l] += p * source[l];
  }
  // 6 is the filter's gain (1 - z)(1 - 1/z).
  for (std::size_t l = 0; l < count; ++l)
    row(0)[l] = 6.0F * sum[l];
  for (int k = 1; k < n; ++k) {
    float* current = row(k);
    const float* before = row(k - 1);
    for (std::size_t l = 0; l < count; ++l)
      current[l] = 6.0F * current[l] + z * before[l];
  }
  // Anticausal start for the mirror continuation (Unser et al. 1993, eq. 2.5), then back.
  const auto start = static_cast<float>(pole / (pole * pole - 1.0));
  for (std::size_t l = 0; l < count; ++l)
    row(n - 1)[l] = start * (row(n - 1)[l] + z * row(n - 2)[l]);
  for (int k = n - 2; k >= 0; --k) {
    float* current = row(k);
    const float* after = row(k + 1);
    for (std::size_t l = 0; l < count; ++l)
      current[l] = z * (after[l] - current[l]);
  }
}

/// The same along x, where one line lies in one piece.
void prefilter_line(float* line, int n, std::vector<double>& c) {
  c.assign(static_cast<std::size_t>(n), 0.0);
  double sum = 0.0;
  double power = 1.0;
  for (int k = 0; k < horizon; ++k, power *= pole)
    sum += power * static_cast<double>(line[mirror(k, n)]);
  c[0] = 6.0 * sum;
  for (int k = 1; k < n; ++k)
    c[k] = 6.0 * static_cast<double>(line[k]) + pole * c[k - 1];
  c[n - 1] = pole / (pole * pole - 1.0) * (c[n - 1] + pole * c[n - 2]);
  for (int k = n - 2; k >= 0; --k)
    c[k] = pole * (c[k + 1] - c[k]);
  for (int k = 0; k < n; ++k)
    line[k] = static_cast<float>(c[k]);
}

struct Taps {
  std::array<int, 4> index;
  std::array<double, 4> weight;
};

Taps taps_at(double x, int n) {
  const double floor = std::floor(x);
  Taps taps;
  taps.weight = cubic_bspline_weights(x - floor);
  for (int k = 0; k < 4; ++k)
    taps.index[k] = mirror(static_cast<int>(floor) - 1 + k, n);
  return taps;
}

/// One axis of a sampling lattice: which coefficients it needs and with which weights.
struct AxisWeights {
  std::vector<int> index;     ///< mirrored coefficient indices, consecutive before mirroring
  std::vector<double> weight; ///< weight[i * 4 + k] of coefficient first[i] + k
  std::vector<int> first;     ///< into `index`
};

AxisWeights axis_weights(double centre, double step, int half, int n) {
  const int length = 2 * half + 1;
  const int low = static_cast<int>(std::floor(centre - step * half)) - 1;
  const int high = static_cast<int>(std::floor(centre + step * half)) + 2;
  AxisWeights axis;
  for (int i = low; i <= high; ++i)
    axis.index.push_back(mirror(i, n));
  axis.weight.resize(static_cast<std::size_t>(length) * 4);
  axis.first.resize(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) {
    const double x = centre + step * (i - half);
    // Rounding may put the last point one cell beyond the range computed above; the weight there is then zero
    // to rounding and the clamp keeps the index inside.
    const double floor =
        std::clamp(std::floor(x), static_cast<double>(low + 1), static_cast<double>(high - 2));
    const auto w = cubic_bspline_weights(x - floor);
    std::copy(w.begin(), w.end(), axis.weight.begin() + static_cast<std::ptrdiff_t>(i) * 4);
    axis.first[i] = static_cast<int>(floor) - 1 - low;
  }
  return axis;
}

} // namespace

std::array<double, 4> cubic_bspline_weights(double t) {
  const double s = 1.0 - t;
  return {s * s * s / 6.0, 2.0 / 3.0 - t * t + t * t * t / 2.0, 2.0 / 3.0 - s * s + s * s * s / 2.0,
          t * t * t / 6.0};
}

SplineVolume::SplineVolume(const core::Volume& volume, core::Threads threads) : coefficients_(volume) {
  if (volume.nx < 4 || volume.ny < 4 || volume.nz < 4) {
    throw core::DataError(
        fmt::format("the volume has {} x {} x {} voxels; spline interpolation needs at least 4 a side",
                    volume.nx, volume.ny, volume.nz));
  }
  const int nx = volume.nx;
  const int ny = volume.ny;
  const int nz = volume.nz;
  float* c = coefficients_.data.data();
  const auto row = static_cast<std::size_t>(nx);
  const auto slab = row * static_cast<std::size_t>(ny);
  core::parallel_for(static_cast<std::size_t>(nz), threads, [&](std::size_t z, int) {
    std::vector<double> line;
    for (int y = 0; y < ny; ++y)
      prefilter_line(c + z * slab + static_cast<std::size_t>(y) * row, nx, line);
    std::vector<float> sum;
    prefilter_rows(c + z * slab, ny, row, row, sum);
  });
  core::parallel_for(static_cast<std::size_t>(ny), threads, [&](std::size_t y, int) {
    std::vector<float> sum;
    prefilter_rows(c + y * row, nz, slab, row, sum);
  });
}

double SplineVolume::value(const core::Vec3& voxel) const {
  const Taps x = taps_at(voxel.x(), nx());
  const Taps y = taps_at(voxel.y(), ny());
  const Taps z = taps_at(voxel.z(), nz());
  double sum = 0.0;
  for (int k = 0; k < 4; ++k) {
    for (int j = 0; j < 4; ++j) {
      for (int i = 0; i < 4; ++i) {
        sum += x.weight[i] * y.weight[j] * z.weight[k] *
               static_cast<double>(coefficients_.at(x.index[i], y.index[j], z.index[k]));
      }
    }
  }
  return sum;
}

void SplineVolume::sample_cube(const core::Vec3& centre, double step, int half,
                               std::vector<double>& out) const {
  const auto length = static_cast<std::size_t>(2 * half + 1);
  const AxisWeights ax = axis_weights(centre.x(), step, half, nx());
  const AxisWeights ay = axis_weights(centre.y(), step, half, ny());
  const AxisWeights az = axis_weights(centre.z(), step, half, nz());
  const std::size_t by = ay.index.size();
  const std::size_t bz = az.index.size();

  // Along x, then y, then z: each pass shortens the work of the next.
  std::vector<double> along_x(bz * by * length);
  for (std::size_t k = 0; k < bz; ++k) {
    for (std::size_t j = 0; j < by; ++j) {
      const float* line = coefficients_.data.data() + coefficients_.index(0, ay.index[j], az.index[k]);
      for (std::size_t i = 0; i < length; ++i) {
        double sum = 0.0;
        for (std::size_t m = 0; m < 4; ++m) {
          sum += ax.weight[i * 4 + m] *
                 static_cast<double>(line[ax.index[static_cast<std::size_t>(ax.first[i]) + m]]);
        }
        along_x[(k * by + j) * length + i] = sum;
      }
    }
  }
  std::vector<double> along_y(bz * length * length);
  for (std::size_t k = 0; k < bz; ++k) {
    for (std::size_t j = 0; j < length; ++j) {
      const double* w = ay.weight.data() + j * 4;
      const double* in = along_x.data() + (k * by + static_cast<std::size_t>(ay.first[j])) * length;
      double* to = along_y.data() + (k * length + j) * length;
      for (std::size_t i = 0; i < length; ++i) {
        to[i] = w[0] * in[i] + w[1] * in[length + i] + w[2] * in[2 * length + i] + w[3] * in[3 * length + i];
      }
    }
  }
  const std::size_t plane = length * length;
  out.resize(plane * length);
  for (std::size_t k = 0; k < length; ++k) {
    const double* w = az.weight.data() + k * 4;
    const double* in = along_y.data() + static_cast<std::size_t>(az.first[k]) * plane;
    double* to = out.data() + k * plane;
    for (std::size_t i = 0; i < plane; ++i) {
      to[i] = w[0] * in[i] + w[1] * in[plane + i] + w[2] * in[2 * plane + i] + w[3] * in[3 * plane + i];
    }
  }
}

void SplineVolume::upsampled_plane(int plane, int factor, std::vector<float>& out,
                                   std::vector<float>& scratch) const {
  const int wide = factor * (nx() - 1) + 1;
  const int high = factor * (ny() - 1) + 1;
  const auto row = static_cast<std::size_t>(nx());
  const auto slab = row * static_cast<std::size_t>(ny());
  out.resize(static_cast<std::size_t>(wide) * static_cast<std::size_t>(high));
  scratch.resize(slab + row + 3);
  float* flat = scratch.data();
  float* line = scratch.data() + slab; // row with one mirrored coefficient before and two behind

  std::vector<std::array<float, 4>> phases(static_cast<std::size_t>(factor));
  for (int p = 0; p < factor; ++p) {
    const auto w = cubic_bspline_weights(static_cast<double>(p) / factor);
    for (int k = 0; k < 4; ++k)
      phases[p][k] = static_cast<float>(w[k]);
  }

  const auto& wz = phases[plane % factor];
  std::array<const float*, 4> source{};
  for (int k = 0; k < 4; ++k) {
    source[k] =
        coefficients_.data.data() + slab * static_cast<std::size_t>(mirror(plane / factor - 1 + k, nz()));
  }
  for (std::size_t i = 0; i < slab; ++i) {
    flat[i] = wz[0] * source[0][i] + wz[1] * source[1][i] + wz[2] * source[2][i] + wz[3] * source[3][i];
  }
  for (int v = 0; v < high; ++v) {
    const auto& wy = phases[v % factor];
    for (int k = 0; k < 4; ++k)
      source[k] = flat + row * static_cast<std::size_t>(mirror(v / factor - 1 + k, ny()));
    for (std::size_t i = 0; i < row; ++i) {
      line[i + 1] = wy[0] * source[0][i] + wy[1] * source[1][i] + wy[2] * source[2][i] + wy[3] * source[3][i];
    }
    line[0] = line[2];
    line[row + 1] = line[row - 1];
    line[row + 2] = line[row - 2];
    float* to = out.data() + static_cast<std::size_t>(v) * static_cast<std::size_t>(wide);
    for (int p = 0; p < factor; ++p) {
      const auto& wx = phases[p];
      const int last = p == 0 ? nx() : nx() - 1; // the grid ends on the last voxel
      for (int i = 0; i < last; ++i) {
        to[i * factor + p] =
            wx[0] * line[i] + wx[1] * line[i + 1] + wx[2] * line[i + 2] + wx[3] * line[i + 3];
      }
    }
  }
}

} // namespace aet::recon
