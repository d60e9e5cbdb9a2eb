#include "analysis/order/common_neighbours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace aet::analysis {
namespace {

using core::Vec3;

constexpr std::size_t most_neighbours = 14;

/// Bonds among the neighbours of one atom, as bits.
using BondMatrix = std::array<unsigned, most_neighbours>;

BondMatrix bonds_among(std::span<const Vec3> neighbours, double cutoff) {
  BondMatrix bonds{};
  for (std::size_t a = 0; a < neighbours.size(); ++a)
    for (std::size_t b = a + 1; b < neighbours.size(); ++b)
      if ((neighbours[a] - neighbours[b]).squaredNorm() < cutoff * cutoff) {
        bonds.at(a) |= 1U << b;
        bonds.at(b) |= 1U << a;
      }
  return bonds;
}

/// Of the pair (centre, neighbour): common neighbours, bonds among them, bonds of the longest chain.
struct Signature {
  int common = 0;
  int bonds = 0;
  int chain = 0;

  [[nodiscard]] bool is(int c, int b, int l) const { return common == c && bonds == b && chain == l; }
};

Signature signature_of(const BondMatrix& bonds, std::size_t neighbour) {
  const unsigned common = bonds.at(neighbour);
  Signature result;
  std::array<std::size_t, most_neighbours> part{};
  std::iota(part.begin(), part.end(), std::size_t{0});
  const auto find = [&](std::size_t i) {
    while (part.at(i) != i)
      i = part.at(i);
    return i;
  };
  std::array<int, most_neighbours> bonds_of_part{};
  for (std::size_t a = 0; a < most_neighbours; ++a) {
    if ((common >> a & 1U) == 0) continue;
    ++result.common;
    for (std::size_t b = a + 1; b < most_neighbours; ++b) {
      if ((common >> b & 1U) == 0 || (bonds.at(a) >> b & 1U) == 0) continue;
      ++result.bonds;
      const std::size_t first = find(a);
      const std::size_t second = find(b);
      if (first != second) {
        part.at(second) = first;
        bonds_of_part.at(first) += bonds_of_part.at(second);
      }
      ++bonds_of_part.at(first);
    }
  }
  result.chain = *std::max_element(bonds_of_part.begin(), bonds_of_part.end());
  return result;
}

Structure close_packed(std::span<const Vec3> twelve) {
  double mean = 0.0;
  for (const Vec3& d : twelve)
    mean += d.norm() / static_cast<double>(twelve.size());
  const BondMatrix bonds = bonds_among(twelve, 0.5 * (1.0 + std::sqrt(2.0)) * mean);
  int of_fcc = 0;
  int of_hcp = 0;
  int of_icosahedron = 0;
  for (std::size_t k = 0; k < twelve.size(); ++k) {
    const Signature s = signature_of(bonds, k);
    of_fcc += s.is(4, 2, 1) ? 1 : 0;
    of_hcp += s.is(4, 2, 2) ? 1 : 0;
    of_icosahedron += s.is(5, 5, 5) ? 1 : 0;
  }
  if (of_fcc == 12) return Structure::fcc;
  if (of_fcc == 6 && of_hcp == 6) return Structure::hcp;
  return of_icosahedron == 12 ? Structure::icosahedron : Structure::none;
}

bool is_bcc(std::span<const Vec3> fourteen) {
  double edge = 0.0;
  for (std::size_t k = 0; k < fourteen.size(); ++k)
    edge += (k < 8 ? 2.0 / std::sqrt(3.0) : 1.0) * fourteen[k].norm() / static_cast<double>(fourteen.size());
  const BondMatrix bonds = bonds_among(fourteen, 0.5 * (1.0 + std::sqrt(2.0)) * edge);
  int nearest = 0;
  int next = 0;
  for (std::size_t k = 0; k < fourteen.size(); ++k) {
    const Signature s = signature_of(bonds, k);
    nearest += s.is(6, 6, 6) ? 1 : 0;
    next += s.is(4, 4, 4) ? 1 : 0;
  }
  return nearest == 8 && next == 6;
}

} // namespace

std::vector<Structure> common_neighbour_structures(std::span<const Vec3> positions,
                                                   const std::optional<core::Cell>& cell,
                                                   core::Threads threads) {
  std::vector<Structure> result(positions.size(), Structure::none);
  if (positions.size() <= most_neighbours) return result;
  const core::NeighbourList near =
      core::nearest_neighbours(positions, cell, static_cast<int>(most_neighbours), threads);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    std::array<Vec3, most_neighbours> shell;
    for (std::size_t k = 0; k < most_neighbours; ++k) {
      const std::size_t e = near.first[i] + k;
      shell.at(k) = Vec3(near.dx[e], near.dy[e], near.dz[e]);
    }
    result[i] = close_packed(std::span(shell).first(12));
    if (result[i] == Structure::none && is_bcc(shell)) result[i] = Structure::bcc;
  }
  return result;
}

} // namespace aet::analysis
