// A fluid of soft spheres in the place of given atoms: matter of the same density and outline without nuclei.
#pragma once

#include "sim/core/atoms.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aet::analysis {

struct SoftSphereOptions {
  double coupling = 1.15; ///< 0.1 .. 1.2: density x sigma^3 (epsilon / kT)^(1/4); the fluid freezes at 1.15
  double melt_coupling = 0.5; ///< 0.1 .. 1.2: at first, so that nothing is left of the atoms' own order
  int melt_sweeps = 30;       ///< >= 1
  int settle_sweeps = 60;     ///< >= 1, at `coupling`
  double step_a =
      0.0; ///< >= 0: between frames atoms move by that much rms [angstrom], as far as 60 sweeps do
  std::uint64_t seed = 1;
  std::uint32_t realization = 0; ///< number of the random stream
};

/// Frames of a Monte Carlo run (Metropolis et al. 1953) of particles that repel each other as epsilon (sigma
/// / r)^12, started from the atoms. Such fluids depend on nothing but the coupling; near freezing (Hoover et
/// al., J. Chem. Phys. 52, 4931 (1970), doi:10.1063/1.1672728) their structure is that of simple liquids,
/// metals among them. Open particles keep their outline: no centre goes where fewer atoms lie within 5 A than
/// around the loneliest twentieth of the atoms.
/// \param volume_per_atom_a3 > 0 [A^3].
/// \throws ConfigError for options out of range; DataError for fewer than two atoms.
[[nodiscard]] std::vector<std::vector<core::Vec3>>
soft_sphere_frames(std::span<const core::Vec3> atoms, const std::optional<core::Cell>& cell,
                   double volume_per_atom_a3, std::size_t frames, const SoftSphereOptions& options = {});

} // namespace aet::analysis
