// What the images say for and against each atom, each species, and atoms that are not in the model yet.
#pragma once

#include "recon/scene/linear_model.hpp"

#include <optional>
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

/// An atom that the residual images ask for.
struct MissingAtom {
  core::Vec3 position = core::Vec3::Zero(); ///< [angstrom]
  int species = 0;
  double evidence = 0.0;  ///< for a whole atom there against nothing
  double occupancy = 0.0; ///< linear estimate of its strength
};

struct MissingAtomOptions {
  double least_evidence = 40.0; ///< >= 0
  double exclusion_a = 1.6;     ///< from atoms of the model and from stronger finds [angstrom], > 0
  double grid_a = 0.35;         ///< spacing of the positions looked at [angstrom], > 0
  /// Look inside this sphere about the origin [angstrom]; default: the largest that fits into the images, or
  /// as far as the model reaches and an atom farther.
  std::optional<double> radius_a;
};

/// Look for atoms: at each point of a grid the weighted residuals under an atom there are summed over all
/// tilts, n = sum (profile x weight x residual), with d = sum (profile^2 x weight); a whole atom there has
/// the evidence 2n - d and the best occupancy n / d. Local maxima above the threshold, strongest first;
/// outside the largest sphere that fits into the images those for which a quarter of the images
/// has a measurement.
[[nodiscard]] std::vector<MissingAtom> missing_atoms(const Scene& scene, const core::TiltSeries& series,
                                                     const LinearModel& model,
                                                     const MissingAtomOptions& options,
                                                     core::Threads threads);

} // namespace aet::recon
