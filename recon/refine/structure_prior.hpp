// Where a model itself leads to expect atoms: how densely places with so many neighbours are taken.
#pragma once

#include "recon/refine/missing_atoms.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

/// Density of atoms at places by their number of neighbours.
struct StructurePrior {
  double neighbour_a = 0.0;    ///< median over atoms of the distance to the nearest [angstrom]
  std::vector<double> density; ///< of places with 0, 1, ... neighbours, the last for all more [1/angstrom^3]
};

/// Learn the conditional intensity of a configuration of atoms: with N_k atoms that have k neighbours, and a
/// volume V_k of places that would have k if an atom were there, N_k / V_k. In a solid a place with many
/// neighbours and room for an atom is nearly always taken, beside its surface such a place nearly never.
/// Neighbours are nearer than 1.35 of the model's own distance of neighbours; places nearer to an atom than
/// 0.8 of it have no room. Source: Georgii-Nguyen-Zessin equation, Baddeley & Turner, Aust. N. Z. J. Stat.
/// 42, 283 (2000), doi:10.1111/1467-842X.00128.
/// \param positions at least one; atoms without neighbours within 6 angstrom teach nothing, and the density is
///   empty. Deterministic for any number of threads.
[[nodiscard]] StructurePrior learn_structure(const std::vector<core::Vec3>& positions, core::Threads threads);

/// Space for an atom at each place, 1 / density; `otherwise` where there is no room, and where nothing was
/// learnt [angstrom^3].
/// \param places any, or those of the atoms, of which each is then left out at its own.
[[nodiscard]] std::vector<double> volumes_by_structure(const StructurePrior& prior,
                                                       const std::vector<core::Vec3>& atoms,
                                                       const std::vector<core::Vec3>& places,
                                                       double otherwise);

/// Places of a model with room for an atom that are denser than 1 / `volume` elsewhere, and where the images
/// do not speak against an atom by more than `threshold`, the evidence that one elsewhere would need.
///
/// Where many faint atoms are missing, the wide part of their neighbours' profiles takes their light, and
/// none of them has evidence by itself; put in together, with the profiles fitted anew, those that are there
/// have. Atoms that are not faint leave evidence of their own, and there are no such places.
[[nodiscard]] std::vector<MissingAtom> expected_atoms(const StructurePrior& prior, const Scene& scene,
                                                      const core::TiltSeries& series,
                                                      const LinearModel& model, double volume,
                                                      double threshold, core::Threads threads);

} // namespace aet::recon
