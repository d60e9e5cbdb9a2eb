// Intensity that does not come from the specimen: support film, neighbouring particles, the tip of a needle.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/random.hpp"

#include <array>

namespace aet::stem {

/// All in fractions of the incident beam.
struct BackgroundOptions {
  double film_fraction =
      0.0; ///< signal of a flat film seen face on, 0..0.5; grows as 1 / cos(tilt), at most tenfold
  double film_variation = 0.0;    ///< relative sd of the film's signal from tilt to tilt, 0..1
  double slope_sd_fraction = 0.0; ///< sd of each coefficient of the polynomial, drawn for every tilt, 0..0.5
  double grain_sd_fraction = 0.0; ///< sd of the film's own structure face on, grows as its signal, 0..0.5
  double grain_a = 2.0; ///< correlation length (sd of the Gaussian) of that structure [angstrom], 0.2..50
  double neighbour_fraction = 0.0;  ///< signal far inside the neighbour, 0..0.5
  double neighbour_side_deg = 90.0; ///< direction from which it enters the field [degree], 0 is +x, 90 +y
  double neighbour_depth_a = 4.0;   ///< how far its edge lies inside the field [angstrom], -50..500
  double neighbour_edge_a = 2.0;    ///< softness of its edge (sd of the error function) [angstrom], 0.1..50
};

/// \throws core::ConfigError for the first value out of range.
void validate(const BackgroundOptions& options);

/// The smooth background of one tilt: constant + c0 u + c1 v + c2 u^2 + c3 u v + c4 v^2 + neighbour, with u
/// and v from -1 to 1 across the field.
struct SmoothBackground {
  double constant = 0.0;
  std::array<double, 5> polynomial{};

  [[nodiscard]] double at(double u, double v) const {
    return constant + polynomial[0] * u + polynomial[1] * v + polynomial[2] * u * u + polynomial[3] * u * v +
           polynomial[4] * v * v;
  }
};

/// \param cos_tilt of the film's normal against the beam.
/// \param random stream of this tilt.
[[nodiscard]] SmoothBackground draw_background(const BackgroundOptions& options, double cos_tilt,
                                               core::RandomStream& random);

/// Smooth background and neighbour on the n x n pixels of a scan; not below 0.
[[nodiscard]] core::Image smooth_background_image(const SmoothBackground& background,
                                                  const BackgroundOptions& options, int n, double pixel_a);

/// Structure of the film on an n x n grid of `pixel_a`: white noise convolved (periodically) with a Gaussian
/// of sd grain_a, mean 0, standard deviation sd.
[[nodiscard]] core::Image film_grain(double sd, double grain_a, int n, double pixel_a,
                                     core::RandomStream& random);

/// Factor by which a flat film looks thicker at a tilt.
[[nodiscard]] double film_thickening(double cos_tilt);

} // namespace aet::stem
