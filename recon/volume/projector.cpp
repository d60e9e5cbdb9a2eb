#include "recon/volume/projector.hpp"

#include "recon/volume/centred_spectrum.hpp"
#include "recon/volume/nufft.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::recon {

namespace {

using core::Complex;

int modes_of(int n) {
  return 2 * n;
}

std::size_t plane_of(int n) {
  return static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
}

/// Calls f(voxel index, projected position) for every voxel of one z plane.
template <class F> void each_voxel(const core::Mat3& r, int n, int iz, const F& f) {
  std::size_t i = plane_of(n) * static_cast<std::size_t>(iz);
  const double z = iz - n / 2;
  for (int iy = 0; iy < n; ++iy) {
    const double y = iy - n / 2;
    for (int ix = 0; ix < n; ++ix, ++i) {
      const double x = ix - n / 2;
      f(i, r(0, 0) * x + r(0, 1) * y + r(0, 2) * z, r(1, 0) * x + r(1, 1) * y + r(1, 2) * z);
    }
  }
}

core::Image project_one(const core::Volume& volume, const core::Mat3& r, const MomentProjector& projector,
                        const core::Fft2& fft) {
  const int n = volume.nx;
  const int m = modes_of(n);
  core::AlignedVector<Complex> modes = projector.modes(volume, r);
  swap_halves(modes, m);
  fft.backward(modes.data());
  swap_halves(modes, m);
  core::Image image(n, n);
  const float scale = 1.0F / static_cast<float>(plane_of(m));
  for (int iy = 0; iy < n; ++iy) {
    for (int ix = 0; ix < n; ++ix) {
      image.at(ix, iy) = scale * modes[static_cast<std::size_t>(iy + n / 2) * static_cast<std::size_t>(m) +
                                       static_cast<std::size_t>(ix + n / 2)]
                                     .real();
    }
  }
  return image;
}

void check_cube(const core::Volume& volume) {
  const int n = volume.nx;
  if (n < 2 || n % 2 != 0 || volume.ny != n || volume.nz != n) {
    throw core::DataError(fmt::format("a volume to project must be a cube of even edge; it is {} x {} x {}.",
                                      volume.nx, volume.ny, volume.nz));
  }
}

void check_images(const std::vector<core::Image>& images, std::size_t orientations) {
  if (images.empty() || images.size() != orientations) {
    throw core::DataError(fmt::format("{} images but {} orientations; one orientation an image is needed.",
                                      images.size(), orientations));
  }
  for (const core::Image& image : images) {
    if (image.nx != images.front().nx || image.ny != image.nx || image.nx % 2 != 0) {
      throw core::DataError(
          fmt::format("images must be square, even and of one size; one is {} x {}.", image.nx, image.ny));
    }
  }
}

/// D(s) / M by cubic interpolation in a table: its error is below 1e-6.
class DirichletKernel {
public:
  explicit DirichletKernel(int n) : m_(modes_of(n)) {
    // Offsets of a cube project to within sqrt(3) n.
    const auto last = static_cast<std::size_t>(std::ceil(std::sqrt(3.0) * n)) * steps + 4;
    table_.resize(last + 1);
    for (std::size_t i = 0; i <= last; ++i) {
      table_[i] = static_cast<float>(exact((static_cast<double>(i) - 1.0) / steps));
    }
  }
  [[nodiscard]] float at(double s) const {
    const double position = std::abs(s) * steps;
    const auto i = static_cast<std::size_t>(position);
    const auto t = static_cast<float>(position - static_cast<double>(i));
    const float* f = table_.data() + i; // at -1, 0, 1, 2 steps
    const float outer = t * (t - 1.0F) / 6.0F;
    const float inner = (t + 1.0F) * (t - 2.0F) / 2.0F;
    return outer * ((t + 1.0F) * f[3] - (t - 2.0F) * f[0]) + inner * ((t - 1.0F) * f[1] - t * f[2]);
  }

private:
  [[nodiscard]] double exact(double s) const {
    const double angle = core::pi * s / m_;
    const double below = std::sin(angle);
    if (std::abs(below) < 1e-9) return (m_ - 1.0) / m_; // at multiples of the period every term is 1
    return std::sin((m_ - 1.0) * angle) / (below * m_);
  }

  static constexpr std::size_t steps = 64;
  int m_;
  std::vector<float> table_; ///< from -1 step on
};

bool turns_about_y(const std::vector<core::Mat3>& orientations) {
  return std::all_of(orientations.begin(), orientations.end(),
                     [](const core::Mat3& r) { return std::abs(r(1, 1) - 1.0) < 1e-9; });
}

} // namespace

MomentProjector::MomentProjector(int n) : n_(n), transform_(modes_of(n)) {}

core::AlignedVector<Complex> MomentProjector::modes(const core::Volume& volume, const core::Mat3& r) const {
  check_cube(volume);
  const int m = modes_of(n_);
  Nufft2::Grid grid = transform_.make_grid();
  for (int iz = 0; iz < n_; ++iz) {
    std::size_t i = plane_of(n_) * static_cast<std::size_t>(iz);
    const double z = iz - n_ / 2;
    for (int iy = 0; iy < n_; ++iy) {
      const double y = iy - n_ / 2;
      for (int ix = 0; ix < n_; ++ix, ++i) {
        const float u = volume.data[i];
        if (u == 0.0F) continue;
        const core::Vec3 at = r * core::Vec3(ix - n_ / 2, y, z);
        transform_.add(grid, -at.x() / m, -at.y() / m, {u, u * static_cast<float>(at.z())});
      }
    }
  }
  core::AlignedVector<Complex> out(plane_of(m));
  transform_.finish(grid, out.data());
  drop_nyquist(out, m);
  return out;
}

