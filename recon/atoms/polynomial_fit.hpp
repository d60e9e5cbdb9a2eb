// Sub-voxel peak positions by fitting a quartic in three variables.
#pragma once

#include "recon/atoms/spline_volume.hpp"
#include "sim/core/atoms.hpp"

#include <Eigen/Core>

#include <vector>

namespace aet::recon {

/// Options of the peak fit. Lengths in upsampled voxels.
struct PeakFitOptions {
  double radius = 3.5;        ///< of the fitted sphere, [2.5, 10]; the papers: 3.5 (a 7^3 box) or 4.5 (9^3)
  double weight_length = 3.0; ///< weights are exp(-(d / weight_length)^2), (0, 100]; published exp(-d^2/9)
  double max_step = 0.5;      ///< longest move of one iteration, (0, 2]
  double max_drift = 3.0;     ///< farthest end from the grid maximum, (0, 20]
  double small_step = 0.02;   ///< a step shorter than this is small, (0, max_step]
  int settle_steps = 2;       ///< small steps in a row that end the fit, >= 1
  int max_iterations = 30;    ///< >= settle_steps
};

/// \throws ConfigError naming the option out of range.
void check(const PeakFitOptions& options);

enum class FitOutcome { converged, no_maximum, drifted, not_converged, at_edge };

struct PeakFit {
  core::Vec3 centre = core::Vec3::Zero(); ///< [upsampled voxels]
  double height = 0.0;                    ///< of the fitted polynomial at the centre
  int iterations = 0;
  FitOutcome outcome = FitOutcome::not_converged;
};

/// Fits p(x, y, z), all 35 monomials up to fourth order, to the spline on a lattice of upsampled voxels that
/// is carried along with the centre, weighted by exp(-(d/weight_length)^2), and moves the centre to the
/// stationary point of its quadratic part until it stays there; at rest the two agree. Because the lattice
/// moves with the centre, the least squares matrix is the same for every peak and is inverted once, and the
/// result has no pull towards grid points. Source: the 3D form of Rogers, Waigh, Zhao, Lu, Phys. Biol. 4, 220
/// (2007), doi:10.1088/1478-3975/4/3/008.
class PolynomialPeakFitter {
public:
  /// `factor` upsampled voxels a voxel, >= 1.
  /// \throws ConfigError as check().
  PolynomialPeakFitter(const PeakFitOptions& options, int factor);

  /// Value, gradient and second derivatives (value; x, y, z; xx, yy, zz, xy, xz, yz: polynomial coefficients,
  /// not derivatives) of the fit around `centre` [upsampled voxels].
  [[nodiscard]] Eigen::Matrix<double, 10, 1> coefficients(const SplineVolume& spline,
                                                          const core::Vec3& centre) const;

  /// From a grid maximum [upsampled voxels] to the peak.
  [[nodiscard]] PeakFit fit(const SplineVolume& spline, const core::Vec3& start) const;

  /// Sum of the spline over the lattice points within the radius of the fit, times the volume of an upsampled
  /// voxel (1 / factor^3): the integral in the sphere [value x voxel].
  [[nodiscard]] double integrate(const SplineVolume& spline, const core::Vec3& centre) const;

private:
  PeakFitOptions options_;
  int factor_;
  int half_;
  std::vector<int> points_;                           ///< lattice points inside the sphere
  Eigen::Matrix<double, 10, Eigen::Dynamic> inverse_; ///< low-order rows of the pseudo-inverse
};

} // namespace aet::recon
