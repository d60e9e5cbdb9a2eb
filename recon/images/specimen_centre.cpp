#include "recon/images/specimen_centre.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace aet::recon {

namespace {

/// The pixels of the largest connected region above a level, as a mask.
std::vector<bool> largest_region(const core::Image& image, float level) {
  std::vector<int> label(image.data.size(), 0);
  std::vector<std::size_t> stack;
  int labels = 0;
  int best = 0;
  double heaviest = -1.0;
  for (std::size_t seed = 0; seed < label.size(); ++seed) {
    if (label[seed] != 0 || image.data[seed] <= level) continue;
    ++labels;
    double weight = 0.0;
    label[seed] = labels;
    stack.push_back(seed);
    while (!stack.empty()) {
      const std::size_t i = stack.back();
      stack.pop_back();
      weight += static_cast<double>(image.data[i]);
      const int x = static_cast<int>(i % static_cast<std::size_t>(image.nx));
      const int y = static_cast<int>(i / static_cast<std::size_t>(image.nx));
      for (const auto& [dx, dy] : {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) {
        const int u = x + dx;
        const int v = y + dy;
        if (u < 0 || v < 0 || u >= image.nx || v >= image.ny) continue;
        const std::size_t k = image.index(u, v);
        if (label[k] != 0 || image.data[k] <= level) continue;
        label[k] = labels;
        stack.push_back(k);
      }
    }
    if (weight > heaviest) {
      heaviest = weight;
      best = labels;
    }
  }
  std::vector<bool> out(label.size());
  for (std::size_t i = 0; i < label.size(); ++i)
    out[i] = best != 0 && label[i] == best;
  return out;
}

} // namespace

Eigen::Vector2d specimen_centre(const core::Image& image, const core::Image& blurred, double background,
                                double mask_level) {
  const double top = static_cast<double>(*std::max_element(blurred.data.begin(), blurred.data.end()));
  const auto level = static_cast<float>(background + mask_level * (top - background));
  const std::vector<bool> mask = largest_region(blurred, level);
  double sum = 0.0;
  Eigen::Vector2d moment = Eigen::Vector2d::Zero();
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      const std::size_t i = image.index(x, y);
      if (!mask[i]) continue;
      const double value = static_cast<double>(image.data[i]) - background;
      sum += value;
      moment += value * Eigen::Vector2d(x - image.nx / 2, y - image.ny / 2);
    }
  }
  if (!(sum > 0.0)) return Eigen::Vector2d::Zero();
  return moment / sum;
}

} // namespace aet::recon
