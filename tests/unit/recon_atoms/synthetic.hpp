// Volumes of Gaussian atoms at known places, for the tests of this folder.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/random.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace aet::test {

/// Random positions in a ball [angstrom], no two closer than `distance`; fewer than `count` if they do not
/// fit.
inline std::vector<core::Vec3> random_ball(std::size_t count, double radius, double distance,
                                           std::uint64_t seed) {
  core::RandomStream random(seed, "test.random_ball");
  std::vector<core::Vec3> list;
  for (int tries = 0; tries < 200000 && list.size() < count; ++tries) {
    const core::Vec3 p = radius * core::Vec3(2.0 * random.uniform() - 1.0, 2.0 * random.uniform() - 1.0,
                                             2.0 * random.uniform() - 1.0);
    if (p.norm() > radius) continue;
    bool free = true;
    for (const auto& q : list)
      free = free && (p - q).norm() >= distance;
    if (free) list.push_back(p);
  }
  return list;
}

struct Shape {
  double sigma = 0.5;     ///< [angstrom]
  double stretch_z = 1.0; ///< longer along z, as the missing wedge makes atoms
};

/// Adds exp(-r^2 / 2 sigma^2) times `height` around `position` [angstrom].
inline void add_atom(core::Volume& v, const core::Vec3& position, double height, const Shape& shape = {}) {
  for (int z = 0; z < v.nz; ++z) {
    const double dz = ((z - v.nz / 2) * v.voxel_size - position.z()) / shape.stretch_z;
    if (std::abs(dz) > 6.0 * shape.sigma) continue;
    for (int y = 0; y < v.ny; ++y) {
      const double dy = (y - v.ny / 2) * v.voxel_size - position.y();
      if (std::abs(dy) > 6.0 * shape.sigma) continue;
      for (int x = 0; x < v.nx; ++x) {
        const double dx = (x - v.nx / 2) * v.voxel_size - position.x();
        const double r2 = dx * dx + dy * dy + dz * dz;
        v.at(x, y, z) += static_cast<float>(height * std::exp(-0.5 * r2 / (shape.sigma * shape.sigma)));
      }
    }
  }
}

inline void add_noise(core::Volume& v, double sd, std::uint64_t seed) {
  core::RandomStream random(seed, "test.noise");
  for (float& x : v.data)
    x += static_cast<float>(sd * random.normal());
}

/// Random smooth-free volume, every voxel independent in [0, 1).
inline core::Volume white_volume(int nx, int ny, int nz, std::uint64_t seed) {
  core::Volume v(nx, ny, nz, 1.0);
  core::RandomStream random(seed, "test.white");
  for (float& x : v.data)
    x = static_cast<float>(random.uniform());
  return v;
}

} // namespace aet::test
