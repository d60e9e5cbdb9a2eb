// Images projected onto the tilt axis: of an isolated specimen they all give one curve, whatever the tilt.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <Eigen/Core>

#include <vector>

namespace aet::recon {

/// A curve along an axis, one value a pixel.
using AxisCurve = std::vector<double>;

/// Mean of each row: the projection onto y in the unit of a pixel, ny values.
[[nodiscard]] AxisCurve row_means(const core::Image& image);

/// Projection of the disc that fits into the image onto an axis through pixel (nx/2, ny/2), the same disc for
/// all axes: sums over lines across the axis, in bins of a pixel (cubic B-splines), over the disc's diameter,
/// which is the number of values, min(nx, ny). What lies outside counts as zero, so the image has no
/// background.
/// \param axis unit vector.
[[nodiscard]] AxisCurve disc_projection(const core::Image& image, const Eigen::Vector2d& axis);

/// Convolved with a Gaussian of sd `sigma` pixels (> 0), cut off at 4 sd; beyond its ends the curve is zero.
[[nodiscard]] AxisCurve blurred_curve(const AxisCurve& curve, double sigma);

/// curve = gain x reference + level + slope x place, by least squares.
struct CurveFit {
  double gain = 0.0;
  double level = 0.0;       ///< in the middle
  double correlation = 0.0; ///< of the two without their means and slopes, -1..1
};

/// How far each curve lies from the mean of all.
struct AlignedCurves {
  std::vector<double> shifts;    ///< [pixel], sum zero: features of a curve lie at their place + shift
  std::vector<AxisCurve> curves; ///< put back by their shifts
  std::vector<CurveFit> fits;    ///< of each curve, put back, to the mean of all
};

/// Shift every curve to the highest correlation with the mean of all, and again with the new mean.
/// \param curves one length.
/// \param reach largest shift that is tried [pixel], >= 0.
/// \param rounds >= 1.
[[nodiscard]] AlignedCurves align_curves(const std::vector<AxisCurve>& curves, int reach, int rounds,
                                         core::Threads threads);

} // namespace aet::recon
