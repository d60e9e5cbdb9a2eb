// Where a volume may be other than zero.
#pragma once

#include "recon/volume/projections.hpp"
#include "sim/core/aligned.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

namespace aet::recon {

enum class SupportShape {
  cube,
  sphere,
  given,    ///< SupportOptions::mask
  automatic ///< where a first reconstruction at low resolution is not empty
};

struct SupportOptions {
  SupportShape shape = SupportShape::cube;
  double size = 1.0; ///< edge or diameter as a fraction of the image size, in (0, 1] (sphere: (0, 1.75])
  double edge = 0.0; ///< width of the smooth edge inside the support [voxel], in [0, n/4]; not for `given`
  core::Volume mask = {};  ///< for `given`: n^3 factors in [0, 1]
  double margin_a = 2.0;   ///< for `automatic`: beyond the specimen's outline [angstrom], in [0, 20]
  double threshold = 0.15; ///< for `automatic`: outline, as a fraction of the inside, in (0, 1)
};

/// Factors in [0, 1], n^3, that a volume is multiplied with: 1 inside, a raised cosine over the edge, 0
/// outside. Cube and sphere are centred on the rotation centre, voxel n/2.
/// \throws ConfigError for options out of range or an automatic support (which needs images: support_of());
///   DataError for a mask that is not n x n x n, holds numbers outside [0, 1], or is zero everywhere.
[[nodiscard]] core::AlignedVector<float> make_support(int n, const SupportOptions& options);

/// The support for a series. An automatic one is found by least squares on images blurred by 2 A (at least
/// 1.5 pixels) and thinned out accordingly: the inside's level is the median of all voxels above half the
/// largest; every voxel within margin_a of one above threshold x level belongs to the support. A sentence on
/// what was found is added to series.notes.
/// \throws as make_support().
[[nodiscard]] core::AlignedVector<float> support_of(Projections& series, const SupportOptions& options,
                                                    core::Threads threads);

/// Distance [voxel] of every voxel to the nearest non-zero voxel of an n^3 mask; infinity if there is none.
/// Source: Felzenszwalb & Huttenlocher, Theory of Computing 8, 415 (2012), doi:10.4086/toc.2012.v008a019.
[[nodiscard]] core::AlignedVector<float> distance_to(const core::AlignedVector<float>& mask, int n);

} // namespace aet::recon
