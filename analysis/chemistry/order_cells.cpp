#include "analysis/chemistry/order_cells.hpp"

#include "sim/core/io/poscar.hpp"
#include "sim/core/io/xyz.hpp"

#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

namespace aet::analysis {
namespace {

using core::Mat3;
using core::Vec3;

constexpr int half_edges = 4; // of a cell along each axis

/// Affine lattice of the cell's own atoms.
CubicLattice lattice_of(const core::Atoms& atoms, const LatticeSites& sites, const OrderCell& cell) {
  const double n = static_cast<double>(cell.atoms.size());
  Vec3 mean_site = Vec3::Zero();
  Vec3 mean = Vec3::Zero();
  const Vec3 first = atoms.positions[cell.atoms.front()];
  const auto site = [&](std::size_t i) { return Vec3(sites.site[i][0], sites.site[i][1], sites.site[i][2]); };
  const auto place = [&](std::size_t i) {
    return core::nearest_image(atoms.positions[i], first, atoms.cell);
  };
  for (const std::size_t i : cell.atoms) {
    mean_site += site(i) / n;
    mean += place(i) / n;
  }
  Mat3 normal = Mat3::Zero();
  Mat3 product = Mat3::Zero();
  for (const std::size_t i : cell.atoms) {
    normal += (site(i) - mean_site) * (site(i) - mean_site).transpose();
    product += (site(i) - mean_site) * (place(i) - mean).transpose();
  }
  const Mat3 half = normal.inverse() * product;
  return {2.0 * half, mean - half.transpose() * mean_site};
}

} // namespace

double OrderCell::difference(int axis) const {
  const auto k = static_cast<std::size_t>(axis);
  return l1_0.at(k) - std::max(l1_0.at((k + 1) % 3), l1_0.at((k + 2) % 3));
}

std::vector<OrderCell> order_cells(const core::Atoms& atoms, const ChemicalOrder& chemistry,
                                   const LatticeSites& sites) {
  std::vector<OrderCell> result;
  for (std::size_t g = 0; g < sites.grains.size(); ++g) {
    std::map<LatticeSite, std::size_t> atom_at;
    std::set<LatticeSite> corners; // any site may be the lowest corner, or the one beside it along x
    for (const std::size_t i : sites.grains[g].atoms) {
      const LatticeSite& s = sites.site[i];
      atom_at[s] = i;
      corners.insert(s);
      corners.insert({s[0] - 1, s[1], s[2]});
    }
    for (const LatticeSite& corner : corners) {
      OrderCell cell;
      cell.grain = static_cast<int>(g);
      cell.corner = corner;
      for (int h = 0; h < half_edges; ++h)
        for (int k = 0; k < half_edges; ++k)
          for (int l = 0; l < half_edges; ++l) {
            const auto found = atom_at.find({corner[0] + h, corner[1] + k, corner[2] + l});
            if (found != atom_at.end()) cell.atoms.push_back(found->second);
          }
      if (cell.atoms.size() != 32) continue;
      for (std::size_t p = 0; p < 6; ++p) {
        const ChemicalPhase& phase = chemical_phases().at(p);
        double& order = cell.l1_0.at(static_cast<std::size_t>(phase.axis));
        const double s = order_of_set(chemistry, sites, cell.atoms, phase);
        order = phase.variant == 0 ? s : std::max(order, s);
      }
      const Vec3 first = atoms.positions[cell.atoms.front()];
      for (const std::size_t i : cell.atoms)
        cell.centre += core::nearest_image(atoms.positions[i], first, atoms.cell) / 32.0;
      result.push_back(std::move(cell));
    }
  }
  return result;
}

core::Atoms cell_atoms(const core::Atoms& atoms, const LatticeSites& sites, const OrderCell& cell) {
  const CubicLattice lattice = lattice_of(atoms, sites, cell);
  const Vec3 corner = lattice.position(cell.corner);
  const Vec3 first = atoms.positions[cell.atoms.front()];
  core::Atoms result;
  for (const std::size_t i : cell.atoms) {
    result.positions.push_back(core::nearest_image(atoms.positions[i], first, atoms.cell) - corner);
    result.atomic_numbers.push_back(atoms.atomic_numbers[i]);
  }
  result.cell = core::Cell{2.0 * lattice.edges, {true, true, true}};
  return result;
}

std::vector<std::filesystem::path> write_order_cells(const std::filesystem::path& folder,
                                                     const core::Atoms& atoms, const LatticeSites& sites,
                                                     std::span<const OrderCell> cells) {
  std::vector<std::filesystem::path> paths;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const core::Atoms cut = cell_atoms(atoms, sites, cells[c]);
    paths.push_back(folder / fmt::format("cell_{:04}.vasp", c));
    core::write_poscar(paths.back(), cut);
    paths.push_back(folder / fmt::format("cell_{:04}.xyz", c));
    core::write_xyz(paths.back(), cut);
  }
  return paths;
}

} // namespace aet::analysis
