// A volume as a sum of Gaussians, one at each voxel: what positivity says of atoms that are wider than
// voxels.
#pragma once

#include "recon/volume/quadratic.hpp"
#include "sim/core/grid.hpp"

namespace aet::recon {

/// u = G x: the amplitudes x of Gaussians of one width give the volume u. Where atoms are Gaussians of that
/// width or wider, x >= 0 is a far stronger statement than u >= 0: between two atoms nearer than the volume's
/// resolution u is positive anyway, x is zero. Source of blobs as a basis: Lewitt, J. Opt. Soc. Am. A 7, 1834
/// (1990), doi:10.1364/JOSAA.7.001834.
struct BlobBasis {
  int box = 0;            ///< n, edge of volumes
  int embed = 0;          ///< edge of the periodic cube of the misfits
  double sd_voxels = 0.0; ///< > 0
};

/// Weight of the deviations at frequency k [1 / voxel]: 1 - (1 - low) exp(-k^2 / (2 knee^2)). Images of many
/// tilts tell low frequencies many times over; a gradient descent on them all alike is slow for that reason
/// alone. All measurements of one frequency weigh the same, so that what is fitted freely does not change.
struct FrequencyWeight {
  double low = 1.0;  ///< at frequency zero, (0, 1]
  double knee = 1.0; ///< [1 / voxel], > 0
};

/// A weight with the knee below the frequency up to which so many images of n pixels measure all of space.
[[nodiscard]] FrequencyWeight even_weight(int n, std::size_t images);

/// An image filtered by the weight; zero outside its frame.
[[nodiscard]] core::Image weighted(const core::Image& image, const FrequencyWeight& weight);

/// A misfit of volumes, || A u - b ||^2 with `b` filtered by the weight in target and energy, becomes that of
/// amplitudes, || A G x - b ||^2 under the weight.
void of_amplitudes(Misfit& misfit, const BlobBasis& basis, const FrequencyWeight& weight,
                   core::Threads threads);

/// G x, n^3 numbers.
void blobs_of(core::AlignedVector<float>& amplitudes, const BlobBasis& basis, core::Threads threads);

} // namespace aet::recon
