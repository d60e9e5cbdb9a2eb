#include "analysis/structure/voronoi.hpp"

#include "sim/core/bounding_box.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <fmt/core.h>
#include <voro++/voro++.hh>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace aet::analysis {
namespace {

using core::Vec3;

struct Box : core::BoundingBox {
  std::array<bool, 3> periodic{};
};

Box box_around(std::span<const Vec3> positions, const std::optional<core::Cell>& cell, double margin) {
  Box box{core::widened(core::bounding_box(positions), margin), {}};
  if (!cell) return box;
  box.periodic = cell->periodic;
  for (int k = 0; k < 3; ++k) {
    if (!box.periodic[k]) continue;
    box.low[k] = 0.0;
    box.high[k] = std::abs(cell->vectors(k, k));
  }
  return box;
}

bool is_tilted(const core::Cell& cell) {
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 3; ++j)
      if (j != k && std::abs(cell.vectors(k, j)) > 1e-9 * cell.vectors.row(k).norm() &&
          (cell.periodic[static_cast<std::size_t>(k)] || cell.periodic[static_cast<std::size_t>(j)]))
        return true;
  return false;
}

double farthest(const std::vector<double>& vertices) {
  double far = 0.0;
  for (std::size_t v = 0; v + 2 < vertices.size(); v += 3)
    far = std::max(far, std::hypot(vertices[v], vertices[v + 1], vertices[v + 2]));
  return far;
}

/// Volume, surface and vertices alone: a cell is open where a vertex lies on a wall of the box.
VoronoiCell describe(voro::voronoicell& shape, const Vec3& at, const Box* box,
                     const VoronoiOptions& options) {
  VoronoiCell cell;
  cell.volume = shape.volume();
  cell.surface_area = shape.surface_area();
  std::vector<double> vertices;
  shape.vertices(vertices);
  cell.far_vertex_a = farthest(vertices);
  constexpr double on_wall_a = 1e-6;
  for (std::size_t v = 0; box != nullptr && v + 2 < vertices.size(); v += 3)
    for (int k = 0; k < 3; ++k) {
      const double place = at[k] + vertices[v + static_cast<std::size_t>(k)];
      cell.open = cell.open || (!box->periodic[static_cast<std::size_t>(k)] &&
                                (place < box->low[k] + on_wall_a || place > box->high[k] - on_wall_a));
    }
  cell.exposed = cell.open || cell.far_vertex_a > options.probe_radius_a;
  return cell;
}

VoronoiCell describe(voro::voronoicell_neighbor& shape, const Vec3& /*at*/, const Box* /*box*/,
                     const VoronoiOptions& options) {
  VoronoiCell cell;
  cell.volume = shape.volume();
  cell.surface_area = shape.surface_area();
  std::vector<double> vertices;
  std::vector<double> areas;
  std::vector<int> edges;
  std::vector<int> neighbours;
  shape.vertices(vertices);
  shape.face_areas(areas);
  shape.face_orders(edges);
  shape.neighbors(neighbours);
  cell.far_vertex_a = farthest(vertices);
  for (std::size_t f = 0; f < areas.size(); ++f) {
    if (neighbours[f] < 0) {
      cell.open = true; // a wall of the box
    } else if (areas[f] >= options.min_face_fraction * cell.surface_area) {
      cell.faces.push_back({static_cast<std::uint32_t>(neighbours[f]), areas[f], edges[f]});
    }
  }
  std::sort(cell.faces.begin(), cell.faces.end(), [](const VoronoiFace& a, const VoronoiFace& b) {
    return a.area != b.area ? a.area > b.area : a.neighbour < b.neighbour;
  });
  cell.exposed = cell.open || cell.far_vertex_a > options.probe_radius_a;
  return cell;
}

void check(const VoronoiOptions& o) {
  if (!(o.margin_a > 0.0) || !std::isfinite(o.margin_a))
    throw core::ConfigError(fmt::format("Voronoi margin is {} A; it must be positive", o.margin_a));
  if (!(o.probe_radius_a > 0.0) || o.probe_radius_a > o.margin_a)
    throw core::ConfigError(
        fmt::format("surface probe radius is {} A; it must lie between 0 and the Voronoi margin "
                    "({} A)",
                    o.probe_radius_a, o.margin_a));
  if (!(o.min_face_fraction >= 0.0) || o.min_face_fraction > 1.0)
    throw core::ConfigError(fmt::format("smallest Voronoi face fraction is {}; it must lie between 0 and 1",
                                        o.min_face_fraction));
}

/// All cells of a container; `at` holds the atoms as the container has them.
template <typename Shape, typename Container, typename Loop>
std::vector<VoronoiCell> cells_of(Container& container, Loop& loop, std::span<const Vec3> at, const Box* box,
                                  const VoronoiOptions& options) {
  std::vector<VoronoiCell> cells(at.size());
  Shape shape;
  if (loop.start()) {
    do {
      if (!container.compute_cell(shape, loop)) continue;
      const auto i = static_cast<std::size_t>(loop.pid());
      cells[i] = describe(shape, at[i], box, options);
    } while (loop.inc());
  }
  for (std::size_t i = 0; i < at.size(); ++i)
    if (!(cells[i].volume > 0.0))
      throw core::DataError(
          fmt::format("atom {} (counted from 0) has no Voronoi cell: another atom lies in the same "
                      "place, or its position is not a number",
                      i));
  return cells;
}

template <typename Container, typename Loop>
std::vector<VoronoiCell> cells_of(Container& container, Loop& loop, std::span<const Vec3> at, const Box* box,
                                  const VoronoiOptions& options) {
  return options.faces ? cells_of<voro::voronoicell_neighbor>(container, loop, at, box, options)
                       : cells_of<voro::voronoicell>(container, loop, at, box, options);
}

