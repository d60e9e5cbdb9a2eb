// Atoms that are not in the model yet, found in what the images hold beyond it.
#pragma once

#include "recon/scene/linear_model.hpp"

#include <optional>
#include <vector>

namespace aet::recon {

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
/// has a measurement. Where profiles change with height, an atom is taken at the nearest of heights some 10
/// angstrom apart.
/// Cost: some 4 ns a point, tilt and species. Deterministic for any number of threads.
[[nodiscard]] std::vector<MissingAtom> missing_atoms(const Scene& scene, const core::TiltSeries& series,
                                                     const LinearModel& model,
                                                     const MissingAtomOptions& options,
                                                     core::Threads threads);

} // namespace aet::recon
