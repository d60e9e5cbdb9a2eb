#include "recon/volume/gridding.hpp"

#include "recon/volume/nufft.hpp"
#include "sim/core/error.hpp"
#include "sim/core/random.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace aet::recon {

namespace {

using core::Complex;

/// A point exactly on a plane would get an infinite weight; below this distance [voxel] all count the same.
constexpr double least_distance = 1e-3;

void check(const std::vector<core::Image>& images, const std::vector<core::Mat3>& orientations,
           const GriddingOptions& options) {
  if (images.empty() || images.size() != orientations.size()) {
    throw core::ConfigError(
        fmt::format("gridding needs one orientation an image; {} images, {} orientations.", images.size(),
                    orientations.size()));
  }
  const int n = images.front().nx;
  for (const core::Image& image : images) {
    if (image.nx != n || image.ny != n || n % 2 != 0) {
      throw core::ConfigError(
          fmt::format("gridding needs square images of one even size; found {} x {}.", image.nx, image.ny));
    }
  }
  if (options.size < n || options.size % 2 != 0) {
    throw core::ConfigError(fmt::format(
        "the Fourier grid must be even and at least the image size {}; it is {}.", n, options.size));
  }
  if (!(options.threshold > 0.0 && options.threshold <= 4.0)) {
    throw core::ConfigError(
        fmt::format("the gridding threshold must lie in (0, 4] voxels; it is {} (usual: 0.1 to 0.7).",
                    options.threshold));
  }
  if (!(options.withheld_fraction >= 0.0 && options.withheld_fraction <= 0.5)) {
    throw core::ConfigError(fmt::format("the withheld fraction must lie in [0, 0.5]; it is {} (usual: 0.05).",
                                        options.withheld_fraction));
  }
}

/// Transforms of all projections, ready to be evaluated anywhere.
class ImageSpectra {
public:
  ImageSpectra(const std::vector<core::Image>& images, int grid_size, core::Threads threads)
      : transform_(images.front().nx), grids_(images.size()), step_(1.0 / grid_size) {
    core::parallel_for(images.size(), threads, [&](std::size_t j, int /*worker*/) {
      const auto& data = images[j].data;
      const core::AlignedVector<Complex> modes(data.begin(), data.end());
      grids_[j] = transform_.prepare(modes.data());
    });
  }
  /// F_j(u, v), u and v in voxels of the Fourier grid.
  [[nodiscard]] Complex at(std::size_t j, double u, double v) const {
    return transform_.value(grids_[j], u * step_, v * step_);
  }

private:
  Nufft2 transform_;
  std::vector<Nufft2::Grid> grids_;
  double step_;
};

/// Weighted sums over projections at the points of one slab.
struct SlabSums {
  std::vector<Complex> value;
  std::vector<float> weight;
};

/// Integers k with |offset + slope * k| < threshold are all within [first, last] (clipped to [low, high]).
struct IntegerRange {
  int first;
  int last;
};

IntegerRange near_plane(double offset, double slope, double threshold, int low, int high) {
  constexpr double flat = 1e-12; // a plane parallel to the line: all or nothing
  const double s = std::abs(slope) < flat ? flat : slope;
  const double centre = -offset / s;
  // One voxel of slack: the caller tests every point itself, by a formula that is exactly even in k.
  const double reach = threshold / std::abs(s) + 1.0;
  return {static_cast<int>(std::clamp(std::ceil(centre - reach), static_cast<double>(low), high + 1.0)),
          static_cast<int>(std::clamp(std::floor(centre + reach), low - 1.0, static_cast<double>(high)))};
}

class Gridder {
public:
  Gridder(const ImageSpectra& projections, const std::vector<core::Mat3>& orientations,
          const GriddingOptions& options)
      : projections_(projections), orientations_(orientations), options_(options),
        half_(options.size / 2 + 1), highest_(options.size / 2 - 1) {}

