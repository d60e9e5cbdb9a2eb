#include "recon/refine/contrast.hpp"

#include <cmath>
#include <cstddef>

namespace aet::recon {

double contrast_r1(const Scene& scene, const SeriesLikelihood& likelihood, core::Threads threads) {
  const std::vector<PixelBuffer> means = model_images(scene, likelihood.series(), threads);
  double sum = 0.0;
  for (std::size_t t = 0; t < means.size(); ++t) {
    const TiltLikelihood pixels = likelihood.tilt(t);
    const std::vector<double>& m = means[t].data;
    double n = 0.0;
    double mean_y = 0.0;
    double mean_m = 0.0;
    for (std::size_t i = 0; i < m.size(); ++i) {
      if (!pixels.trusted(i)) continue;
      n += 1.0;
      mean_y += pixels.observed(i);
      mean_m += m[i];
    }
    if (!(n > 0.0)) continue;
    mean_y /= n;
    mean_m /= n;
    double product = 0.0;
    double square = 0.0;
    for (std::size_t i = 0; i < m.size(); ++i) {
      if (!pixels.trusted(i)) continue;
      product += (m[i] - mean_m) * (pixels.observed(i) - mean_y);
      square += (m[i] - mean_m) * (m[i] - mean_m);
    }
    const double gain = square > 0.0 ? product / square : 0.0;
    double difference = 0.0;
    double observed = 0.0;
    for (std::size_t i = 0; i < m.size(); ++i) {
      if (!pixels.trusted(i)) continue;
      const double y = pixels.observed(i) - mean_y;
      difference += std::abs(y - gain * (m[i] - mean_m));
      observed += std::abs(y);
    }
    sum += observed > 0.0 ? difference / observed : 1.0;
  }
  return sum / static_cast<double>(means.size());
}

} // namespace aet::recon
