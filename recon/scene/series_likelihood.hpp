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
  TiltLikelihood(const core::Image& image, const PixelLikelihood& noise, const double* trust)
      : image_(image), noise_(noise), trust_(trust) {}

  [[nodiscard]] double observed(std::size_t pixel) const { return static_cast<double>(image_.data[pixel]); }
  /// trust x half the deviance of pixel number `pixel` (x fastest) from its mean.
  [[nodiscard]] double loss(std::size_t pixel, double mean) const {
    return trust(pixel) * noise_.loss(observed(pixel), mean);
  }
  /// loss(pixel, to) - loss(pixel, from).
  [[nodiscard]] double loss_change(std::size_t pixel, double from, double to) const {
    return trust(pixel) * noise_.loss_change(observed(pixel), from, to);
  }
  /// trust / variance [1 / image unit^2].
  [[nodiscard]] double weight(std::size_t pixel, double mean) const {
    return trust(pixel) * noise_.weight(mean);
  }

  /// Whether the pixel is a measurement.
  [[nodiscard]] bool trusted(std::size_t pixel) const { return trust(pixel) > 0.0; }

private:
  [[nodiscard]] double trust(std::size_t pixel) const { return trust_ == nullptr ? 1.0 : trust_[pixel]; }

  const core::Image& image_;
  const PixelLikelihood& noise_;
  const double* trust_;
};

/// Images, noise of their pixels, and how far each may be trusted: where a static model cannot be exact (see
/// refine/scatter.hpp) by the noise's part of the expected squared deviation, a pixel that is no measurement
/// not at all.
class SeriesLikelihood {
public:
  /// Implicit: images and their noise are a likelihood.
  /// \param series must outlive the object.
  /// \param trust one image each, values in [0, 1]; none: every pixel is trusted.
  SeriesLikelihood(const core::TiltSeries& series, const PixelLikelihood& noise,
                   std::vector<PixelBuffer> trust = {})
      : series_(&series), noise_{noise}, trust_(std::move(trust)) {}
  /// \param noise one an image.
  SeriesLikelihood(const core::TiltSeries& series, std::vector<PixelLikelihood> noise,
                   std::vector<PixelBuffer> trust)
      : series_(&series), noise_(std::move(noise)), trust_(std::move(trust)) {}

  [[nodiscard]] const core::TiltSeries& series() const { return *series_; }
  [[nodiscard]] TiltLikelihood tilt(std::size_t t) const {
    return {series_->images[t], noise(t), trust_.empty() ? nullptr : trust_[t].data.data()};
  }
  [[nodiscard]] const PixelLikelihood& noise(std::size_t t = 0) const {
    return noise_[noise_.size() > 1 ? t : 0];
  }
  /// The same noise, each pixel trusted by so much more or less.
  /// \param factors one image each.
  [[nodiscard]] SeriesLikelihood trusted_by(std::vector<PixelBuffer> factors) const;
  /// Of some of the images.
  /// \param part   those images; it must outlive the object.
  /// \param images their numbers here.
  [[nodiscard]] SeriesLikelihood part_of(const core::TiltSeries& part,
                                         const std::vector<std::size_t>& images) const;

private:
  const core::TiltSeries* series_;
  std::vector<PixelLikelihood> noise_;
  std::vector<PixelBuffer> trust_;
};

/// The noise of every image of a series by its number of exposures, masked pixels not trusted.
/// \param exposure noise of one exposure.
[[nodiscard]] SeriesLikelihood likelihood_of(const core::TiltSeries& series, const NoiseModel& exposure);

} // namespace aet::recon
