// The film that carries a particle, as atoms.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/stem/options.hpp"

#include <cstdint>
#include <vector>

namespace aet::stem {

enum class MembraneMaterial {
  none,
  carbon,         ///< amorphous, 2.0 g/cm^3
  silicon_nitride ///< amorphous Si3N4, 3.0 g/cm^3
};

struct MembraneOptions {
  MembraneMaterial material = MembraneMaterial::none;
  double thickness_a = 50.0; ///< [angstrom], 5..1000
  double gap_a = 1.5;        ///< between its face and the nearest atom of the particle [angstrom], 0..100
  bool in_front = false;     ///< the beam meets it before the particle, at tilt 0
};

/// Atoms of a flat film across z of the specimen, wide enough that every orientation sees nothing but film
/// around the particle. Points at random that keep a minimum distance (1.3 A in carbon, 1.55 A in the
/// nitride), put down one after another: the density and the distance of neighbours are right, bonds and
/// angles are not. They do not vibrate. Drawn from the stream (seed, "membrane").
/// \param particle in specimen axes.
/// \throws core::ConfigError for a value out of range, an orientation within 10 degrees of edge on, or a film
///   of more than 3 million atoms.
[[nodiscard]] core::Atoms membrane_atoms(const MembraneOptions& options, const core::Atoms& particle,
                                         const std::vector<core::Mat3>& orientations, const Scan& scan,
                                         std::uint64_t seed);

/// The particle and, behind its atoms, those of the film; columns of the particle are 0 for the film.
[[nodiscard]] core::Atoms on_membrane(core::Atoms particle, const core::Atoms& film);

/// Middle of the particle along the beam, where the probe is focused [angstrom].
[[nodiscard]] double middle_along_beam(const core::Atoms& particle, const core::Mat3& orientation);

} // namespace aet::stem
