// What the images say for and against each atom and each species.
#pragma once

#include "recon/scene/linear_model.hpp"

#include <vector>

namespace aet::recon {

/// Evidence is twice the log of a likelihood ratio, everything else in the scene staying as it is.
struct AtomEvidence {
  double presence = 0.0; ///< for the atom against nothing in its place
  /// The same for an atom of its own best strength where that is above its species'; else `presence`.
  double presence_at_own_strength = 0.0;
  double occupancy = 0.0; ///< linear estimate of its strength in units of its species; near 1 for an atom
  /// For each species against the atom's own: 0 for its own, positive where another fits better.
  std::vector<double> species;
  /// For each species: squared distance of the two profiles in units of the noise, sum (difference)^2 /
  /// variance; the chance to take one for the other is Q(sqrt(d2) / 2), Q the normal tail.
  std::vector<double> distance2;
};

/// Evidence of every atom. Cost: one logarithm a pixel, atom, tilt and species. Deterministic for any number
/// of threads.
/// \param scene without strengths of single atoms.
/// \param only_presence leaves species out.
[[nodiscard]] std::vector<AtomEvidence> atom_evidence(const Scene& scene, const SeriesLikelihood& likelihood,
                                                      core::Threads threads, bool only_presence = false);

/// Probability of each species, equal before the images were seen.
/// \param dispersion >= 1 (see refine.hpp).
[[nodiscard]] std::vector<double> species_probabilities(const AtomEvidence& evidence, double dispersion);

} // namespace aet::recon
