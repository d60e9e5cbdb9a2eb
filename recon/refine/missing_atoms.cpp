#include "recon/refine/missing_atoms.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

/// What an atom on a pixel would find in one image.
struct Found {
  double residual = 0.0;    ///< sum of weight x residual x profile
  double information = 0.0; ///< sum of weight x profile^2
};

/// One image of Found, x fastest.
struct Correlation {
  int nx = 0;
  int ny = 0;
  std::vector<Found> data;

  [[nodiscard]] const Found* row(int y) const {
    return data.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(nx);
  }
};

/// A profile, or its square, on whole pixels about its centre: sum_k along_x[k][i] along_y[k][j], i and j
/// from -reach to reach.
struct Kernel {
  int reach = 0;
  std::vector<std::vector<double>> along_x;
  std::vector<std::vector<double>> along_y;
};

/// \param height of the atom along the beam [angstrom].
Kernel kernel_of(const Scene& scene, int species, double height, double defocus, double pixel) {
  constexpr int room = 2 * stamp_width; // holds every window whole
  const StampMaker maker(scene.profiles, scene.depth, pixel, room, room);
  Stamp stamp;
  maker.place(species, {0.0, 0.0, height}, stamp, defocus);
  Kernel kernel;
  kernel.reach = stamp.nx / 2;
  for (std::size_t k = 0; k < static_cast<std::size_t>(stamp.terms); ++k) {
    kernel.along_x.emplace_back(stamp.ex[k].begin(), stamp.ex[k].begin() + stamp.nx);
    kernel.along_y.emplace_back(stamp.ey[k].begin(), stamp.ey[k].begin() + stamp.ny);
  }
  return kernel;
}

std::vector<double> product_of(const std::vector<double>& a, const std::vector<double>& b, double factor) {
  std::vector<double> c(a.size());
  for (std::size_t i = 0; i < c.size(); ++i)
    c[i] = factor * a[i] * b[i];
  return c;
}

Kernel squared(const Kernel& k) {
  Kernel out{k.reach, {}, {}};
  for (std::size_t a = 0; a < k.along_x.size(); ++a) {
    for (std::size_t b = a; b < k.along_x.size(); ++b) {
      out.along_x.push_back(product_of(k.along_x[a], k.along_x[b], a == b ? 1.0 : 2.0));
      out.along_y.push_back(product_of(k.along_y[a], k.along_y[b], 1.0));
    }
  }
  return out;
}

/// Sum of image x kernel about every pixel; nothing lies outside the image.
PixelBuffer correlate(const PixelBuffer& image, const Kernel& kernel) {
  PixelBuffer out(image.nx, image.ny);
  PixelBuffer rows(image.nx, image.ny);
  for (std::size_t k = 0; k < kernel.along_x.size(); ++k) {
    for (int y = 0; y < image.ny; ++y) {
      double* to = rows.row(y);
      std::fill(to, to + image.nx, 0.0);
      for (int i = -kernel.reach; i <= kernel.reach; ++i) {
        const double f = kernel.along_x[k][static_cast<std::size_t>(i + kernel.reach)];
        const double* from = image.row(y) + i;
        for (int x = std::max(0, -i); x < std::min(image.nx, image.nx - i); ++x)
          to[x] += f * from[x];
      }
    }
    for (int y = 0; y < image.ny; ++y) {
      double* to = out.row(y);
      for (int j = std::max(-kernel.reach, -y); j <= std::min(kernel.reach, image.ny - 1 - y); ++j) {
        const double f = kernel.along_y[k][static_cast<std::size_t>(j + kernel.reach)];
        const double* from = rows.row(y + j);
        for (int x = 0; x < image.nx; ++x)
          to[x] += f * from[x];
      }
    }
  }
  return out;
}

Correlation correlation_of(const LinearModel& model, std::size_t tilt, const Kernel& kernel, double gain) {
  const PixelBuffer residual = correlate(model.residuals(tilt), kernel);
  const PixelBuffer information = correlate(model.weights(tilt), squared(kernel));
  Correlation c{residual.nx, residual.ny, std::vector<Found>(residual.data.size())};
  for (std::size_t i = 0; i < c.data.size(); ++i)
    c.data[i] = {gain * residual.data[i], gain * gain * information.data[i]};
  return c;
}

