#include "recon/refine/dispersion.hpp"

#include <algorithm>

namespace aet::recon {

double dispersion_of(const LinearModel& model, const Scene& scene, const core::TiltSeries& series,
                     core::Threads threads) {
  const std::vector<PixelBuffer> means = model_images(scene, series, threads);
  double chi2 = 0.0;
  double pixels = 0.0;
  for (std::size_t t = 0; t < series.size(); ++t) {
    const double background = scene.tilts[t].background;
    const double highest = *std::max_element(means[t].data.begin(), means[t].data.end()) - background;
    for (std::size_t i = 0; i < means[t].data.size(); ++i) {
      if (means[t].data[i] - background < 0.1 * highest) continue;
      const double r = model.residuals(t).data[i];
      const double weight = model.weights(t).data[i];
      if (weight == 0.0) continue; // masked
      chi2 += r * r / weight;
      pixels += 1.0;
    }
  }
  return pixels > 0.0 ? std::max(1.0, chi2 / pixels) : 1.0;
}

} // namespace aet::recon
