// How improbable a pixel's value is, given the mean that a model predicts.
#pragma once

#include "recon/images/noise_model.hpp"

#include <algorithm>
#include <cmath>

namespace aet::recon {

/// Poisson-Gaussian noise as a shifted Poisson variable: (y - offset) / gain + readout_variance / gain^2 has
/// the mean and the variance of that sum in electrons and nearly its distribution; exact without readout
/// noise. With gain 0 the noise is normal with the readout variance. Source of the approximation: Snyder et
/// al., J. Opt. Soc. Am. A 12, 272 (1995), doi:10.1364/JOSAA.12.000272.
///
/// Means are floored at 0.1 electrons: a model of a dark pixel cannot be surer than that.
class PixelLikelihood {
public:
  /// \param noise gain >= 0; with gain 0 the readout variance must be positive.
  explicit PixelLikelihood(const NoiseModel& noise)
      : poisson_(noise.gain > 0.0), scale_(poisson_ ? 1.0 / noise.gain : 1.0),
        shift_(poisson_ ? noise.readout_variance / (noise.gain * noise.gain) - noise.offset / noise.gain
                        : 0.0),
        variance_(noise.readout_variance) {}

  /// Half the deviance: -log likelihood minus its least value for this pixel; >= 0.
  [[nodiscard]] double loss(double observed, double mean) const {
    if (!poisson_) return 0.5 * (observed - mean) * (observed - mean) / variance_;
    const double y = observed * scale_ + shift_;
    const double m = electrons(mean);
    const double constant = y > 0.0 ? y * std::log(y) - y : 0.0;
    return m - y * std::log(m) + constant;
  }

  /// loss(observed, to) - loss(observed, from), by one logarithm instead of four.
  [[nodiscard]] double loss_change(double observed, double from, double to) const {
    if (!poisson_) return 0.5 * (to - from) * (to + from - 2.0 * observed) / variance_;
    const double y = observed * scale_ + shift_;
    const double before = electrons(from);
    const double after = electrons(to);
    return after - before - y * std::log(after / before);
  }

  /// Inverse variance [1 / image unit^2] of a pixel of that mean: its Fisher information.
  [[nodiscard]] double weight(double mean) const {
    return poisson_ ? scale_ * scale_ / electrons(mean) : 1.0 / variance_;
  }

private:
  [[nodiscard]] double electrons(double mean) const { return std::max(0.1, mean * scale_ + shift_); }

  bool poisson_;
  double scale_;
  double shift_;
  double variance_;
};

} // namespace aet::recon