  /// Add every projection to the sums of slab ky (signed).
  void add_projections(int ky, SlabSums& sums) const {
    for (std::size_t j = 0; j < orientations_.size(); ++j) {
      const double nx = orientations_[j](2, 0);
      const double ny = orientations_[j](2, 1);
      const double nz = orientations_[j](2, 2);
      if (std::abs(nx) >= std::abs(nz)) {
        for (int kz = -highest_; kz <= highest_; ++kz) {
          const IntegerRange r = near_plane(ny * ky + nz * kz, nx, options_.threshold, 0, highest_);
          for (int kx = r.first; kx <= r.last; ++kx)
            add_point(j, kx, ky, kz, sums);
        }
      } else {
        for (int kx = 0; kx <= highest_; ++kx) {
          const IntegerRange r = near_plane(ny * ky + nx * kx, nz, options_.threshold, -highest_, highest_);
          for (int kz = r.first; kz <= r.last; ++kz)
            add_point(j, kx, ky, kz, sums);
        }
      }
    }
  }

private:
  void add_point(std::size_t j, int kx, int ky, int kz, SlabSums& sums) const {
    const core::Mat3& r = orientations_[j];
    const double distance = std::abs(r(2, 0) * kx + r(2, 1) * ky + r(2, 2) * kz);
    if (distance >= options_.threshold) return;
    const double u = r(0, 0) * kx + r(0, 1) * ky + r(0, 2) * kz;
    const double v = r(1, 0) * kx + r(1, 1) * ky + r(1, 2) * kz;
    const double nyquist = 0.5 * options_.size;
    if (std::abs(u) >= nyquist || std::abs(v) >= nyquist) return;
    const std::size_t index =
        static_cast<std::size_t>(kz < 0 ? kz + options_.size : kz) * static_cast<std::size_t>(half_) +
        static_cast<std::size_t>(kx);
    if (options_.method == GriddingMethod::dft) {
      const auto weight = static_cast<float>(1.0 / std::max(distance, least_distance));
      sums.value[index] += weight * projections_.at(j, u, v);
      sums.weight[index] += weight;
      return;
    }
    const double reach = std::sqrt(options_.threshold * options_.threshold - distance * distance);
    for (double b = std::ceil(v - reach); b <= v + reach; b += 1.0) {
      for (double a = std::ceil(u - reach); a <= u + reach; a += 1.0) {
        const double square = distance * distance + (a - u) * (a - u) + (b - v) * (b - v);
        if (square >= options_.threshold * options_.threshold) continue;
        const auto weight = static_cast<float>(1.0 / std::max(square, least_distance * least_distance));
        sums.value[index] += weight * projections_.at(j, a, b);
        sums.weight[index] += weight;
      }
    }
  }

