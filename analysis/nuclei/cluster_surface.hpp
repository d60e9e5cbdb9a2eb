// Surfaces of atom clusters as contours of a smooth density, and how round they are.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/bounding_box.hpp"

#include <array>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

/// A closed surface made of triangles whose normals point outwards.
struct Surface {
  std::vector<std::array<core::Vec3, 3>> triangles; ///< corners [angstrom]
  double area = 0.0;                                ///< [A^2]
  double volume = 0.0;                              ///< enclosed [A^3]
};

/// Where a field passes through a level: marching tetrahedra (each cube of the grid cut into six along the
/// same diagonal, so there are no gaps), corners by linear interpolation. "Inside" is where field >= level.
/// The surface is closed if the field is below the level on the rim of the box [angstrom].
/// \param step grid step [angstrom], > 0.
[[nodiscard]] Surface contour(const std::function<double(const core::Vec3&)>& field,
                              const core::BoundingBox& box, double step, double level);

/// The triangles as an ASCII PLY file, which ParaView, Blender, OVITO and MeshLab read; corners that coincide
/// are written once.
/// \param comment one line.
[[nodiscard]] std::string ply_text(const Surface& surface, const std::string& comment);

/// Surface of a cluster: contour at level 1/2 of sum over atoms of volume_i x Gaussian(r - r_i), which is 1
/// deep inside and 0 outside. The standard deviation is 0.6 times the cube root of the mean volume (1.5 A for
/// Pt): wide enough to hide single atoms, so edges sharper than that are rounded.
/// \param positions members, all in one image [angstrom];
/// \param volumes of each [A^3], > 0.
/// \throws DataError for no atoms or volumes that are not positive.
[[nodiscard]] Surface cluster_surface(std::span<const core::Vec3> positions, std::span<const double> volumes);

/// pi^(1/3) (6 V)^(2/3) / A: 1 for a ball, 0.806 for a cube. Wadell, J. Geol. 43, 250 (1935),
/// doi:10.1086/624298.
[[nodiscard]] double sphericity(double volume, double area);

} // namespace aet::analysis
