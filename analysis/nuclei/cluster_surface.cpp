#include "analysis/nuclei/cluster_surface.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Geometry>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace aet::analysis {
namespace {

using core::Vec3;

struct Corner {
  Vec3 position;
  double value = 0.0; // field minus level; inside where >= 0
};

class Mesh {
public:
  void add_tetrahedron(const std::array<const Corner*, 4>& corners) {
    std::array<const Corner*, 4> sorted{};
    std::size_t inside = 0;
    for (const Corner* c : corners)
      if (c->value >= 0.0) sorted[inside++] = c;
    std::size_t next = inside;
    for (const Corner* c : corners)
      if (c->value < 0.0) sorted[next++] = c;
    const auto cut = [&](std::size_t a, std::size_t b) {
      const double t = sorted[a]->value / (sorted[a]->value - sorted[b]->value);
      return Vec3(sorted[a]->position + t * (sorted[b]->position - sorted[a]->position));
    };
    const auto& [a, b, c, d] = sorted;
    if (inside == 1) {
      add(cut(0, 1), cut(0, 2), cut(0, 3), (b->position + c->position + d->position) / 3.0 - a->position);
    } else if (inside == 3) {
      add(cut(0, 3), cut(1, 3), cut(2, 3), d->position - (a->position + b->position + c->position) / 3.0);
    } else if (inside == 2) {
      const Vec3 out = c->position + d->position - a->position - b->position;
      const Vec3 p = cut(0, 2);
      const Vec3 q = cut(1, 3);
      add(p, cut(0, 3), q, out);
      add(p, q, cut(1, 2), out);
    }
  }
  Surface surface;

private:
  void add(const Vec3& p, const Vec3& q, const Vec3& r, const Vec3& outwards) {
    const Vec3 normal = (q - p).cross(r - p);
    const double twice = normal.norm();
    if (twice == 0.0) return; // the surface only touches a grid point
    const bool turn = normal.dot(outwards) < 0.0;
    surface.triangles.push_back(turn ? std::array{p, r, q} : std::array{p, q, r});
    surface.area += 0.5 * twice;
    surface.volume += (turn ? -1.0 : 1.0) * p.dot(normal) / 6.0;
  }
};

std::array<int, 3> grid_points(const core::BoundingBox& box, double step) {
  std::array<int, 3> n{};
  for (int k = 0; k < 3; ++k)
    n[k] = std::max(2, static_cast<int>(std::ceil(box.size()[k] / step)) + 1);
  return n;
}

/// Sum of the atoms' Gaussians, each its volume large, at the points of contour()'s grid.
class Density {
public:
  Density(std::span<const Vec3> positions, std::span<const double> volumes, const core::BoundingBox& box,
          double step, double sigma)
      : low_(box.low), step_(step), n_(grid_points(box, step)),
        values_(static_cast<std::size_t>(n_[0]) * n_[1] * n_[2], 0.0) {
    std::vector<std::size_t> order(positions.size()); // in space: sums do not depend on the order of atoms
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::lexicographical_compare(positions[a].begin(), positions[a].end(), positions[b].begin(),
                                          positions[b].end());
    });
    for (const std::size_t i : order)
      add(positions[i], volumes[i], sigma);
  }

  /// \param r a point of the grid.
  [[nodiscard]] double at(const Vec3& r) const {
    const Vec3 place = (r - low_) / step_;
    const auto index = [&](int k) { return static_cast<std::size_t>(std::lround(place[k])); };
    return values_[(index(2) * n_[1] + index(1)) * n_[0] + index(0)];
  }

private:
  void add(const Vec3& position, double volume, double sigma) {
    constexpr double reach = 4.5; // standard deviations
    std::array<int, 3> first{};
    std::array<std::vector<double>, 3> factor; // a Gaussian is a product
    for (int k = 0; k < 3; ++k) {
      const double centre = (position[k] - low_[k]) / step_;
      first[k] = std::max(0, static_cast<int>(std::ceil(centre - reach * sigma / step_)));
      const int last = std::min(n_[k] - 1, static_cast<int>(std::floor(centre + reach * sigma / step_)));
      for (int x = first[k]; x <= last; ++x)
        factor[k].push_back(std::exp(-0.5 * std::pow((x - centre) * step_ / sigma, 2)) /
                            (std::sqrt(2.0 * core::pi) * sigma));
    }
    for (std::size_t z = 0; z < factor[2].size(); ++z)
      for (std::size_t y = 0; y < factor[1].size(); ++y) {
        const double of_row = volume * factor[2][z] * factor[1][y];
        double* row = values_.data() + ((first[2] + z) * n_[1] + first[1] + y) * n_[0] + first[0];
        for (std::size_t x = 0; x < factor[0].size(); ++x)
          row[x] += of_row * factor[0][x];
      }
  }

  Vec3 low_;
  double step_;
  std::array<int, 3> n_;
  std::vector<double> values_;
};

} // namespace

