// Poisson-Gaussian noise of a detector: its parameters, estimated from the images alone.
#pragma once

#include "sim/core/grid.hpp"

#include <algorithm>
#include <vector>

namespace aet::recon {

/// variance = gain x (mean - offset) + readout_variance.
/// z = gain x Poisson(y) + normal(offset, readout_variance): Yang et al., Nature 542, 75 (2017), Methods,
/// doi:10.1038/nature21042.
struct NoiseModel {
  double gain = 0.0;             ///< counts per electron, >= 0; 0: noise does not depend on the signal
  double offset = 0.0;           ///< mean of the dark image [counts]
  double readout_variance = 0.0; ///< [counts^2], >= 0

  [[nodiscard]] double variance(double mean) const {
    return std::max(0.0, gain * (mean - offset) + readout_variance);
  }
  /// The noise of the mean of so many images, >= 1.
  [[nodiscard]] NoiseModel of_mean(int images) const {
    return {gain / images, offset, readout_variance / images};
  }
};

/// Noise of images that hold one exposure of a specimen each.
///
/// Every pixel gives a residual, from a filter of fourth differences along both axes that passes white noise
/// unchanged and takes smooth structure away, and the mean under the squared filter, to which the residual's
/// expected square is linear. Pixels are sorted into classes by a ring around them whose noise is independent
/// of both; the scale of the residuals in each class is found robustly (median), and the line through the
/// classes by weighted least squares. Structure too fine for the filter (images sampled more coarsely than
/// their resolution) looks like noise; classes that stand out for it are left aside, but where all bright
/// ones do, the gain comes from the dark ones alone. Then prefer the detector's record, or exposures.
/// \param images one or more, each at least 16 x 16; they share one detector.
/// \param offset the dark level if it is known [counts]. Where it is not, only gain x offset -
///   readout_variance can be told from the data: offset is then 0 if that gives a readout variance >= 0, else
///   the readout variance is 0.
/// \throws DataError for no images or smaller ones. Noise must be white. Source of the idea: Foi et al., IEEE
///   Trans. Image Process. 17, 1737 (2008), doi:10.1109/TIP.2008.2001399.
[[nodiscard]] NoiseModel estimate_noise(const std::vector<core::Image>& images, double offset = 0.0);

/// The same from registered exposures of one scene, in which the specimen cancels: half the squared
/// difference of neighbouring exposures against their mean. Describes a single exposure.
/// \throws DataError for fewer than two exposures, or shapes that differ.
[[nodiscard]] NoiseModel estimate_noise_from_exposures(const std::vector<core::Image>& exposures,
                                                       double offset = 0.0);

} // namespace aet::recon