/// Bilinear between pixels; nothing outside.
Found between(const Correlation& c, double x, double y) {
  const int i = static_cast<int>(std::floor(x));
  const int j = static_cast<int>(std::floor(y));
  if (i < 0 || j < 0 || i + 1 >= c.nx || j + 1 >= c.ny) return {};
  const double u = x - i;
  const double v = y - j;
  const std::array<double, 4> f{(1.0 - v) * (1.0 - u), (1.0 - v) * u, v * (1.0 - u), v * u};
  const Found* a = c.row(j) + i;
  const Found* b = c.row(j + 1) + i;
  return {f[0] * a[0].residual + f[1] * a[1].residual + f[2] * b[0].residual + f[3] * b[1].residual,
          f[0] * a[0].information + f[1] * a[1].information + f[2] * b[0].information +
              f[3] * b[1].information};
}

/// The heights along the beam at which atoms are looked for: equally spaced about 0.
struct Heights {
  int count = 1; ///< odd
  double step = 0.0;

  [[nodiscard]] double at(int layer) const { return step * (layer - count / 2); }
  [[nodiscard]] int nearest(double height) const {
    if (count == 1) return 0;
    return std::clamp(static_cast<int>(std::lround(height / step)) + count / 2, 0, count - 1);
  }
};

Heights heights_of(const Scene& scene, double radius) {
  constexpr double spacing_a = 10.0; // a probe of 30 mrad widens little over half of it
  if (!scene.depth.active()) return {};
  return {2 * static_cast<int>(std::ceil(radius / spacing_a)) + 1, spacing_a};
}

/// A cube of numbers around the origin.
struct Cube {
  int n = 0; ///< points a side
  double step = 0.0;
  std::vector<Found> data;

  [[nodiscard]] std::size_t index(int x, int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(n) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(n) +
           static_cast<std::size_t>(x);
  }
  [[nodiscard]] core::Vec3 position(int x, int y, int z) const {
    return step * core::Vec3(x - n / 2, y - n / 2, z - n / 2);
  }
  [[nodiscard]] double evidence(std::size_t i) const { return 2.0 * data[i].residual - data[i].information; }
};

/// Add what the images of one tilt say of the points of one plane of the cube.
/// \param layers one correlation a height.
void add_tilt(const std::vector<Correlation>& layers, const Heights& heights, const TiltState& tilt,
              double pixel, double radius, int z, Cube& cube) {
  const Correlation& any = layers.front();
  for (int y = 0; y < cube.n; ++y) {
    const core::Vec3 middle = cube.position(cube.n / 2, y, z);
    const double left2 = radius * radius - middle.squaredNorm();
    if (left2 < 0.0) continue;
    const int half = static_cast<int>(std::sqrt(left2) / cube.step);
    for (int x = cube.n / 2 - half; x <= cube.n / 2 + half; ++x) {
      const core::Vec3 p = projected(tilt, cube.position(x, y, z));
      const Correlation& layer = layers[static_cast<std::size_t>(heights.nearest(p.z()))];
      const Found found = between(layer, p.x() / pixel + any.nx / 2, p.y() / pixel + any.ny / 2);
      Found& sum = cube.data[cube.index(x, y, z)];
      sum.residual += found.residual;
      sum.information += found.information;
    }
  }
}

Cube evidence_cube(const Scene& scene, const core::TiltSeries& series, const LinearModel& model, int species,
                   double grid_a, double radius, core::Threads threads) {
  const Heights heights = heights_of(scene, radius);
  Cube cube;
  cube.step = grid_a;
  cube.n = 2 * static_cast<int>(std::ceil(radius / cube.step)) + 1;
  cube.data.resize(static_cast<std::size_t>(cube.n) * static_cast<std::size_t>(cube.n) *
                   static_cast<std::size_t>(cube.n));
  std::vector<Correlation> layers(static_cast<std::size_t>(heights.count));
  for (std::size_t t = 0; t < series.size(); ++t) {
    const TiltState& tilt = scene.tilts[t];
    core::parallel_for(layers.size(), threads, [&](std::size_t l, int) {
      const Kernel kernel =
          kernel_of(scene, species, heights.at(static_cast<int>(l)), tilt.defocus, series.pixel_size);
      layers[l] = correlation_of(model, t, kernel, tilt.gain);
    });
    core::parallel_for(static_cast<std::size_t>(cube.n), threads, [&](std::size_t z, int) {
      add_tilt(layers, heights, tilt, series.pixel_size, radius, static_cast<int>(z), cube);
    });
  }
  return cube;
}

