// Atoms with known answers, for the tests of the analysis.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace aet::test {

using core::Vec3;

/// Periodic crystal: `cells` copies of a cell with edges a, b, c along x, y, z and a basis in fractions.
inline core::Atoms periodic_crystal(const Vec3& edges, const std::vector<Vec3>& basis, int cells) {
  core::Atoms atoms;
  for (int k = 0; k < cells; ++k)
    for (int j = 0; j < cells; ++j)
      for (int i = 0; i < cells; ++i)
        for (const Vec3& b : basis)
          atoms.positions.push_back((Vec3(i, j, k) + b).cwiseProduct(edges));
  atoms.atomic_numbers.assign(atoms.size(), 78);
  core::Cell cell;
  cell.vectors = (static_cast<double>(cells) * edges).asDiagonal();
  cell.periodic = {true, true, true};
  atoms.cell = cell;
  return atoms;
}

inline core::Atoms fcc(double a, int cells) {
  return periodic_crystal({a, a, a}, {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}, cells);
}
inline core::Atoms bcc(double a, int cells) {
  return periodic_crystal({a, a, a}, {{0, 0, 0}, {0.5, 0.5, 0.5}}, cells);
}
inline core::Atoms sc(double a, int cells) {
  return periodic_crystal({a, a, a}, {{0, 0, 0}}, cells);
}
inline core::Atoms hcp(double a, int cells) {
  return periodic_crystal({a, a * std::sqrt(3.0), a * std::sqrt(8.0 / 3.0)},
                          {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 5.0 / 6.0, 0.5}, {0, 1.0 / 3.0, 0.5}}, cells);
}

/// Centre and twelve corners of an icosahedron at distance d.
inline core::Atoms icosahedron(double d) {
  core::Atoms atoms;
  atoms.positions.push_back(Vec3::Zero());
  const double golden = 0.5 * (1.0 + std::sqrt(5.0));
  for (const double s : {-1.0, 1.0})
    for (const double t : {-golden, golden})
      for (const Vec3& v : {Vec3(0, s, t), Vec3(s, t, 0), Vec3(t, 0, s)})
        atoms.positions.push_back(d * v.normalized());
  atoms.atomic_numbers.assign(13, 78);
  return atoms;
}

/// fcc ball of radius r about an atom, open boundaries.
inline core::Atoms fcc_ball(double a, double r) {
  core::Atoms atoms;
  const int n = static_cast<int>(std::ceil(r / a)) + 1;
  for (int k = -n; k <= n; ++k)
    for (int j = -n; j <= n; ++j)
      for (int i = -n; i <= n; ++i)
        for (const Vec3& b : {Vec3(0, 0, 0), Vec3(0, 0.5, 0.5), Vec3(0.5, 0, 0.5), Vec3(0.5, 0.5, 0)}) {
          const Vec3 p = a * (Vec3(i, j, k) + b);
          if (p.norm() <= r) atoms.positions.push_back(p);
        }
  atoms.atomic_numbers.assign(atoms.size(), 78);
  return atoms;
}

/// Every coordinate moved by a normal number of this standard deviation.
inline core::Atoms shaken(core::Atoms atoms, double sigma, std::uint64_t seed) {
  core::RandomStream random(seed, "test.shake");
  for (Vec3& p : atoms.positions)
    p += sigma * Vec3(random.normal(), random.normal(), random.normal());
  return atoms;
}

inline core::Atoms rotated(core::Atoms atoms, const core::Euler& angles) {
  const core::Mat3 r = core::rotation_from_euler(angles);
  for (Vec3& p : atoms.positions)
    p = r * p;
  if (atoms.cell) atoms.cell->vectors = atoms.cell->vectors * r.transpose();
  return atoms;
}

/// A fixed shuffle of 0 .. n - 1.
inline std::vector<std::size_t> shuffle(std::size_t n, std::uint64_t seed) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  core::RandomStream random(seed, "test.shuffle");
  for (std::size_t i = n; i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.uniform() * static_cast<double>(i))]);
  return order;
}

inline core::Atoms permuted(const core::Atoms& atoms, const std::vector<std::size_t>& order) {
  core::Atoms result = atoms;
  for (std::size_t i = 0; i < order.size(); ++i) {
    result.positions[i] = atoms.positions[order[i]];
    result.atomic_numbers[i] = atoms.atomic_numbers[order[i]];
  }
  return result;
}

/// For BOOST_CHECK_EXCEPTION: the message holds this text.
inline auto says(const std::string& text) {
  return [text](const std::exception& error) {
    return std::string(error.what()).find(text) != std::string::npos;
  };
}

} // namespace aet::test
