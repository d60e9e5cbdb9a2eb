#include "sim/specimen/shape.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Dense>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

namespace aet::specimen {

using core::Mat3;
using core::Vec3;

namespace {

using Indices = std::tuple<int, int, int>;

/// (h k l) under all symmetry operations of the lattice.
std::set<Indices> equivalents(const std::array<int, 3>& hkl, Lattice lattice) {
  std::set<Indices> all;
  constexpr std::array signs{-1, 1};
  if (lattice == Lattice::hcp) {
    // 6/mmm: h, k, i = -h-k change places and sign together, l changes sign.
    std::array<int, 3> hki{hkl[0], hkl[1], -hkl[0] - hkl[1]};
    std::sort(hki.begin(), hki.end());
    do {
      for (const int s : signs) {
        for (const int t : signs)
          all.emplace(s * hki[0], s * hki[1], t * hkl[2]);
      }
    } while (std::next_permutation(hki.begin(), hki.end()));
    return all;
  }
  std::array<int, 3> p = hkl;
  std::sort(p.begin(), p.end());
  do {
    for (const int s : signs) {
      for (const int t : signs) {
        for (const int u : signs)
          all.emplace(s * p[0], t * p[1], u * p[2]);
      }
    }
  } while (std::next_permutation(p.begin(), p.end()));
  return all;
}

/// Corners of a body: where three facets meet and no other cuts.
std::vector<Vec3> corners(const std::vector<Facet>& facets) {
  constexpr double parallel = 1e-9;
  constexpr double on_face = 1e-9;
  std::vector<Vec3> found;
  Mat3 m;
  for (std::size_t i = 0; i < facets.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (std::size_t k = 0; k < j; ++k) {
        m << facets[i].normal.transpose(), facets[j].normal.transpose(), facets[k].normal.transpose();
        if (std::abs(m.determinant()) < parallel) continue;
        const Vec3 r = m.inverse() * Vec3(facets[i].distance, facets[j].distance, facets[k].distance);
        const bool inside = std::all_of(facets.begin(), facets.end(), [&](const Facet& f) {
          return f.normal.dot(r) <= f.distance * (1.0 + on_face);
        });
        if (inside) found.push_back(r);
      }
    }
  }
  return found;
}

} // namespace

Shape wulff_shape(const std::vector<FacetFamily>& families, Lattice lattice, const UnitCell& cell) {
  if (families.empty())
    throw core::ConfigError("a Wulff shape needs at least one facet family, such as 1 1 1");
  double least = families.front().surface_energy;
  for (const FacetFamily& family : families) {
    constexpr double largest_energy = 1000.0;
    if (!(family.surface_energy > 0.0 && family.surface_energy <= largest_energy)) {
      throw core::ConfigError(fmt::format("surface energy {} is out of range; allowed is above 0 to {}",
                                          family.surface_energy, largest_energy));
    }
    if (family.hkl == std::array<int, 3>{0, 0, 0})
      throw core::ConfigError("facet family 0 0 0 has no direction; use for example 1 1 1");
    least = std::min(least, family.surface_energy);
  }
  const Mat3 reciprocal = cell.vectors.inverse(); // columns are the reciprocal vectors
  Shape shape;
  Mat3 spread = Mat3::Zero();
  for (const FacetFamily& family : families) {
    for (const auto& [h, k, l] : equivalents(family.hkl, lattice)) {
      const Vec3 normal = (reciprocal * Vec3(h, k, l)).normalized();
      shape.facets.push_back({normal, family.surface_energy / least});
      spread += normal * normal.transpose();
    }
  }
  // With every facet its opposite is there, so the body is closed if the normals span space.
  constexpr double flat = 1e-9;
  if (std::abs(spread.determinant()) < flat) {
    throw core::ConfigError(
        "the facet families enclose no body; add one with another direction, such as 1 0 0");
  }
  return shape;
}

std::vector<FacetFamily> cube() {
  return {{{1, 0, 0}, 1.0}};
}

std::vector<FacetFamily> truncated_octahedron(double ratio_100_to_111) {
  return {{{1, 1, 1}, 1.0}, {{1, 0, 0}, ratio_100_to_111}};
}

double gauge(const Shape& shape, const Vec3& r) {
  if (shape.facets.empty()) return r.norm();
  double size = 0.0;
  for (const Facet& facet : shape.facets)
    size = std::max(size, facet.normal.dot(r) / facet.distance);
  return size;
}

double circumradius(const Shape& shape) {
  if (shape.facets.empty()) return 1.0;
  double farthest = 0.0;
  for (const Vec3& r : corners(shape.facets))
    farthest = std::max(farthest, r.norm());
  return farthest;
}

double volume(const Shape& shape) {
  // Integral of 1 / (3 gauge^3) over the sphere of directions, on a Fibonacci lattice (Gonzalez, Math.
  // Geosci. 42, 49 (2010), doi:10.1007/s11004-009-9257-x).
  constexpr int directions = 100000;
  const double golden_angle = core::pi * (3.0 - std::sqrt(5.0));
  double sum = 0.0;
  for (int i = 0; i < directions; ++i) {
    const double z = 1.0 - (2.0 * i + 1.0) / directions;
    const double rho = std::sqrt(1.0 - z * z);
    const double phi = golden_angle * i;
    sum += std::pow(gauge(shape, Vec3(rho * std::cos(phi), rho * std::sin(phi), z)), -3.0);
  }
  return 4.0 * core::pi / 3.0 * sum / directions;
}

} // namespace aet::specimen
