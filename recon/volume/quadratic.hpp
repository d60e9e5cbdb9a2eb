// The quadratic misfits that both reconstructions minimise, and what their gradients cost.
#pragma once

#include "recon/volume/gridding.hpp"
#include "recon/volume/pruned_transform.hpp"
#include "sim/core/grid.hpp"

#include <optional>

namespace aet::recon {

// Every reconstruction here minimises || A u - b ||^2 over volumes u that are zero outside a box of n^3
// voxels, where A samples the Fourier transform of u at fixed points. Then A^T A is a convolution, (A^T A
// u)(x) = sum_x' h(x - x') u(x'), with h the (real, even) inverse transform of the sampling pattern, of which
// only offsets within +-(n-1) are ever seen. So it can be applied exactly with transforms of size 2n,
// whatever the oversampling of the Fourier grid on which the points lie. GENFIRE's own update at oversampling
// O,
//
//   u <- P[ F^-1( F u with the measured points put back ) ] = P[ u + F^-1 M (b - F u) ] = P[ u + A^T b - A^T
//   A u ],
//
// is thereby computed at the cost of oversampling 2 and the memory of the box: the same iterates (tested
// against the padded update), (O/2)^3 times cheaper.

/// Fourier transfer function of a convolution on a periodic cube of edge L, real because the kernel is even:
/// [ky][kz][kx], kx = 0 ... L/2.
using Transfer = core::AlignedVector<float>;

/// One set of data: || A u - b ||^2 = <u, A^T A u> - 2 <u, A^T b> + ||b||^2.
struct Misfit {
  Transfer transfer;                 ///< of A^T A
  core::AlignedVector<float> target; ///< A^T b, n^3
  double data_energy = 0.0;          ///< ||b||^2
  double reference = 0.0; ///< what the misfit is compared with, where b holds more than data; 0: ||b||^2
};

/// A problem with the data that are fitted and, optionally, data that are only looked at.
struct Problem {
  int box = 0;   ///< n
  int embed = 0; ///< L, edge of the periodic cube on which convolutions are done
  Misfit fitted;
  std::optional<Misfit> withheld;
};

/// Edge of the cube on which convolutions with a box n are exact: a good FFT size >= 2n, or `grid` itself if
/// that is smaller (on the grid's own period the convolution is exact, too).
[[nodiscard]] int embedding_size(int box, int grid);

/// The GENFIRE problem of a gridded spectrum; A is unitary up to the choice of points, so eigenvalues are
/// <= 1.
[[nodiscard]] Problem gridded_problem(const GriddedSpectrum& spectrum, core::Threads threads);

/// Replace the fitted data by the enforced points within a radius `cutoff` [voxel of the grid].
void refit_within(Problem& problem, const GriddedSpectrum& spectrum, double cutoff, core::Threads threads);

/// Transfer function on a cube of edge `embed` >= 2 box of a kernel given at offsets -n ... n-1, array
/// [dz+n][dy+n][dx+n] of edge 2n.
[[nodiscard]] Transfer transfer_of_kernel(const core::AlignedVector<float>& kernel, int box, int embed,
                                          core::Threads threads);

/// Largest value of a transfer function: an upper bound of the eigenvalues of A^T A, so 1/this is a safe
/// step. (A bound only: on the cube of edge 2n, GENFIRE's transfer reaches 1.3 although no eigenvalue is
/// above 1.)
[[nodiscard]] double largest(const Transfer& transfer);

/// A volume's image under A^T A and its misfits.
struct Evaluation {
  double fitted = 0.0;   ///< ||A u - b|| / ||b||, 0 if there are no data
  double withheld = 0.0; ///< the same for the withheld data
};

/// Applies A^T A; holds the scratch space.
class NormalOperator {
public:
  explicit NormalOperator(const Problem& problem);
  /// product (n^3) = A^T A u, with the misfits of u.
  Evaluation apply(const Problem& problem, const float* u, float* product, core::Threads threads);

private:
  PrunedTransform transform_;
};

/// Sum of a[i] b[i] in double precision, in fixed blocks. n^3 numbers.
[[nodiscard]] double dot(const float* a, const float* b, int box, core::Threads threads);

/// Figures of merit in the published forms, over all enforced or withheld points of the whole grid.
struct GridResiduals {
  double enforced = 0.0;           ///< sum |F_obs - F_calc| / sum |F_obs|
  double withheld = 0.0;           ///< the same over the withheld points
  double enforced_magnitude = 0.0; ///< sum ||F_obs| - |F_calc|| / sum |F_obs|, blind to phases
};
[[nodiscard]] GridResiduals grid_residuals(const GriddedSpectrum& spectrum, const float* u,
                                           core::Threads threads);

} // namespace aet::recon
