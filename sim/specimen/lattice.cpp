#include "sim/specimen/lattice.hpp"

#include <Eigen/Dense>

#include <cmath>
#include <cstddef>

namespace aet::specimen {

using core::Mat3;
using core::Vec3;

std::string lattice_name(Lattice lattice) {
  constexpr std::array names{"fcc", "bcc", "hcp", "sc", "diamond"};
  return names.at(static_cast<std::size_t>(lattice));
}

std::string phase_name(Phase phase) {
  constexpr std::array names{"A1", "L1_0", "L1_2_A3B", "L1_2_AB3"};
  return names.at(static_cast<std::size_t>(phase));
}

UnitCell unit_cell(Lattice lattice, double a, double c_over_a, int unique_axis) {
  UnitCell cell;
  cell.vectors = a * Mat3::Identity();
  if (lattice == Lattice::hcp) {
    cell.vectors.row(1) = a * Vec3(-0.5, std::sqrt(0.75), 0.0);
    unique_axis = 2;
  }
  cell.vectors.row(unique_axis) *= c_over_a;
  const std::vector<Vec3> face_centred{{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
  switch (lattice) {
  case Lattice::sc:
    cell.basis = {Vec3::Zero()};
    break;
  case Lattice::bcc:
    cell.basis = {Vec3::Zero(), Vec3::Constant(0.5)};
    break;
  case Lattice::hcp:
    cell.basis = {Vec3::Zero(), Vec3(1.0 / 3.0, 2.0 / 3.0, 0.5)};
    break;
  case Lattice::fcc:
    cell.basis = face_centred;
    break;
  case Lattice::diamond:
    cell.basis = face_centred;
    for (const Vec3& r : face_centred)
      cell.basis.emplace_back(r + Vec3::Constant(0.25));
    break;
  }
  return cell;
}

double ideal_c_over_a(Lattice lattice) {
  return lattice == Lattice::hcp ? std::sqrt(8.0 / 3.0) : 1.0;
}

double nearest_distance(Lattice lattice, double a) {
  switch (lattice) {
  case Lattice::fcc:
    return a * std::sqrt(0.5);
  case Lattice::bcc:
    return a * std::sqrt(0.75);
  case Lattice::diamond:
    return a * std::sqrt(0.1875);
  default:
    return a;
  }
}

double neighbour_cutoff(Lattice lattice, double a) {
  // Second neighbours are 1.155 times as far in bcc, at least 1.41 times in the others.
  return nearest_distance(lattice, a) * (lattice == Lattice::bcc ? 1.08 : 1.2);
}

int coordination(Lattice lattice) {
  constexpr std::array numbers{12, 8, 12, 6, 4};
  return numbers.at(static_cast<std::size_t>(lattice));
}

std::array<int, 4> sublattices(Phase phase, int axis, int variant) {
  // Basis of the fcc cell in half edges; the layer of a site along an axis is its coordinate there.
  constexpr std::array<std::array<int, 3>, 4> half_edges{{{0, 0, 0}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}}};
  std::array<int, 4> owner{-1, -1, -1, -1};
  for (std::size_t i = 0; i < owner.size() && phase != Phase::a1; ++i) {
    const bool corner = static_cast<int>(i) == variant;
    if (phase == Phase::l1_0) owner[i] = half_edges[i].at(static_cast<std::size_t>(axis)) ^ variant;
    if (phase == Phase::l1_2_a3b) owner[i] = corner ? 1 : 0;
    if (phase == Phase::l1_2_ab3) owner[i] = corner ? 0 : 1;
  }
  return owner;
}

int variants_of(Phase phase) {
  constexpr std::array numbers{1, 2, 4, 4};
  return numbers.at(static_cast<std::size_t>(phase));
}

double ideal_fraction_a(Phase phase) {
  constexpr std::array parts{0.5, 0.5, 0.75, 0.25};
  return parts.at(static_cast<std::size_t>(phase));
}

std::vector<LatticePoint> points_in_sphere(const UnitCell& cell, const Vec3& shift,
                                           const Vec3& origin_of_search, double radius) {
  // Cells are counted along the reciprocal vectors: |n_i - m_i| <= radius |b_i|, one more for the basis.
  const Mat3 to_fraction = cell.vectors.transpose().inverse();
  const Vec3 middle = to_fraction * (origin_of_search - shift);
  std::array<int, 3> first{};
  std::array<int, 3> last{};
  for (int k = 0; k < 3; ++k) {
    const double reach = radius * to_fraction.row(k).norm() + 1.0;
    first.at(static_cast<std::size_t>(k)) = static_cast<int>(std::floor(middle[k] - reach));
    last.at(static_cast<std::size_t>(k)) = static_cast<int>(std::ceil(middle[k] + reach));
  }
  std::vector<LatticePoint> points;
  for (int x = first[0]; x <= last[0]; ++x) {
    for (int y = first[1]; y <= last[1]; ++y) {
      for (int z = first[2]; z <= last[2]; ++z) {
        for (std::size_t b = 0; b < cell.basis.size(); ++b) {
          const Vec3 r = shift + cell.vectors.transpose() * (Vec3(x, y, z) + cell.basis[b]);
          if ((r - origin_of_search).squaredNorm() <= radius * radius)
            points.push_back({r, static_cast<int>(b)});
        }
      }
    }
  }
  return points;
}

} // namespace aet::specimen
