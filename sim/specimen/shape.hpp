// Shapes of particles: a sphere, or the convex body that facets enclose (Wulff construction).
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/specimen/lattice.hpp"

#include <array>
#include <vector>

namespace aet::specimen {

/// A face n.r = distance of a body; several facets enclose it.
struct Facet {
  core::Vec3 normal = core::Vec3::UnitZ(); ///< unit vector
  double distance = 1.0;                   ///< from the centre, > 0
};

/// A body of size 1, scaled later. Invariant: the smallest facet distance is 1; no facets mean the unit
/// sphere.
struct Shape {
  std::vector<Facet> facets;
};

/// Facets that symmetry makes equal, and their surface energy (any unit; only ratios count).
struct FacetFamily {
  std::array<int, 3> hkl{1, 1, 1}; ///< Miller indices; of hcp (h k i l) with i = -h-k left out
  double surface_energy = 1.0;     ///< > 0, <= 1000
};

/// Wulff's construction: each facet lies at a distance proportional to its surface energy, all facets of a
/// family (point group m-3m, of hcp 6/mmm) being present. A facet that others cut off has no effect.
/// \param cell gives the directions of the facets; of a stretched cubic cell the cubic families are taken.
/// \throws core::ConfigError for no family, a family 0 0 0, an energy out of range, or facets that enclose
///   nothing. Source: Wulff, Z. Kristallogr. 34, 449 (1901).
[[nodiscard]] Shape wulff_shape(const std::vector<FacetFamily>& families, Lattice lattice,
                                const UnitCell& cell);

/// {100} alone.
[[nodiscard]] std::vector<FacetFamily> cube();
/// {111} and {100} with the ratio of distances d100 / d111; 2 / sqrt(3) gives regular hexagons, and
/// 16 n^3 - 33 n^2 + 24 n - 6 atoms for n atoms along an edge.
[[nodiscard]] std::vector<FacetFamily> truncated_octahedron(double ratio_100_to_111);

/// Size that the body must have to reach `r`, in the unit of r: |r| for the sphere, else the largest of
/// n.r / distance. The body of size s (radius of the sphere, or of the largest sphere inside) is gauge <= s.
[[nodiscard]] double gauge(const Shape& shape, const core::Vec3& r);

/// Distance of the farthest point of the body of size 1 from its centre.
[[nodiscard]] double circumradius(const Shape& shape);

/// Volume of the body of size 1, to about 1e-4 of it.
[[nodiscard]] double volume(const Shape& shape);

} // namespace aet::specimen
