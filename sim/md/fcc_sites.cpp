#include "sim/md/fcc_sites.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace aet::md {

namespace {

const std::array<core::Vec3, 4> fcc_basis{core::Vec3(0.0, 0.0, 0.0), core::Vec3(0.5, 0.5, 0.0),
                                          core::Vec3(0.5, 0.0, 0.5), core::Vec3(0.0, 0.5, 0.5)};

void require_lattice_range(double value, double min, double max, const std::string& name) {
  if (!(value >= min && value <= max))
    throw core::ConfigError(
        fmt::format("lattice: {} = {} is not allowed; use {} to {}", name, value, min, max));
}

} // namespace

core::Atoms fcc_sphere(int atomic_number, double lattice_constant, int count, double margin) {
  // Radius that holds `count` sites on the average, plus a cell, in lattice constants.
  const double radius = std::cbrt(3.0 * count / (16.0 * std::numbers::pi));
  const int reach = static_cast<int>(std::ceil(radius)) + 1;
  const core::Vec3 centre(0.1234, 0.2531, 0.3717);
  std::vector<core::Vec3> sites;
  for (int iz = -reach; iz <= reach; ++iz)
    for (int iy = -reach; iy <= reach; ++iy)
      for (int ix = -reach; ix <= reach; ++ix)
        for (const core::Vec3& b : fcc_basis)
          sites.emplace_back(core::Vec3(ix, iy, iz) + b - centre);
  const auto wanted = static_cast<std::size_t>(count);
  std::sort(sites.begin(), sites.end(),
            [](const core::Vec3& a, const core::Vec3& b) { return a.squaredNorm() < b.squaredNorm(); });
  core::Atoms atoms;
  for (std::size_t i = 0; i < wanted; ++i) {
    atoms.positions.emplace_back(lattice_constant * sites[i]);
    atoms.atomic_numbers.push_back(atomic_number);
  }
  const core::Vec3 mean = core::centroid(atoms);
  double extent = 0.0;
  for (core::Vec3& p : atoms.positions) {
    p -= mean;
    extent = std::max(extent, p.cwiseAbs().maxCoeff());
  }
  core::Cell cell;
  cell.vectors = 2.0 * (extent + margin) * core::Mat3::Identity();
  cell.periodic = {true, true, true};
  atoms.cell = cell;
  return atoms;
}

core::Atoms bulk(const std::vector<CellAtom>& basis, const core::Vec3& edges,
                 const std::array<int, 3>& cells) {
  core::Atoms atoms;
  core::Cell cell;
  cell.periodic = {true, true, true};
  core::Vec3 corner;
  for (int k = 0; k < 3; ++k) {
    const int count = cells[static_cast<std::size_t>(k)];
    require_lattice_range(count, 1, 200, "cells");
    require_lattice_range(edges[k], 1.0, 100.0, "edge");
    cell.vectors(k, k) = count * edges[k];
    corner[k] = -0.5 * count * edges[k] + 0.25 * edges[k]; // no atom on a face
  }
  atoms.cell = cell;
  for (int iz = 0; iz < cells[2]; ++iz)
    for (int iy = 0; iy < cells[1]; ++iy)
      for (int ix = 0; ix < cells[0]; ++ix)
        for (const CellAtom& a : basis) {
          atoms.positions.emplace_back(corner + edges.cwiseProduct(core::Vec3(ix, iy, iz) + a.place));
          atoms.atomic_numbers.push_back(a.atomic_number);
        }
  return atoms;
}

std::vector<CellAtom> fcc_cell(int atomic_number) {
  return l1_cell(atomic_number, atomic_number, atomic_number);
}

std::vector<CellAtom> bcc_cell(int atomic_number) {
  return {{atomic_number, core::Vec3::Zero()}, {atomic_number, core::Vec3::Constant(0.5)}};
}

std::vector<CellAtom> l1_cell(int corners, int z_faces, int side_faces) {
  return {{corners, fcc_basis[0]},
          {z_faces, fcc_basis[1]},
          {side_faces, fcc_basis[2]},
          {side_faces, fcc_basis[3]}};
}

core::Atoms fcc_bulk(int atomic_number, double lattice_constant, int cells) {
  require_lattice_range(cells, 1, 100, "cells");
  require_lattice_range(lattice_constant, 2.0, 10.0, "lattice_constant_a");
  return bulk(fcc_cell(atomic_number), core::Vec3::Constant(lattice_constant), {cells, cells, cells});
}

} // namespace aet::md
