#include "recon/volume/back_projection.hpp"
#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"
#include "recon/volume/nufft.hpp"
#include "recon/volume/quadratic.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::recon {

namespace {

// Rates measured with tests/bench/genfire_bench on one core of an AMD EPYC (Zen 4, 2.6 GHz), single
// precision.
constexpr double transform_seconds = 4.3e-10; ///< an element of a line of length N, over log2 N
constexpr double point_seconds = 6.0e-8;      ///< a projection's transform at one point
constexpr double visit_seconds = 3.0e-9;      ///< a grid point, looked at and found too far from a plane

/// Seconds of one direction of a pruned transform.
double pruned_seconds(double size, double box) {
  const double half = 0.5 * size;
  // Rows (real), columns of the box's planes, columns of all slabs.
  const double elements = 0.5 * box * box * size + box * half * size + size * half * size;
  return transform_seconds * elements * std::log2(size);
}

void check(int n, int tilts) {
  if (n < 2 || tilts < 1) {
    throw core::ConfigError(fmt::format("a cost needs images and tilts; n = {}, tilts = {}.", n, tilts));
  }
}

double transfer_bytes(double embed) {
  return 2.0 * embed * embed * embed;
}

} // namespace

Cost predicted_cost(int n, int tilts, const LeastSquaresOptions& options) {
  check(n, tilts);
  const double voxels = std::pow(static_cast<double>(n), 3);
  const int embed = core::good_fft_size(2 * n);
  const bool withheld = options.withheld_every > 0;
  Cost cost;
  // Each voxel is met once an image in the back-projection and once in the final projection.
  cost.cpu_seconds = 2.0 * point_seconds * tilts * voxels + pruned_seconds(embed, embed) +
                     (withheld ? 2.0 : 1.0) * options.iterations * 2.0 * pruned_seconds(embed, n);
  cost.bytes =
      (withheld ? 2.0 : 1.0) * (transfer_bytes(embed) + 4.0 * voxels) +
      std::max(PrunedTransform::bytes(embed, embed, {1}) + 32.0 * voxels,
               PrunedTransform::bytes(embed, n, {1}) + 16.0 * voxels + 2.0 * tilts * voxels / n * 4.0);
  return cost;
}

Cost predicted_cost(int n, int tilts, const BackProjectionOptions& /*options*/) {
  check(n, tilts);
  const double voxels = std::pow(static_cast<double>(n), 3);
  Cost cost;
  cost.cpu_seconds = 2.0 * point_seconds * tilts * voxels; // back, and forth for the residuals
  cost.bytes = 4.0 * voxels + 12.0 * tilts * voxels / n;
  return cost;
}

Cost predicted_cost(int n, int tilts, const GenfireOptions& options) {
  check(n, tilts);
  const int size = padded_size(n, options.oversampling);
  const int embed = embedding_size(n, size);
  const double voxels = std::pow(static_cast<double>(n), 3);

  // Each plane passes within D_th of 2 D_th points a line of its larger normal component, on average 1.2
  // times more.
  const double hits = 1.2 * options.threshold * tilts * static_cast<double>(size) * size;
  const double measured = std::min(hits, 0.5 * std::pow(static_cast<double>(size), 3));
  const double visits = (1.2 * options.threshold + 1.0) * tilts * static_cast<double>(size) * size;

  const int misfits = options.withheld_fraction > 0.0 ? 2 : 1;
  const int steps = options.schedule == ResolutionSchedule::off         ? 0
                    : options.schedule == ResolutionSchedule::extension ? options.schedule_steps
                                                                        : 2 * options.schedule_steps - 1;
  double assembly = pruned_seconds(size, n);
  if (embed != size) assembly += pruned_seconds(size, 2.0 * n) + pruned_seconds(embed, embed);

  Cost cost;
  cost.cpu_seconds = point_seconds * hits + visit_seconds * visits + (misfits + steps) * assembly +
                     options.iterations * 2.0 * pruned_seconds(embed, n) + pruned_seconds(size, n);

  const double gridding_bytes =
      tilts * static_cast<double>(Nufft2(n).grid_bytes()) + 12.0 * size * (0.5 * size + 1.0);
  const double point_bytes = 1.3 * sizeof(GridPoint) * measured; // growing lists keep some room
  double assembly_bytes = PrunedTransform::bytes(size, n, {1});
  if (embed != size) {
    assembly_bytes = std::max(assembly_bytes, PrunedTransform::bytes(size, 2 * n, {1}) + 32.0 * voxels);
  }
  const double iteration_bytes =
      PrunedTransform::bytes(embed, n, {1}) + 4.0 * voxels * (options.momentum ? 4.0 : 3.0);
  cost.bytes = point_bytes + misfits * (transfer_bytes(embed) + 4.0 * voxels) +
               std::max({gridding_bytes, assembly_bytes, iteration_bytes});
  return cost;
}

} // namespace aet::recon
