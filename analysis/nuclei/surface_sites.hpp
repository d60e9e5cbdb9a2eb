// Where on a particle a nucleus sits, and the surfaces of equal order for pictures.
#pragma once

#include "analysis/nuclei/cluster_surface.hpp"
#include "analysis/structure/voronoi.hpp"
#include "sim/core/neighbours/neighbours.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

enum class SurfaceSite { subsurface, facet_111, facet_100, edge, corner };

/// "subsurface", "facet_111", "facet_100", "edge", "corner"
[[nodiscard]] std::string site_name(SurfaceSite site);

/// What an atom at the surface of an fcc particle is by its number of nearest neighbours: 9 (or more) on
/// {111}, 8 on {100}, 7 along an edge, 6 or fewer at a corner. An adatom or step counts as what its bonds are
/// like.
[[nodiscard]] SurfaceSite surface_site(std::size_t neighbours);

/// Zhou et al. 2019: a core within `depth_a` (one cell, 3.87 A) of a surface atom is a surface site, of the
/// kind of the nearest surface atoms; atoms not more than 0.3 A farther than the nearest one vote, and of
/// equals the rarer kind wins (corner, edge, {100}, {111}).
/// \param exposed 1 for atoms at the surface.
/// \throws DataError for a wrong number of flags or no core.
[[nodiscard]] SurfaceSite nucleation_site(std::span<const core::Vec3> positions,
                                          const std::optional<core::Cell>& cell,
                                          const core::NeighbourList& neighbours,
                                          std::span<const std::uint8_t> exposed,
                                          std::span<const std::size_t> core_atoms, double depth_a = 3.87);

/// Which atoms lie at the surface, and how deep the others.
struct SurfaceOfAtoms {
  std::vector<VoronoiCell> cells;       ///< without faces
  std::vector<double> depth;            ///< as depth_below_surface(): empty where there is no surface
  std::vector<std::uint8_t> exposed;    ///< 1 at the surface
  std::optional<double> bulk_volume_a3; ///< mean over cells below the surface; none if there is none
};
/// \throws as voronoi_cells().
[[nodiscard]] SurfaceOfAtoms surface_of(std::span<const core::Vec3> positions,
                                        const std::optional<core::Cell>& cell,
                                        const VoronoiOptions& options = {});

/// Mean depth of the core atoms decides whether a nucleus is a surface site, nucleation_site() of which kind.
/// \return none where there is no surface.
[[nodiscard]] std::optional<SurfaceSite>
site_of_core(std::span<const core::Vec3> positions, const std::optional<core::Cell>& cell,
             const core::NeighbourList& neighbours, const SurfaceOfAtoms& surface,
             std::span<const std::size_t> core_atoms, double depth_a = 3.87);

/// Surfaces where a smooth alpha passes the levels, around a set of atoms: kernel mean of the atoms' values,
/// standard deviation `kernel_a`, which falls to 0 where there are no atoms. Give the members of one nucleus,
/// in one image, to see it alone.
/// \param levels e.g. {0.3, 0.5, 0.7} as in Zhou et al. 2019, Fig. 3;
/// \param kernel_a > 0 [angstrom].
[[nodiscard]] std::vector<Surface> order_contours(std::span<const core::Vec3> positions,
                                                  std::span<const double> alpha,
                                                  std::span<const double> levels, double kernel_a = 1.5);

} // namespace aet::analysis
