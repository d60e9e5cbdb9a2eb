#include "sim/core/neighbours/neighbours.hpp"

#include "sim/core/bounding_box.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"

#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace aet::core {
namespace {

constexpr std::size_t block_size = 512;
constexpr double same_place = 1e-6; // [angstrom]

/// Few entries, nearly always under thirty: insertion beats std::sort here.
void sort_hits(std::vector<Hit>& hits) {
  if (hits.size() > 40) {
    std::sort(hits.begin(), hits.end(), nearer);
    return;
  }
  for (std::size_t i = 1; i < hits.size(); ++i) {
    const Hit moving = hits[i];
    std::size_t j = i;
    for (; j > 0 && nearer(moving, hits[j - 1]); --j)
      hits[j] = hits[j - 1];
    hits[j] = moving;
  }
}

/// Removes the atom itself (distance 0) from sorted hits.
void drop_self(std::size_t atom, std::vector<Hit>& hits) {
  for (const Hit& hit : hits) {
    if (hit.distance > same_place) break;
    if (hit.index != atom)
      throw DataError(fmt::format(
          "atoms {} and {} (counted from 0) lie in the same place: remove one of the two", atom, hit.index));
  }
  hits.erase(hits.begin());
}

/// Runs `find(atom, hits)` for every atom in blocks and joins the results in the order of atoms.
NeighbourList collect(std::size_t n, Threads threads,
                      const std::function<void(std::size_t, std::vector<Hit>&)>& find) {
  const std::size_t blocks = (n + block_size - 1) / block_size;
  struct Block {
    std::vector<Hit> hits;
    std::vector<std::size_t> counts;
  };
  std::vector<Block> parts(blocks);
  parallel_for(blocks, threads, [&](std::size_t b, int) {
    std::vector<Hit> hits;
    const std::size_t end = std::min(n, (b + 1) * block_size);
    parts[b].hits.reserve(block_size * 14);
    for (std::size_t i = b * block_size; i < end; ++i) {
      find(i, hits);
      parts[b].counts.push_back(hits.size());
      parts[b].hits.insert(parts[b].hits.end(), hits.begin(), hits.end());
    }
  });
  NeighbourList list;
  list.first.reserve(n + 1);
  list.first.push_back(0);
  std::vector<std::size_t> offset(blocks);
  for (std::size_t b = 0; b < blocks; ++b) {
    offset[b] = list.first.back();
    for (const std::size_t count : parts[b].counts)
      list.first.push_back(list.first.back() + count);
  }
  const std::size_t total = list.first.back();
  list.index.resize(total);
  list.dx.resize(total);
  list.dy.resize(total);
  list.dz.resize(total);
  list.distance.resize(total);
  parallel_for(blocks, threads, [&](std::size_t b, int) {
    std::size_t e = offset[b];
    for (const Hit& hit : parts[b].hits) {
      list.index[e] = hit.index;
      list.dx[e] = hit.dx;
      list.dy[e] = hit.dy;
      list.dz[e] = hit.dz;
      list.distance[e] = hit.distance;
      ++e;
    }
  });
  return list;
}

} // namespace

Vec3 nearest_image(const Vec3& point, const Vec3& reference, const std::optional<Cell>& cell) {
  if (!cell || !(cell->periodic[0] || cell->periodic[1] || cell->periodic[2])) return point;
  const Vec3 fraction = cell->vectors.transpose().inverse() * (point - reference);
  Vec3 result = point;
  for (int k = 0; k < 3; ++k)
    if (cell->periodic[k]) result -= std::round(fraction[k]) * cell->vectors.row(k).transpose();
  return result;
}

NeighbourList neighbours_within(std::span<const Vec3> positions, const std::optional<Cell>& cell,
                                double cutoff, Threads threads) {
  if (!(cutoff > 0.0) || !std::isfinite(cutoff))
    throw ConfigError(fmt::format("neighbour cut-off is {} A; it must be positive", cutoff));
  const CellGrid grid(positions, cell, cutoff);
  if (cutoff > grid.unique_image_radius())
    throw ConfigError(fmt::format("neighbour cut-off {} A is longer than half the periodic box ({} A): use "
                                  "a shorter cut-off or a larger box",
                                  cutoff, grid.unique_image_radius()));
  return collect(positions.size(), threads, [&](std::size_t i, std::vector<Hit>& hits) {
    grid.within(positions[i], cutoff, hits);
    sort_hits(hits);
    drop_self(i, hits);
  });
}

NeighbourList nearest_neighbours(std::span<const Vec3> positions, const std::optional<Cell>& cell, int k,
                                 Threads threads) {
  const std::size_t n = positions.size();
  if (k < 1 || static_cast<std::size_t>(k) >= std::max<std::size_t>(n, 1))
    throw ConfigError(
        fmt::format("number of nearest neighbours is {}; with {} atoms it must lie between 1 and {}", k, n,
                    n > 0 ? n - 1 : 0));
  // Bins that hold one to a few atoms each if the atoms fill their bounding box.
  const Vec3 span = bounding_box(positions).size().cwiseMax(1.0);
  const CellGrid grid(positions, cell, std::cbrt(span.prod() / static_cast<double>(n) * 4.0));
  const double start = std::cbrt(span.prod() / static_cast<double>(n) * static_cast<double>(k));
  return collect(n, threads, [&](std::size_t i, std::vector<Hit>& hits) {
    const double most = std::min(grid.unique_image_radius(), grid.reach(positions[i]));
    for (double radius = std::min(start, most);; radius = std::min(1.4 * radius, most)) {
      grid.within(positions[i], radius, hits);
      if (hits.size() > static_cast<std::size_t>(k)) break;
      if (radius >= most)
        throw DataError(fmt::format("atom {} (counted from 0) has fewer than {} neighbours within half the "
                                    "periodic box ({} A): use a larger box or fewer neighbours",
                                    i, k, most));
    }
    sort_hits(hits);
    drop_self(i, hits);
    hits.resize(static_cast<std::size_t>(k));
  });
}

} // namespace aet::core
