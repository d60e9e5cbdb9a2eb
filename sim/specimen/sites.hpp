// Which lattice sites a particle has: grains, size, trimming to an exact count, vacancies.
#pragma once

#include "sim/specimen/particle.hpp"

#include <vector>

namespace aet::specimen {

struct Site {
  core::Vec3 position = core::Vec3::Zero(); ///< crystal axes, origin at the centre of the shape [angstrom]
  int grain = 0;
  int basis = 0;     ///< of the unit cell
  double size = 0.0; ///< gauge(): of the body that just reaches it [angstrom]
};

struct SiteSelection {
  std::vector<Site> sites; ///< by grain, cell and basis
  double size_a = 0.0;     ///< of the body that holds them
  std::size_t trimmed = 0;
  std::size_t vacancies = 0;
};

/// Cell of the shared lattice.
[[nodiscard]] UnitCell unit_cell(const ParticleOptions& options);

/// Sites of a particle without matrix.
/// \param options validated.
[[nodiscard]] SiteSelection select_sites(const ParticleOptions& options, const Shape& shape);

/// Sites of the crystalline core inside a body of the given size.
/// \param options validated, with a matrix.
[[nodiscard]] std::vector<Site> core_sites(const ParticleOptions& options, const Shape& shape, double size);

} // namespace aet::specimen
