// Small sets of atoms for the tests of this folder.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "tests/support/crystals.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aet::test {

/// Disordered atoms in a ball [angstrom], no two closer than `distance`, like an amorphous particle;
/// element 78.
inline core::Atoms amorphous(std::size_t count, double radius, double distance, std::uint64_t seed) {
  core::RandomStream random(seed, "test.amorphous");
  core::Atoms atoms;
  for (int tries = 0; tries < 300000 && atoms.size() < count; ++tries) {
    const core::Vec3 p = radius * core::Vec3(2.0 * random.uniform() - 1.0, 2.0 * random.uniform() - 1.0,
                                             2.0 * random.uniform() - 1.0);
    if (p.norm() > radius) continue;
    bool free = true;
    for (const auto& q : atoms.positions)
      free = free && (p - q).norm() >= distance;
    if (!free) continue;
    atoms.positions.push_back(p);
    atoms.atomic_numbers.push_back(78);
  }
  return atoms;
}

inline core::Atoms moved(core::Atoms atoms, const core::Mat3& linear, const core::Vec3& shift) {
  for (auto& p : atoms.positions)
    p = linear * p + shift;
  return atoms;
}

inline core::Mat3 rotation(double phi_deg, double theta_deg, double psi_deg) {
  const double d = 3.14159265358979323846 / 180.0;
  return core::rotation_from_euler({phi_deg * d, theta_deg * d, psi_deg * d});
}

} // namespace aet::test