Surface contour(const std::function<double(const Vec3&)>& field, const core::BoundingBox& box, double step,
                double level) {
  if (!(step > 0.0))
    throw core::ConfigError(fmt::format("contour grid step is {} A; it must be positive", step));
  const std::array<int, 3> n = grid_points(box, step);
  const auto plane = [&](int iz) {
    std::vector<Corner> points(static_cast<std::size_t>(n[0]) * n[1]);
    for (int iy = 0; iy < n[1]; ++iy)
      for (int ix = 0; ix < n[0]; ++ix) {
        Corner& c = points[static_cast<std::size_t>(iy) * n[0] + ix];
        c.position = box.low + step * Vec3(ix, iy, iz);
        c.value = field(c.position) - level;
      }
    return points;
  };
  // The six tetrahedra around the diagonal from corner 0 to corner 7; corner number = x + 2 y + 4 z.
  constexpr std::array<std::array<std::size_t, 4>, 6> tetrahedra{
      {{0, 1, 3, 7}, {0, 1, 5, 7}, {0, 2, 3, 7}, {0, 2, 6, 7}, {0, 4, 5, 7}, {0, 4, 6, 7}}};
  Mesh mesh;
  std::vector<Corner> below = plane(0);
  for (int iz = 1; iz < n[2]; ++iz) {
    std::vector<Corner> above = plane(iz);
    for (int iy = 0; iy + 1 < n[1]; ++iy)
      for (int ix = 0; ix + 1 < n[0]; ++ix) {
        const std::size_t at = static_cast<std::size_t>(iy) * n[0] + ix;
        const std::size_t row = static_cast<std::size_t>(n[0]);
        const std::array<const Corner*, 8> cube{&below[at],           &below[at + 1],      &below[at + row],
                                                &below[at + row + 1], &above[at],          &above[at + 1],
                                                &above[at + row],     &above[at + row + 1]};
        for (const auto& t : tetrahedra)
          mesh.add_tetrahedron({cube[t[0]], cube[t[1]], cube[t[2]], cube[t[3]]});
      }
    below = std::move(above);
  }
  return std::move(mesh.surface);
}

Surface cluster_surface(std::span<const Vec3> positions, std::span<const double> volumes) {
  if (positions.empty() || positions.size() != volumes.size())
    throw core::DataError(
        fmt::format("a cluster surface needs one volume an atom; there are {} atoms and {} volumes",
                    positions.size(), volumes.size()));
  double total = 0.0;
  for (const double v : volumes) {
    if (!(v > 0.0)) throw core::DataError(fmt::format("an atom's volume is {} A^3; it must be positive", v));
    total += v;
  }
  const double sigma = 0.6 * std::cbrt(total / static_cast<double>(volumes.size()));
  const double step = 0.5 * sigma;
  const core::BoundingBox box = core::widened(core::bounding_box(positions), 3.0 * sigma);
  const Density density(positions, volumes, box, step, sigma);
  return contour([&](const Vec3& r) { return density.at(r); }, box, step, 0.5);
}

std::string ply_text(const Surface& surface, const std::string& comment) {
  std::map<std::array<double, 3>, std::size_t> numbers;
  std::string corners;
  std::string faces;
  for (const auto& triangle : surface.triangles) {
    faces += "3";
    for (const Vec3& p : triangle) {
      const auto [at, fresh] = numbers.try_emplace({p.x(), p.y(), p.z()}, numbers.size());
      if (fresh) corners += fmt::format("{:.4f} {:.4f} {:.4f}\n", p.x(), p.y(), p.z());
      faces += fmt::format(" {}", at->second);
    }
    faces += "\n";
  }
  return fmt::format(
             "ply\nformat ascii 1.0\ncomment {}\nelement vertex {}\nproperty float x\nproperty float "
             "y\nproperty float z\nelement face {}\nproperty list uchar int vertex_indices\nend_header\n",
             comment, numbers.size(), surface.triangles.size()) +
         corners + faces;
}

double sphericity(double volume, double area) {
  return std::cbrt(core::pi) * std::pow(6.0 * volume, 2.0 / 3.0) / area;
}

} // namespace aet::analysis
