#include "recon/images/gaussian.hpp"

#include "sim/core/error.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

namespace aet::recon {

namespace {

/// Half of the normalised kernel: weights[0] is its centre.
std::vector<float> kernel(double sigma) {
  const int reach = static_cast<int>(std::ceil(4.0 * sigma));
  std::vector<double> weights;
  double total = 0.0;
  for (int d = 0; d <= reach; ++d) {
    weights.push_back(std::exp(-0.5 * d * d / (sigma * sigma)));
    total += (d == 0 ? 1.0 : 2.0) * weights.back();
  }
  std::vector<float> out;
  for (const double w : weights)
    out.push_back(static_cast<float>(w / total));
  return out;
}

/// Index of the mirror image of a place outside [0, n).
int mirrored(int i, int n) {
  const int period = 2 * n;
  i %= period;
  if (i < 0) i += period;
  return i < n ? i : period - 1 - i;
}

} // namespace

core::Image gaussian_smoothed(const core::Image& image, double sigma) {
  constexpr double nothing = 0.05; // the neighbours' weight is then below 1e-80
  if (sigma < nothing) return image;
  const std::vector<float> weights = kernel(sigma);
  const int reach = static_cast<int>(weights.size()) - 1;
  core::Image along_x(image.nx, image.ny);
  core::Image out(image.nx, image.ny);
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      float sum = weights[0] * image.at(x, y);
      for (int d = 1; d <= reach; ++d) {
        sum += weights[static_cast<std::size_t>(d)] *
               (image.at(mirrored(x - d, image.nx), y) + image.at(mirrored(x + d, image.nx), y));
      }
      along_x.at(x, y) = sum;
    }
  }
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x)
      out.at(x, y) = weights[0] * along_x.at(x, y);
    for (int d = 1; d <= reach; ++d) {
      const float weight = weights[static_cast<std::size_t>(d)];
      const int before = mirrored(y - d, image.ny);
      const int after = mirrored(y + d, image.ny);
      for (int x = 0; x < image.nx; ++x)
        out.at(x, y) += weight * (along_x.at(x, before) + along_x.at(x, after));
    }
  }
  return out;
}

double best_gaussian(const std::vector<core::Image>& noisy, const NoiseModel& noise, core::Threads threads) {
  if (noisy.empty()) throw core::DataError("there are no images to smooth.");
  constexpr std::size_t widths = 61;
  constexpr double step = 0.05;
  std::vector<double> risk(widths, 0.0);
  core::parallel_for(widths, threads, [&](std::size_t w, int /*worker*/) {
    const double sigma = step * static_cast<double>(w);
    const auto centre = w == 0 ? 1.0 : static_cast<double>(kernel(sigma).front());
    for (const core::Image& image : noisy) {
      const core::Image smooth = gaussian_smoothed(image, sigma);
      for (std::size_t i = 0; i < image.data.size(); ++i) {
        const double difference = static_cast<double>(smooth.data[i]) - static_cast<double>(image.data[i]);
        const double variance = noise.variance(static_cast<double>(smooth.data[i]));
        risk[w] += difference * difference + (2.0 * centre * centre - 1.0) * variance;
      }
    }
  });
  const auto best = std::min_element(risk.begin(), risk.end());
  return step * static_cast<double>(best - risk.begin());
}

} // namespace aet::recon
