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

  /// Whether the pixel is a measurement.
  [[nodiscard]] bool trusted(std::size_t pixel) const { return trust(pixel) > 0.0; }

private:
  [[nodiscard]] double trust(std::size_t pixel) const { return trust_ == nullptr ? 1.0 : trust_[pixel]; }

  const PixelLikelihood& noise_;
  const double* trust_;
};

/// Noise of the pixels, and how far each may be trusted: where a static model cannot be exact (see
/// scatter.hpp) by the noise's part of the expected squared deviation, a pixel that is no measurement not at
/// all.
class SeriesLikelihood {
public:
  /// Every pixel is trusted. Implicit: noise alone is a likelihood of a series.
  SeriesLikelihood(const PixelLikelihood& noise) : noise_{noise} {}
  /// \param noise one for all images, or one an image. \param trust one frame an image, values in [0, 1];
  /// none: 1.
  SeriesLikelihood(std::vector<PixelLikelihood> noise, std::vector<Frame> trust)
      : noise_(std::move(noise)), trust_(std::move(trust)) {}

  [[nodiscard]] TiltLikelihood tilt(std::size_t t) const {
    return {noise(t), trust_.empty() ? nullptr : trust_[t].data.data()};
  }
  [[nodiscard]] const PixelLikelihood& noise(std::size_t t) const {
    return noise_[noise_.size() > 1 ? t : 0];
  }
  /// The same noise, each pixel trusted by so much more or less. \param factors one frame an image.
  [[nodiscard]] SeriesLikelihood trusted_by(std::vector<Frame> factors) const;

private:
  std::vector<PixelLikelihood> noise_;
  std::vector<Frame> trust_;
};

/// The noise of every image of a series by its number of exposures, masked pixels not trusted.
/// \param exposure noise of one exposure.
[[nodiscard]] SeriesLikelihood likelihood_of(const core::TiltSeries& series, const NoiseModel& exposure);

} // namespace aet::recon
