#include "analysis/nuclei/surface_sites.hpp"

#include "analysis/order/mean.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace aet::analysis {

using core::Vec3;

std::string site_name(SurfaceSite site) {
  constexpr std::array names{"subsurface", "facet_111", "facet_100", "edge", "corner"};
  return names.at(static_cast<std::size_t>(site));
}

SurfaceSite surface_site(std::size_t neighbours) {
  if (neighbours >= 9) return SurfaceSite::facet_111;
  if (neighbours == 8) return SurfaceSite::facet_100;
  return neighbours == 7 ? SurfaceSite::edge : SurfaceSite::corner;
}

SurfaceSite nucleation_site(std::span<const Vec3> positions, const std::optional<core::Cell>& cell,
                            const core::NeighbourList& neighbours, std::span<const std::uint8_t> exposed,
                            std::span<const std::size_t> core_atoms, double depth_a) {
  if (exposed.size() != positions.size() || neighbours.atoms() != positions.size())
    throw core::DataError(fmt::format("{} surface flags and neighbours of {} atoms are given for {} atoms",
                                      exposed.size(), neighbours.atoms(), positions.size()));
  if (core_atoms.empty()) throw core::DataError("the site of a nucleus without core atoms was asked for");
  std::vector<Vec3> surface;
  std::vector<std::size_t> number;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (exposed[i] == 0) continue;
    surface.push_back(positions[i]);
    number.push_back(i);
  }
  if (surface.empty()) return SurfaceSite::subsurface;
  const core::CellGrid grid(surface, cell, 4.0);
  std::vector<core::Hit> all;
  std::vector<core::Hit> hits;
  for (const std::size_t i : core_atoms) {
    grid.within(positions[i], depth_a + 1e-9, hits);
    all.insert(all.end(), hits.begin(), hits.end());
  }
  if (all.empty()) return SurfaceSite::subsurface;
  const double nearest = std::min_element(all.begin(), all.end(), core::nearer)->distance;
  std::array<int, 5> votes{};
  for (const core::Hit& hit : all)
    if (hit.distance <= nearest + 0.3)
      ++votes.at(static_cast<std::size_t>(surface_site(neighbours.count(number[hit.index]))));
  std::size_t best = 0;
  for (std::size_t k = 1; k < votes.size(); ++k)
    if (votes.at(k) > 0 && votes.at(k) >= votes.at(best)) best = k;
  return static_cast<SurfaceSite>(best);
}

SurfaceOfAtoms surface_of(std::span<const Vec3> positions, const std::optional<core::Cell>& cell,
                          const VoronoiOptions& options) {
  SurfaceOfAtoms result;
  VoronoiOptions without_faces = options;
  without_faces.faces = false;
  result.cells = voronoi_cells(positions, cell, without_faces);
  result.depth = depth_below_surface(positions, cell, result.cells);
  std::vector<double> closed;
  for (const VoronoiCell& c : result.cells) {
    result.exposed.push_back(c.exposed ? 1 : 0);
    if (!c.exposed) closed.push_back(c.volume);
  }
  if (!closed.empty()) result.bulk_volume_a3 = mean(closed);
  return result;
}

std::optional<SurfaceSite> site_of_core(std::span<const Vec3> positions,
                                        const std::optional<core::Cell>& cell,
                                        const core::NeighbourList& neighbours, const SurfaceOfAtoms& surface,
                                        std::span<const std::size_t> core_atoms, double depth_a) {
  if (surface.depth.empty()) return std::nullopt;
  std::vector<double> depths;
  for (const std::size_t i : core_atoms)
    depths.push_back(surface.depth[i]);
  if (mean(depths) > depth_a) return SurfaceSite::subsurface;
  return nucleation_site(positions, cell, neighbours, surface.exposed, core_atoms, depth_a);
}

std::vector<Surface> order_contours(std::span<const Vec3> positions, std::span<const double> alpha,
                                    std::span<const double> levels, double kernel_a) {
  if (!(kernel_a > 0.0))
    throw core::ConfigError(fmt::format("kernel of order contours is {} A; it must be positive", kernel_a));
  if (positions.empty() || positions.size() != alpha.size())
    throw core::DataError(fmt::format("{} order parameters are given for {} atoms of a contour", alpha.size(),
                                      positions.size()));
  const double reach = 4.0 * kernel_a;
  const core::CellGrid grid(positions, std::nullopt, reach);
  const auto kernel = [&](double r) { return std::exp(-0.5 * r * r / (kernel_a * kernel_a)); };
  // Half of the largest sum of weights marks the rim of the atoms: outside, the mean is divided by it
  // instead.
  std::vector<core::Hit> hits;
  double most = 0.0;
  for (const Vec3& p : positions) {
    grid.within(p, reach, hits);
    double weight = 0.0;
    for (const core::Hit& hit : hits)
      weight += kernel(hit.distance);
    most = std::max(most, weight);
  }
  const auto field = [&](const Vec3& r) {
    grid.within(r, reach, hits);
    double weight = 0.0;
    double sum = 0.0;
    for (const core::Hit& hit : hits) {
      const double w = kernel(hit.distance);
      weight += w;
      sum += w * alpha[hit.index];
    }
    return sum / std::max(weight, 0.5 * most);
  };
  std::vector<Surface> result;
  const core::BoundingBox box = core::widened(core::bounding_box(positions), reach);
  for (const double level : levels)
    result.push_back(contour(field, box, 0.5 * kernel_a, level));
  return result;
}

} // namespace aet::analysis
