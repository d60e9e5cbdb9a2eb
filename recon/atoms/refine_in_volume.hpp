// Atoms refined against a volume, for those who have no images: all peaks fitted together.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"

#include <Eigen/Core>

#include <vector>

namespace aet::recon {

struct VolumeRefineOptions {
  int rounds = 20;           ///< of Gauss and Newton at most, 1..1000
  double tolerance_a = 1e-4; ///< atoms rest when they move by less, rms [angstrom], > 0
  double longest_a =
      1.0; ///< an atom that goes further than this from its start stays there [angstrom], (0, 5]
};

/// \throws ConfigError naming the option out of range.
void check(const VolumeRefineOptions& options);

struct VolumeRefineResult {
  std::vector<Eigen::Vector3d> positions;            ///< [angstrom], origin on voxel n/2
  std::vector<double> heights;                       ///< of each atom's peak [volume units]
  Eigen::Vector3d sigma_a = Eigen::Vector3d::Zero(); ///< of all peaks, along x, y and z [angstrom]
  double background = 0.0;  ///< level where no atom is: the median there [volume units]
  double r1 = 0.0;          ///< sum |volume - model| / sum |volume - background| around the atoms
  double moved_a = 0.0;     ///< rms way from the start [angstrom]
  std::size_t returned = 0; ///< atoms that went too far and were put back
  int rounds = 0;
  bool converged = false;
};

/// Least squares of the voxels around the atoms above their background: for every atom a Gaussian of its own
/// height and place, one width along each axis for all (a missing wedge makes peaks longer along the beam).
/// Neighbours that overlap are fitted together, by conjugate gradients on the coupled equations; the volume's
/// noise counts as white.
/// \param start within some 0.5 angstrom; at least one atom, each with its centre inside the volume.
/// \throws ConfigError for options out of range; DataError for no atoms, one outside the volume, or a volume
///   without peaks at the atoms. Deterministic for any number of threads. Cost: a second for 20,000 atoms and
///   round at voxels of 0.35 angstrom.
[[nodiscard]] VolumeRefineResult refine_in_volume(const core::Volume& volume,
                                                  const std::vector<Eigen::Vector3d>& start,
                                                  const VolumeRefineOptions& options, core::Threads threads,
                                                  const core::ProgressSink& progress = {});

} // namespace aet::recon
