// BM3D: denoising by collaborative filtering of groups of similar blocks.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

namespace aet::recon {

/// One of the two passes.
struct Bm3dStage {
  int block = 8;   ///< edge of a block [pixel], 4..32
  int step = 3;    ///< from reference block to reference block [pixel], 1..block
  int group = 16;  ///< most blocks in a group, a power of two, 1..128
  int window = 39; ///< edge of the square in which similar blocks are sought [pixel], odd, 1..255
  /// largest mean squared difference of two pixels of similar blocks, in units of the noise variance, > 0.
  /// Two noisy blocks of one scene differ by 2.
  double max_distance = 10.0;
};

/// Defaults: block sizes, steps and groups as published with the method (Dabov et al. 2007; steps and groups
/// as used for atomic electron tomography). threshold and the distances were measured on simulated ADF-STEM
/// images of an FePt particle at peaks of 30, 150 and 600 electrons: 2.5, 10 and 2 give 0.3, 0.5 and 0.3 dB
/// more than 2.9, 4 and 0.64.
struct Bm3dOptions {
  Bm3dStage hard{8, 2, 16, 39, 10.0};
  double threshold = 2.5; ///< coefficients below so many noise sd are set to 0, 0..10
  Bm3dStage wiener{8, 3, 32, 39, 2.0};
  double kaiser_beta = 2.0; ///< of the window by which blocks are added up, 0..10
};

/// \throws ConfigError for the first value out of range.
void validate(const Bm3dOptions& options);

/// Denoise an image with white Gaussian noise of sd `noise_sd`.
///
/// \param image    each side at least as long as the largest block; of any unit.
/// \param noise_sd in that unit, >= 0. With 0 the image is returned.
/// \throws ConfigError for options out of range, DataError for a smaller image.
/// Deterministic for any number of threads. Source: Dabov et al., IEEE Trans. Image Process. 16, 2080 (2007),
/// doi:10.1109/TIP.2007.901238; the groups are transformed by a 2D cosine transform of the blocks and a
/// Hadamard transform across them.
[[nodiscard]] core::Image bm3d(const core::Image& image, double noise_sd, const Bm3dOptions& options,
                               core::Threads threads);

} // namespace aet::recon
