// Energy of a perfect crystal by plain sums over its neighbours: the twin of what LAMMPS makes of a table.
#pragma once

#include "sim/md/fcc_sites.hpp"
#include "sim/md/zhou_eam.hpp"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace aet::test {

/// Calls visit(i, j, distance) for each atom i of the cell and every neighbour nearer than `cutoff`, j being
/// the atom of the cell that the neighbour is an image of. Rows of `cell` are edges [angstrom].
inline void for_neighbours(const std::vector<md::CellAtom>& basis, const core::Mat3& cell, double cutoff,
                           const std::function<void(std::size_t, std::size_t, double)>& visit) {
  const core::Mat3 inverse = cell.inverse();
  Eigen::Vector3i reach;
  for (int k = 0; k < 3; ++k)
    reach[k] = static_cast<int>(std::ceil(cutoff * inverse.col(k).norm())) + 1;
  for (std::size_t i = 0; i < basis.size(); ++i)
    for (std::size_t j = 0; j < basis.size(); ++j)
      for (int x = -reach[0]; x <= reach[0]; ++x)
        for (int y = -reach[1]; y <= reach[1]; ++y)
          for (int z = -reach[2]; z <= reach[2]; ++z) {
            const core::Vec3 parts = basis[j].place - basis[i].place + core::Vec3(x, y, z);
            const double r = (cell.transpose() * parts).norm();
            if (r > 1e-6 && r < cutoff) visit(i, j, r);
          }
}

/// Energy per atom with the Zhou-Johnson-Wadley functions themselves, no table [eV].
inline double zhou_energy(const std::vector<md::CellAtom>& basis, const core::Mat3& cell, double cutoff) {
  std::vector<double> density(basis.size(), 0.0);
  double pair = 0.0;
  for_neighbours(basis, cell, cutoff, [&](std::size_t i, std::size_t j, double r) {
    const md::ZhouElement& a = md::zhou_element(basis[i].atomic_number);
    const md::ZhouElement& b = md::zhou_element(basis[j].atomic_number);
    density[i] += md::zhou_density(b, r);
    pair += 0.5 * md::zhou_pair(a, b, r);
  });
  double embedding = 0.0;
  for (std::size_t i = 0; i < basis.size(); ++i)
    embedding += md::zhou_embedding(md::zhou_element(basis[i].atomic_number), density[i]);
  return (pair + embedding) / static_cast<double>(basis.size());
}

/// Place and value of the minimum of f near x, by parabolas through three points ever closer together.
struct Minimum {
  double x;
  double value;
};
inline Minimum minimise(const std::function<double(double)>& f, double x, double h) {
  for (int i = 0; i < 60 && h > 5e-5; ++i) {
    const double low = f(x - h);
    const double mid = f(x);
    const double high = f(x + h);
    const double curvature = (low - 2.0 * mid + high) / (h * h);
    double step = curvature > 0.0 ? -0.5 * (high - low) / h / curvature : (low < high ? -h : h);
    step = std::clamp(step, -2.0 * h, 2.0 * h);
    x += step;
    if (std::abs(step) < h) h *= 0.3; // the minimum is inside: look closer
  }
  return {x, f(x)};
}

/// C11, C12, C44 of a cubic crystal without inner freedom, from second differences [GPa].
struct Elastic {
  double c11;
  double c12;
  double c44;
};
inline Elastic elastic(const std::vector<md::CellAtom>& basis, double a, double cutoff) {
  constexpr double gpa = 160.2176634; // eV/A^3
  constexpr double e = 1e-3;
  const double volume = a * a * a / static_cast<double>(basis.size());
  const auto second = [&](const core::Mat3& strain) {
    const auto energy = [&](double s) {
      return zhou_energy(basis, a * (core::Mat3::Identity() + s * strain), cutoff);
    };
    return (energy(e) - 2.0 * energy(0.0) + energy(-e)) / (e * e) / volume * gpa;
  };
  core::Mat3 xx = core::Mat3::Zero();
  xx(0, 0) = 1.0;
  core::Mat3 xx_yy = xx;
  xx_yy(1, 1) = 1.0;
  core::Mat3 xy = core::Mat3::Zero();
  xy(0, 1) = xy(1, 0) = 0.5; // engineering shear 1
  const double c11 = second(xx);
  return {c11, 0.5 * second(xx_yy) - c11, second(xy)};
}

} // namespace aet::test
