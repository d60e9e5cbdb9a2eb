// Where a volume may be other than zero.
#pragma once

#include "sim/core/aligned.hpp"

namespace aet::recon {

enum class SupportShape { cube, sphere };

struct SupportOptions {
  SupportShape shape = SupportShape::cube;
  double size = 1.0; ///< edge or diameter as a fraction of the image size, in (0, 1] (sphere: (0, 1.75])
  double edge = 0.0; ///< width of the smooth edge inside the support [voxel], in [0, n/4]
};

/// Factors in [0, 1], n^3, that a volume is multiplied with: 1 inside, a raised cosine over the edge, 0
/// outside. The support is centred on the rotation centre, voxel n/2. \throws ConfigError for options out of
/// range.
[[nodiscard]] core::AlignedVector<float> make_support(int n, const SupportOptions& options);

} // namespace aet::recon