std::vector<core::Image> project(const core::Volume& volume, const std::vector<core::Mat3>& orientations,
                                 core::Threads threads) {
  check_cube(volume);
  const int n = volume.nx;
  const MomentProjector projector(n);
  const core::Fft2 fft(modes_of(n), modes_of(n));
  std::vector<core::Image> images(orientations.size());
  core::parallel_for(orientations.size(), threads, [&](std::size_t j, int /*worker*/) {
    images[j] = project_one(volume, orientations[j], projector, fft);
  });
  return images;
}

core::AlignedVector<float> back_project(const std::vector<core::Image>& images,
                                        const std::vector<core::Mat3>& orientations, core::Threads threads,
                                        const core::AlignedVector<float>& support) {
  check_images(images, orientations.size());
  const int n = images.front().nx;
  const int m = modes_of(n);
  const Nufft2 transform(m);
  const core::Fft2 fft(m, m);
  core::AlignedVector<float> out(plane_of(n) * static_cast<std::size_t>(n));
  const float scale = 1.0F / static_cast<float>(plane_of(m));
  for (std::size_t j = 0; j < images.size(); ++j) {
    core::AlignedVector<Complex> modes(plane_of(m));
    for (int iy = 0; iy < n; ++iy) {
      for (int ix = 0; ix < n; ++ix) {
        modes[static_cast<std::size_t>(iy + n / 2) * static_cast<std::size_t>(m) +
              static_cast<std::size_t>(ix + n / 2)] = scale * images[j].at(ix, iy);
      }
    }
    swap_halves(modes, m);
    fft.forward(modes.data());
    swap_halves(modes, m);
    drop_nyquist(modes, m);
    const Nufft2::Grid grid = transform.prepare(modes.data());
    core::parallel_for(static_cast<std::size_t>(n), threads, [&](std::size_t iz, int /*worker*/) {
      each_voxel(orientations[j], n, static_cast<int>(iz), [&](std::size_t i, double sx, double sy) {
        if (support.empty() || support[i] != 0.0F) out[i] += transform.value(grid, -sx / m, -sy / m).real();
      });
    });
  }
  return out;
}

core::AlignedVector<float> back_projected_projection_kernel(const std::vector<core::Mat3>& orientations,
                                                            int n, core::Threads threads) {
  const DirichletKernel kernel(n);
  const auto edge = static_cast<std::size_t>(2 * n);
  const bool separable = turns_about_y(orientations);
  core::AlignedVector<float> out(edge * edge * edge);
  // The kernel is even: planes z > 0 are those at -z, turned about.
  core::parallel_for(edge / 2 + 1, threads, [&](std::size_t iz, int /*worker*/) {
    const double z = static_cast<double>(iz) - n;
    float* plane = out.data() + iz * edge * edge;
    if (separable) { // the y factor is common to all orientations and to the plane
      std::vector<float> line(edge, 0.0F);
      for (const core::Mat3& r : orientations) {
        for (std::size_t ix = 0; ix < edge; ++ix)
          line[ix] += kernel.at(r(0, 0) * (static_cast<double>(ix) - n) + r(0, 2) * z);
      }
      for (std::size_t iy = 0; iy < edge; ++iy) {
        const float factor = kernel.at(static_cast<double>(iy) - n);
        for (std::size_t ix = 0; ix < edge; ++ix)
          plane[iy * edge + ix] = factor * line[ix];
      }
      return;
    }
    for (const core::Mat3& r : orientations) {
      for (std::size_t iy = 0; iy < edge; ++iy) {
        const double y = static_cast<double>(iy) - n;
        for (std::size_t ix = 0; ix < edge; ++ix) {
          const double x = static_cast<double>(ix) - n;
          plane[iy * edge + ix] += kernel.at(r(0, 0) * x + r(0, 1) * y + r(0, 2) * z) *
                                   kernel.at(r(1, 0) * x + r(1, 1) * y + r(1, 2) * z);
        }
      }
    }
  });
  for (std::size_t iz = edge / 2 + 1; iz < edge; ++iz) {
    for (std::size_t iy = 1; iy < edge; ++iy) {
      for (std::size_t ix = 1; ix < edge; ++ix)
        out[(iz * edge + iy) * edge + ix] = out[((edge - iz) * edge + edge - iy) * edge + edge - ix];
    }
  }
  return out;
}

std::vector<double> projection_residuals(const core::Volume& volume, const std::vector<core::Image>& images,
                                         const std::vector<core::Mat3>& orientations, core::Threads threads) {
  check_images(images, orientations.size());
  const std::vector<core::Image> calculated = project(volume, orientations, threads);
  std::vector<double> out;
  for (std::size_t j = 0; j < images.size(); ++j) {
    if (calculated[j].nx != images[j].nx) {
      throw core::DataError(fmt::format("the volume has an edge of {} voxels, the images of {} pixels.",
                                        volume.nx, images[j].nx));
    }
    double difference = 0.0;
    double total = 0.0;
    for (std::size_t i = 0; i < images[j].data.size(); ++i) {
      difference += static_cast<double>(std::abs(calculated[j].data[i] - images[j].data[i]));
      total += static_cast<double>(std::abs(images[j].data[i]));
    }
    out.push_back(total > 0.0 ? difference / total : 0.0);
  }
  return out;
}

} // namespace aet::recon
