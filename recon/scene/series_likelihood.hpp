// The likelihood of a whole series: the noise of every pixel, and how far each pixel may be trusted.
#pragma once

#include "recon/scene/likelihood.hpp"
#include "recon/scene/stamp.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace aet::recon {

/// The pixels of one image; valid as long as the SeriesLikelihood it comes from.
class TiltLikelihood {
public:
  TiltLikelihood(const PixelLikelihood& noise, const double* trust) : noise_(noise), trust_(trust) {}

  /// trust x half the deviance of pixel number `pixel` (x fastest).
  [[nodiscard]] double loss(std::size_t pixel, double observed, double mean) const {
    return trust(pixel) * noise_.loss(observed, mean);
  }
  /// trust / variance [1 / image unit^2].
  [[nodiscard]] double weight(std::size_t pixel, double mean) const {
    return trust(pixel) * noise_.weight(mean);
  }

private:
  [[nodiscard]] double trust(std::size_t pixel) const { return trust_ == nullptr ? 1.0 : trust_[pixel]; }

  const PixelLikelihood& noise_;
  const double* trust_;
};

/// Noise of the pixels, and where a static model cannot be exact (see scatter.hpp) a trust below 1: the
/// noise's part of a pixel's expected squared deviation.
class SeriesLikelihood {
public:
  /// Every pixel is trusted. Implicit: noise alone is a likelihood of a series.
  SeriesLikelihood(const PixelLikelihood& noise) : noise_(noise) {}
  /// \param trust one frame an image, values in (0, 1].
  SeriesLikelihood(const PixelLikelihood& noise, std::vector<Frame> trust)
      : noise_(noise), trust_(std::move(trust)) {}

  [[nodiscard]] TiltLikelihood tilt(std::size_t t) const {
    return {noise_, trust_.empty() ? nullptr : trust_[t].data.data()};
  }
  [[nodiscard]] const PixelLikelihood& noise() const { return noise_; }

private:
  PixelLikelihood noise_;
  std::vector<Frame> trust_;
};

} // namespace aet::recon
