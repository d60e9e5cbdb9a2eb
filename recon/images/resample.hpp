// Images on another grid: Fourier shifts and affine maps.
#pragma once

#include "sim/core/grid.hpp"

#include <Eigen/Core>

namespace aet::recon {

using Vec2 = Eigen::Vector2d;
using Mat2 = Eigen::Matrix2d;

/// The image moved by `shift` pixels (a feature at p comes to lie at p + shift), by a phase ramp on its
/// Fourier transform: exact for a periodic, band-limited image. What leaves at one edge comes in at the
/// other.
[[nodiscard]] core::Image fourier_shifted(const core::Image& image, const Vec2& shift);

/// out(p) = image(matrix p + offset), places in pixels from the origin (nx/2, ny/2).
///
/// The image is interpolated on a grid four times finer, made by zero-padding its Fourier transform, by
/// cubics through 4 x 4 points: error below 1e-3 of a wave at half the Nyquist frequency, 1e-2 at Nyquist.
/// Places outside the image take its mean border value.
/// \throws DataError if the matrix cannot be inverted.
[[nodiscard]] core::Image affine_resampled(const core::Image& image, const Mat2& matrix, const Vec2& offset);

} // namespace aet::recon
