#include "recon/refine/structure_prior.hpp"

#include "sim/core/neighbours/cell_grid.hpp"
#include "sim/core/neighbours/pairs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

namespace aet::recon {

namespace {

constexpr double farthest_neighbour_a = 6.0;
constexpr double no_room = 0.8;         // of the distance of neighbours
constexpr double neighbours_end = 1.35; // further than neighbours, nearer than the second shell
constexpr std::size_t most_counted = 16;

double neighbour_distance(const std::vector<core::Vec3>& positions) {
  std::vector<double> nearest(positions.size(), std::numeric_limits<double>::infinity());
  for (const auto& [a, b] : core::close_pairs(positions, farthest_neighbour_a)) {
    const double d = (positions[a] - positions[b]).norm();
    nearest[a] = std::min(nearest[a], d);
    nearest[b] = std::min(nearest[b], d);
  }
  const auto median = nearest.begin() + static_cast<std::ptrdiff_t>(nearest.size() / 2);
  std::nth_element(nearest.begin(), median, nearest.end());
  return std::isfinite(*median) ? *median : 0.0;
}

/// Neighbours of a place, itself left out; none where there is no room.
std::optional<std::size_t> neighbours_of(const core::Vec3& place, const core::CellGrid& atoms,
                                         double neighbour_a, std::vector<core::Hit>& hits) {
  constexpr double itself_a = 1e-9;
  atoms.within(place, neighbours_end * neighbour_a, hits);
  std::size_t count = 0;
  for (const core::Hit& hit : hits) {
    if (hit.distance < itself_a) continue;
    if (hit.distance < no_room * neighbour_a) return std::nullopt;
    ++count;
  }
  return std::min(count, most_counted);
}

using Counts = std::array<double, most_counted + 1>;

/// Volume of the places with each number of neighbours, on a grid.
Counts volumes(const std::vector<core::Vec3>& positions, const core::CellGrid& atoms, double neighbour_a,
               core::Threads threads) {
  constexpr double step = 0.4; // [angstrom]
  core::Vec3 low = positions.front();
  core::Vec3 high = low;
  for (const core::Vec3& p : positions) {
    low = low.cwiseMin(p);
    high = high.cwiseMax(p);
  }
  low.array() -= neighbour_a;
  high.array() += neighbour_a;
  const Eigen::Vector3i n = ((high - low) / step).array().ceil().cast<int>() + 1;
  std::vector<Counts> planes(static_cast<std::size_t>(n.z()), Counts{});
  core::parallel_for(planes.size(), threads, [&](std::size_t z, int) {
    std::vector<core::Hit> hits;
    for (int y = 0; y < n.y(); ++y) {
      for (int x = 0; x < n.x(); ++x) {
        const core::Vec3 place = low + step * core::Vec3(x, y, static_cast<double>(z));
        if (const auto k = neighbours_of(place, atoms, neighbour_a, hits))
          planes[z][*k] += step * step * step;
      }
    }
  });
  Counts sum{};
  for (const Counts& plane : planes) {
    for (std::size_t k = 0; k < sum.size(); ++k)
      sum[k] += plane[k];
  }
  return sum;
}

} // namespace

StructurePrior learn_structure(const std::vector<core::Vec3>& positions, core::Threads threads) {
  StructurePrior out;
  out.neighbour_a = neighbour_distance(positions);
  if (out.neighbour_a == 0.0) return out;
  const core::CellGrid atoms(positions, std::nullopt, neighbours_end * out.neighbour_a);
  Counts taken{};
  std::vector<core::Hit> hits;
  for (const core::Vec3& p : positions) {
    if (const auto k = neighbours_of(p, atoms, out.neighbour_a, hits)) taken[*k] += 1.0;
  }
  const Counts room = volumes(positions, atoms, out.neighbour_a, threads);
  // As if half an atom more had been seen, and as much room as an atom at rest takes: no density is 0 or
  // infinite for want of examples.
  constexpr double half = 0.5;
  constexpr double room_at_rest = 1.0; // [angstrom^3]
  for (std::size_t k = 0; k < taken.size(); ++k)
    out.density.push_back((taken[k] + half) / (room[k] + room_at_rest));
  return out;
}

std::vector<double> volumes_by_structure(const StructurePrior& prior, const std::vector<core::Vec3>& atoms,
                                         const std::vector<core::Vec3>& places, double otherwise) {
  std::vector<double> out(places.size(), otherwise);
  if (prior.density.empty()) return out;
  const core::CellGrid grid(atoms, std::nullopt, neighbours_end * prior.neighbour_a);
  std::vector<core::Hit> hits;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (const auto k = neighbours_of(places[i], grid, prior.neighbour_a, hits))
      out[i] = 1.0 / prior.density[*k];
  }
  return out;
}

std::vector<MissingAtom> expected_atoms(const StructurePrior& prior, const Scene& scene,
                                        const core::TiltSeries& series, const LinearModel& model,
                                        double volume, double threshold, core::Threads threads) {
  if (prior.density.empty()) return {};
  constexpr double least_occupancy = 0.1;
  const core::CellGrid atoms(scene.positions, std::nullopt, neighbours_end * prior.neighbour_a);
  MissingAtomOptions look;
  look.least_evidence = -threshold;
  look.exclusion_a = no_room * prior.neighbour_a;
  std::vector<MissingAtom> found = missing_atoms(scene, series, model, look, threads);
  std::vector<core::Hit> hits;
  std::erase_if(found, [&](const MissingAtom& m) {
    if (m.occupancy < least_occupancy) return true;
    if (std::find(scene.species.begin(), scene.species.end(), m.species) == scene.species.end()) return true;
    const auto k = neighbours_of(m.position, atoms, prior.neighbour_a, hits);
    return !k || prior.density[*k] * volume < 1.0;
  });
  return found;
}

} // namespace aet::recon