void collect_maxima(const Cube& cube, int species, double least, std::vector<MissingAtom>& found) {
  for (int z = 1; z + 1 < cube.n; ++z) {
    for (int y = 1; y + 1 < cube.n; ++y) {
      for (int x = 1; x + 1 < cube.n; ++x) {
        const std::size_t i = cube.index(x, y, z);
        const double here = cube.evidence(i);
        if (!(here > least)) continue;
        bool highest = true;
        for (int k = -1; k <= 1 && highest; ++k) {
          for (int j = -1; j <= 1 && highest; ++j) {
            for (int h = -1; h <= 1 && highest; ++h) {
              // Of equal neighbours the first in the array counts.
              const std::size_t other = cube.index(x + h, y + j, z + k);
              const double there = cube.evidence(other);
              highest = other == i || there < here || (there == here && other > i);
            }
          }
        }
        if (highest)
          found.push_back(
              {cube.position(x, y, z), species, here, cube.data[i].residual / cube.data[i].information});
      }
    }
  }
}

constexpr double next_atom_a = 3.0; // farther than any neighbour of an atom

/// The atom that is farthest from the rotation centre [angstrom].
double reach_of(const Scene& scene) {
  double reach2 = 0.0;
  for (const core::Vec3& p : scene.positions)
    reach2 = std::max(reach2, p.squaredNorm());
  return std::sqrt(reach2);
}

/// Whether a quarter of the images at least has a measurement at a place. What few images show is not
/// determined by them, and atoms there would only fit what the model lacks elsewhere.
bool enough_show(const core::Vec3& place, const Scene& scene, const core::TiltSeries& series,
                 const LinearModel& model) {
  std::size_t images = 0;
  for (std::size_t t = 0; t < series.size(); ++t) {
    const PixelBuffer& weights = model.weights(t);
    const core::Vec3 p = projected(scene.tilts[t], place) / series.pixel_size;
    const int x = static_cast<int>(std::lround(p.x())) + weights.nx / 2;
    const int y = static_cast<int>(std::lround(p.y())) + weights.ny / 2;
    if (x >= 0 && y >= 0 && x < weights.nx && y < weights.ny && weights.row(y)[x] > 0.0) ++images;
  }
  return 4 * images >= series.size();
}

} // namespace

std::vector<MissingAtom> missing_atoms(const Scene& scene, const core::TiltSeries& series,
                                       const LinearModel& model, const MissingAtomOptions& options,
                                       core::Threads threads) {
  const double all_show =
      0.5 * series.pixel_size * std::min(series.images.front().nx, series.images.front().ny);
  const double radius = options.radius_a.value_or(std::max(all_show, reach_of(scene) + next_atom_a));
  std::vector<MissingAtom> found;
  for (std::size_t s = 0; s < scene.profiles.size(); ++s) {
    const int species = static_cast<int>(s);
    const Cube cube = evidence_cube(scene, series, model, species, options.grid_a, radius, threads);
    collect_maxima(cube, species, options.least_evidence, found);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const MissingAtom& a, const MissingAtom& b) { return a.evidence > b.evidence; });
  std::vector<MissingAtom> kept;
  const double square = options.exclusion_a * options.exclusion_a;
  for (const MissingAtom& candidate : found) {
    const auto near = [&](const core::Vec3& other) {
      return (other - candidate.position).squaredNorm() < square;
    };
    const bool taken =
        std::any_of(scene.positions.begin(), scene.positions.end(), near) ||
        std::any_of(kept.begin(), kept.end(), [&](const MissingAtom& k) { return near(k.position); });
    if (taken) continue;
    if (candidate.position.norm() <= all_show || enough_show(candidate.position, scene, series, model))
      kept.push_back(candidate);
  }
  return kept;
}

} // namespace aet::recon
