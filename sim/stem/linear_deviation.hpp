// How far images are from the linear model of tomography.
#pragma once

#include "sim/core/grid.hpp"

#include <vector>

namespace aet::stem {

/// The model error of one image, or of a series.
struct LinearDeviation {
  double scale = 0.0; ///< s of the best linear model s L in the least-squares sense
  double r1 = 0.0;    ///< sum |I - s L| / sum I
  double bias = 0.0;  ///< sum (I - s L) / sum s L
  double curvature =
      0.0; ///< c of the least-squares fit I = a L (1 + c L / L_max): part by which the brightest
           ///< pixels fall short of (c < 0: absorption) or exceed (c > 0: channelling) the sum
};

/// Ratio I / (s L) where the linear model says that an image is this bright.
struct BrightnessBin {
  double level = 0.0; ///< middle of the bin, part of L_max
  double ratio = 0.0; ///< sum I / (s sum L) over its pixels
  double share = 0.0; ///< part of all pixels
};

struct ModelError {
  LinearDeviation series;             ///< one scale for all images: what a reconstruction can fit
  std::vector<LinearDeviation> tilts; ///< each image with its own scale
  std::vector<BrightnessBin> bins;    ///< ten of equal width; those without pixels are left out
};

/// Images against their linear model. Measured, 343-atom FePt particle (2.1 nm), fast method, sharp / blurred
/// by 0.4 A: R1 in a general orientation without thermal motion 5.4 / 1.7 %, with one configuration of u_rms
/// = 0.07 A 27 / 7 % (the snapshot, not the physics), along [001] 34 / 14 % (channelling). The model is that
/// of simulate_kinematic_image() without depth of focus.
/// \throws core::DataError if there are no images, the two lists differ in number or shape, or either is dark
///   everywhere.
[[nodiscard]] ModelError model_error(const std::vector<core::Image>& images,
                                     const std::vector<core::Image>& linear);

} // namespace aet::stem
