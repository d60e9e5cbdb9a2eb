// Where the probe really is while it scans, and images at such places.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/stem/options.hpp"

#include <Eigen/Core>

namespace aet::stem {

using Vec2 = Eigen::Vector2d;
using Mat2 = Eigen::Matrix2d;

/// Place in the specimen that pixel (ix, iy) of an exposure shows: matrix (ix - n/2, iy - n/2) x pixel +
/// offset, in angstrom. Distortion of the scan, and drift that is linear in time within an exposure, are both
/// of this form.
struct ExposureMap {
  Mat2 matrix = Mat2::Identity();
  Vec2 offset = Vec2::Zero();

  [[nodiscard]] Vec2 place(int ix, int iy, const Scan& scan) const {
    return matrix * (scan.pixel_a * Vec2(ix - scan.n / 2, iy - scan.n / 2)) + offset;
  }
  [[nodiscard]] bool is_identity() const { return matrix == Mat2::Identity() && offset == Vec2::Zero(); }
};

/// What the coils make of a square scan: true place = affine x nominal place.
struct ScanDistortion {
  double scale_x_percent = 0.0; ///< -20..20; > 0: the scan covers more than it says
  double scale_y_percent = 0.0; ///< -20..20
  double shear_deg = 0.0;       ///< the slow axis leans by this angle towards +x [degree], -20..20
  double rotation_deg = 0.0;    ///< of the whole scan, counter-clockwise [degree], -180..180
};

/// Rotation x shear x scale.
/// \throws core::ConfigError for a value out of range.
[[nodiscard]] Mat2 distortion_matrix(const ScanDistortion& distortion);

/// The map of an exposure during which the specimen moves at constant speed from `start` to `end` [angstrom],
/// pixels being visited row by row at equal times: at pixel (ix, iy) the part (iy + ix / n) / n of the
/// exposure has passed.
[[nodiscard]] ExposureMap exposure_map(const Mat2& affine, const Vec2& start, const Vec2& end,
                                       const Scan& scan);

/// An image known on a fine grid, evaluated anywhere by Fourier interpolation: exact but for rounding and a
/// local interpolation (below 1e-3 at the band limit of the grid / 1.04, 2e-5 at half of it) if the image has
/// no frequencies beyond the grid's Nyquist frequency and fades towards its edges, at which it is continued
/// periodically.
class BandLimitedImage {
public:
  /// \param image n x n, n even.
  /// \param pixel_a its step [angstrom].
  BandLimitedImage(const core::Image& image, double pixel_a);

  /// Value at a place [angstrom] from the origin (pixel n/2). 0 outside the field.
  [[nodiscard]] double operator()(const Vec2& place) const;

private:
  int n_;        ///< of the padded image
  double step_;  ///< of the padded image [angstrom]
  double reach_; ///< half the field [angstrom]
  core::Image fine_;
};

/// scan.n x scan.n pixels of `image` at the places of `map`.
[[nodiscard]] core::Image resample(const BandLimitedImage& image, const ExposureMap& map, const Scan& scan);

/// Largest step between probes [angstrom] that carries every frequency of an image, up to 2 x convergence /
/// wavelength; for the fast method the largest whole multiple of its grid's pixel up to that, which costs it
/// least.
[[nodiscard]] double exact_step(const StemOptions& options);

} // namespace aet::stem