/// Of a tilted cell, turned so that its first edge lies along x and the second in the xy plane.
std::vector<VoronoiCell> tilted_cells(std::span<const Vec3> positions, const core::Mat3& edges,
                                      const VoronoiOptions& options) {
  const core::Mat3 to_fraction = edges.transpose().inverse();
  const core::Mat3 products = edges * edges.transpose();
  const core::Mat3 lower = Eigen::LLT<core::Mat3>(products).matrixL(); // rows: the turned edges
  std::vector<Vec3> turned;
  for (const Vec3& p : positions) {
    Vec3 fraction = to_fraction * p;
    for (int k = 0; k < 3; ++k)
      fraction[k] -= std::floor(fraction[k]);
    turned.emplace_back(lower.transpose() * fraction);
  }
  const double edge = std::cbrt(lower.diagonal().prod() / static_cast<double>(positions.size()) * 5.0);
  const auto blocks = [&](int k) { return std::clamp(static_cast<int>(lower(k, k) / edge), 1, 400); };
  voro::container_periodic container(lower(0, 0), lower(1, 0), lower(1, 1), lower(2, 0), lower(2, 1),
                                     lower(2, 2), blocks(0), blocks(1), blocks(2), 8);
  for (std::size_t i = 0; i < turned.size(); ++i)
    container.put(static_cast<int>(i), turned[i].x(), turned[i].y(), turned[i].z());
  voro::c_loop_all_periodic loop(container);
  return cells_of(container, loop, turned, nullptr, options);
}

} // namespace

std::array<int, 4> VoronoiCell::index() const {
  std::array<int, 4> counts{};
  for (const VoronoiFace& face : faces)
    if (face.edges >= 3 && face.edges <= 6) ++counts[static_cast<std::size_t>(face.edges - 3)];
  return counts;
}

std::vector<VoronoiCell> voronoi_cells(std::span<const Vec3> positions, const std::optional<core::Cell>& cell,
                                       const VoronoiOptions& options) {
  check(options);
  if (positions.empty())
    throw core::DataError("Voronoi cells of no atoms were asked for; give at least one atom");
  if (positions.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw core::DataError("too many atoms for Voronoi cells");
  // Refuses two atoms in one place, which Voro++ does not notice.
  (void)core::neighbours_within(positions, cell, 1e-3);
  if (cell && is_tilted(*cell)) {
    if (!cell->periodic[0] || !cell->periodic[1] || !cell->periodic[2])
      throw core::DataError("Voronoi cells of a tilted cell need all its directions periodic: make it so, or "
                            "use an orthogonal cell along x, y, z");
    return tilted_cells(positions, cell->vectors, options);
  }
  const Box box = box_around(positions, cell, options.margin_a);
  const Vec3 span = box.size();
  // About five atoms a block is quickest (Voro++ documentation).
  const double edge = std::cbrt(span.prod() / static_cast<double>(positions.size()) * 5.0);
  const auto blocks = [&](int k) { return std::clamp(static_cast<int>(span[k] / edge), 1, 400); };
  voro::container container(box.low.x(), box.high.x(), box.low.y(), box.high.y(), box.low.z(), box.high.z(),
                            blocks(0), blocks(1), blocks(2), box.periodic[0], box.periodic[1],
                            box.periodic[2], 8);
  for (std::size_t i = 0; i < positions.size(); ++i)
    container.put(static_cast<int>(i), positions[i].x(), positions[i].y(), positions[i].z());
  voro::c_loop_all loop(container);
  return cells_of(container, loop, positions, &box, options);
}

std::vector<double> depth_below_surface(std::span<const Vec3> positions,
                                        const std::optional<core::Cell>& cell,
                                        std::span<const VoronoiCell> cells) {
  std::vector<Vec3> exposed;
  for (std::size_t i = 0; i < positions.size(); ++i)
    if (cells[i].exposed) exposed.push_back(positions[i]);
  if (exposed.empty()) return {};
  const core::CellGrid grid(exposed, cell, 4.0);
  std::vector<double> depth(positions.size(), 0.0);
  for (std::size_t i = 0; i < positions.size(); ++i)
    if (!cells[i].exposed)
      depth[i] = grid.nearest(positions[i], std::numeric_limits<double>::infinity())->distance;
  return depth;
}

VoronoiNeighbours voronoi_neighbours(std::span<const Vec3> positions, const std::optional<core::Cell>& cell,
                                     std::span<const VoronoiCell> cells) {
  VoronoiNeighbours result;
  core::NeighbourList& list = result.list;
  list.first.push_back(0);
  std::vector<std::pair<core::Hit, double>> hits;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    hits.clear();
    for (const VoronoiFace& face : cells[i].faces) {
      const Vec3 d = core::nearest_image(positions[face.neighbour], positions[i], cell) - positions[i];
      hits.push_back({{d.norm(), d.x(), d.y(), d.z(), face.neighbour}, face.area});
    }
    std::sort(hits.begin(), hits.end(),
              [](const auto& a, const auto& b) { return core::nearer(a.first, b.first); });
    for (const auto& [hit, area] : hits) {
      list.index.push_back(hit.index);
      list.dx.push_back(hit.dx);
      list.dy.push_back(hit.dy);
      list.dz.push_back(hit.dz);
      list.distance.push_back(hit.distance);
      result.areas.push_back(area);
    }
    list.first.push_back(list.index.size());
  }
  return result;
}

} // namespace aet::analysis
