// The physical limit: how well any unbiased method can know each coordinate from the images given.
#pragma once

#include "recon/refine/nuisance.hpp"
#include "recon/scene/linear_model.hpp"
#include "sim/core/progress.hpp"

#include <vector>

namespace aet::recon {

struct LimitOptions {
  std::size_t dense_atoms = 900; ///< up to so many atoms the information is inverted as a whole
  int probes = 12;               ///< of the stochastic inverse for more atoms, 1..1000
  std::uint64_t seed = 1;        ///< of its signs
  double tolerance = 1e-3;       ///< of its conjugate gradients, (0, 1)
  /// Beside the positions. Of more than dense_atoms all else counts as known: many atoms share it, and each
  /// loses little by it.
  Unknowns unknowns;
};

/// \throws ConfigError naming the option out of range.
void check(const LimitOptions& options);

struct Limit {
  std::vector<core::Mat3>
      covariance;     ///< of each atom [angstrom^2]: diagonal block of the inverse information
  double rms_a = 0.0; ///< root of the mean trace: the least RMSD [angstrom]
  core::Vec3 axis_rms_a = core::Vec3::Zero(); ///< along x, y, z [angstrom]
  bool dense = true;                          ///< false: by stochastic probing
  double rms_error_a = 0.0; ///< standard error of rms_a from the scatter of the probes; 0 if dense
};

/// Cramer-Rao bound of all positions of a scene, coupled wherever atoms overlap in an image: the inverse of
/// J^T W J, W the inverse variance of the pixels. Profiles, gains, backgrounds and orientations count as
/// known but for options.unknowns. Biased estimators may go below it.
///
/// Few atoms: one Cholesky factorisation. Many: E[s_a (H^-1 (s x e_c))_a] over random signs s is the column c
/// of the block of atom a; a few probes with 3 solutions each serve all atoms, since the off-diagonal blocks
/// of the inverse are small (Bekas, Kokiopoulou & Saad, Appl. Numer. Math. 57, 1214 (2007),
/// doi:10.1016/j.apnum.2007.01.003).
/// \throws DataError for an atom that no image shows, with its number. Deterministic for any number of
///   threads.
[[nodiscard]] Limit position_limit(const Scene& scene, const SeriesLikelihood& likelihood,
                                   const LimitOptions& options, core::Threads threads,
                                   const core::ProgressSink& progress = {});

/// J^T W J of the positions as a full matrix, 3 rows an atom. Memory: 72 bytes x atoms^2.
[[nodiscard]] Eigen::MatrixXd dense_information(const Scene& scene, const LinearModel& model,
                                                core::Threads threads);

} // namespace aet::recon
