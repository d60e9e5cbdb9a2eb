#include "recon/scene/series_likelihood.hpp"

#include <algorithm>

namespace aet::recon {

SeriesLikelihood SeriesLikelihood::trusted_by(std::vector<PixelBuffer> factors) const {
  for (std::size_t t = 0; t < trust_.size(); ++t) {
    for (std::size_t i = 0; i < factors[t].data.size(); ++i)
      factors[t].data[i] *= trust_[t].data[i];
  }
  return {*series_, noise_, std::move(factors)};
}

SeriesLikelihood SeriesLikelihood::part_of(const core::TiltSeries& part,
                                           const std::vector<std::size_t>& images) const {
  std::vector<PixelLikelihood> noise;
  std::vector<PixelBuffer> trust;
  for (const std::size_t t : images) {
    noise.push_back(this->noise(t));
    if (!trust_.empty()) trust.push_back(trust_[t]);
  }
  return {part, std::move(noise), std::move(trust)};
}

SeriesLikelihood likelihood_of(const core::TiltSeries& series, const NoiseModel& exposure) {
  std::vector<PixelLikelihood> noise;
  for (std::size_t t = 0; t < series.size(); ++t)
    noise.emplace_back(exposure.of_mean(exposures_of(series, t)));
  const bool any_masked = std::any_of(series.masked.begin(), series.masked.end(),
                                      [](const auto& pixels) { return !pixels.empty(); });
  if (!any_masked) return {series, std::move(noise), {}};
  std::vector<PixelBuffer> trust;
  for (std::size_t t = 0; t < series.size(); ++t) {
    PixelBuffer& buffer = trust.emplace_back(series.images[t].nx, series.images[t].ny);
    std::fill(buffer.data.begin(), buffer.data.end(), 1.0);
    for (const std::uint32_t pixel : series.masked[t])
      buffer.data[pixel] = 0.0;
  }
  return {series, std::move(noise), std::move(trust)};
}

} // namespace aet::recon