  const ImageSpectra& projections_;
  const std::vector<core::Mat3>& orientations_;
  const GriddingOptions& options_;
  int half_;
  int highest_;
};

/// Move the measured points out of the sums, which are left empty.
std::vector<GridPoint> collect(SlabSums& sums) {
  std::vector<GridPoint> points;
  for (std::size_t i = 0; i < sums.weight.size(); ++i) {
    if (sums.weight[i] == 0.0F) continue;
    points.push_back({static_cast<std::uint32_t>(i), sums.value[i] / sums.weight[i]});
    sums.value[i] = {};
    sums.weight[i] = 0.0F;
  }
  return points;
}

/// Signed coordinates of slab points, shells, and which of two Hermitian mates speaks for both.
class Geometry {
public:
  explicit Geometry(int size) : size_(size), half_(size / 2 + 1) {}
  [[nodiscard]] std::array<int, 3> coordinates(int ky_index, std::uint32_t index) const {
    const int kz = static_cast<int>(index) / half_;
    return {static_cast<int>(index) % half_, signed_of(ky_index), signed_of(kz)};
  }
  [[nodiscard]] static double radius(const std::array<int, 3>& k) {
    return std::sqrt(static_cast<double>(k[0]) * k[0] + static_cast<double>(k[1]) * k[1] +
                     static_cast<double>(k[2]) * k[2]);
  }
  [[nodiscard]] static std::size_t shell(const std::array<int, 3>& k) {
    return static_cast<std::size_t>(std::lround(radius(k)));
  }
  /// In the plane kx = 0 both mates are stored; elsewhere only one.
  [[nodiscard]] static bool speaks(const std::array<int, 3>& k) {
    return k[0] > 0 || k[1] > 0 || (k[1] == 0 && k[2] >= 0);
  }
  [[nodiscard]] std::size_t shells() const {
    return static_cast<std::size_t>(std::ceil(0.5 * std::sqrt(3.0) * size_)) + 1;
  }

private:
  [[nodiscard]] int signed_of(int k) const { return k < size_ / 2 ? k : k - size_; }
  int size_;
  int half_;
};

/// Points are withheld by blocks of so many voxels a side: the transform of a volume that fills the part
/// box / size of the grid is the same within size / box voxels, so that a single withheld point would be told
/// by its fitted neighbours.
int block_edge(const GriddingOptions& options, int box) {
  constexpr double widths = 3.0; // of such a neighbourhood: most of a block lies away from its rim
  return static_cast<int>(std::lround(widths * options.size / box));
}

using Block = std::array<int, 3>;

/// The block of a point, the middle one about the origin; the blocks of mates are mates.
Block block_of(const std::array<int, 3>& k, int edge) {
  const int sign = Geometry::speaks(k) ? 1 : -1;
  Block block{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    block[axis] = static_cast<int>(std::floor(static_cast<double>(sign * k[axis]) / edge + 0.5));
  return block;
}

/// The random number of a block.
std::uint32_t draw(const Block& block, std::uint64_t seed) {
  const std::array<std::uint32_t, 4> counter{static_cast<std::uint32_t>(block[0]),
                                             static_cast<std::uint32_t>(block[1]),
                                             static_cast<std::uint32_t>(block[2]), 0x52465245U};
  return core::philox4x32(counter,
                          {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)})[0];
}

/// Of the blocks at each distance from the origin so many that they hold the wanted part of the measured
/// points, as nearly as whole blocks can; never the innermost.
std::set<Block> withheld_blocks(const GriddedSpectrum& spectrum, const Geometry& geometry, int edge,
                                const GriddingOptions& options) {
  std::map<Block, double> points;
  for (std::size_t ky = 0; ky < spectrum.enforced.size(); ++ky) {
    for (const GridPoint& p : spectrum.enforced[ky]) {
      const auto k = geometry.coordinates(static_cast<int>(ky), p.index);
      if (Geometry::speaks(k)) points[block_of(k, edge)] += 1.0;
    }
  }
  std::map<std::size_t, std::vector<std::pair<std::uint32_t, Block>>> shells;
  std::map<std::size_t, double> wanted;
  for (const auto& [block, count] : points) {
    const std::size_t shell = Geometry::shell(block);
    shells[shell].emplace_back(draw(block, options.seed), block);
    wanted[shell] += options.withheld_fraction * count;
  }
  std::set<Block> withheld;
  double owed = 0.0; // what whole blocks could not do in the shells before
  for (auto& [shell, blocks] : shells) {
    if (shell == 0) continue;
    owed += wanted[shell];
    std::sort(blocks.begin(), blocks.end());
    for (const auto& [number, block] : blocks) {
      if (owed < 0.5 * points[block]) break;
      owed -= points[block];
      withheld.insert(block);
    }
  }
  return withheld;
}

void withhold(GriddedSpectrum& spectrum, const Geometry& geometry, const GriddingOptions& options,
              core::Threads threads) {
  if (options.withheld_fraction == 0.0) return;
  const int edge = block_edge(options, spectrum.box);
  const std::set<Block> blocks = withheld_blocks(spectrum, geometry, edge, options);
  core::parallel_for(spectrum.enforced.size(), threads, [&](std::size_t ky, int /*worker*/) {
    auto& points = spectrum.enforced[ky];
    const auto kept = [&](const GridPoint& p) {
      return !blocks.contains(block_of(geometry.coordinates(static_cast<int>(ky), p.index), edge));
    };
    const auto first_withheld = std::stable_partition(points.begin(), points.end(), kept);
    spectrum.withheld[ky].assign(first_withheld, points.end());
    points.erase(first_withheld, points.end());
    points.shrink_to_fit();
  });
}

void count_shells(GriddedSpectrum& spectrum, const Geometry& geometry) {
  const int highest = spectrum.size / 2 - 1;
  spectrum.shell_points.assign(geometry.shells(), 0.0);
  spectrum.shell_enforced = spectrum.shell_points;
  spectrum.shell_withheld = spectrum.shell_points;
  // One octant, each point standing for its mirror images.
  for (int kz = 0; kz <= highest; ++kz) {
    for (int ky = 0; ky <= highest; ++ky) {
      for (int kx = 0; kx <= highest; ++kx) {
        const int copies = (kx > 0 ? 2 : 1) * (ky > 0 ? 2 : 1) * (kz > 0 ? 2 : 1);
        spectrum.shell_points[Geometry::shell({kx, ky, kz})] += copies;
      }
    }
  }
  const auto count = [&](const std::vector<std::vector<GridPoint>>& slabs, std::vector<double>& shells) {
    for (std::size_t ky = 0; ky < slabs.size(); ++ky) {
      for (const GridPoint& p : slabs[ky]) {
        const auto k = geometry.coordinates(static_cast<int>(ky), p.index);
        shells[Geometry::shell(k)] += k[0] > 0 ? 2.0 : 1.0;
        spectrum.largest_radius = std::max(spectrum.largest_radius, Geometry::radius(k));
      }
    }
  };
  count(spectrum.enforced, spectrum.shell_enforced);
  count(spectrum.withheld, spectrum.shell_withheld);
}

} // namespace

GriddedSpectrum grid_projections(const std::vector<core::Image>& images,
                                 const std::vector<core::Mat3>& orientations, const GriddingOptions& options,
                                 core::Threads threads) {
  check(images, orientations, options);
  const int size = options.size;
  GriddedSpectrum out;
  out.size = size;
  out.box = images.front().nx;
  out.enforced.resize(static_cast<std::size_t>(size));
  out.withheld.resize(static_cast<std::size_t>(size));
  const ImageSpectra projections(images, size, threads);
  const Gridder gridder(projections, orientations, options);
  const std::size_t slab = static_cast<std::size_t>(size) * static_cast<std::size_t>(size / 2 + 1);
  std::vector<SlabSums> sums(static_cast<std::size_t>(std::max(1, threads.count)));
  for (SlabSums& s : sums) {
    s.value.resize(slab);
    s.weight.resize(slab);
  }
  core::parallel_for(static_cast<std::size_t>(size), threads, [&](std::size_t index, int worker) {
    const int ky =
        static_cast<int>(index) < size / 2 ? static_cast<int>(index) : static_cast<int>(index) - size;
    if (ky == -size / 2) return; // Nyquist: left unknown
    SlabSums& own = sums[static_cast<std::size_t>(worker)];
    gridder.add_projections(ky, own);
    out.enforced[index] = collect(own);
  });
  const Geometry geometry(size);
  withhold(out, geometry, options, threads);
  count_shells(out, geometry);
  return out;
}

} // namespace aet::recon
