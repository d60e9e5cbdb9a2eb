#include "recon/atoms/peak_boxes.hpp"

#include <cmath>

namespace aet::recon {

PeakBoxes sample_boxes(const SplineVolume& spline, double voxel_size,
                       const std::vector<core::Vec3>& positions, int half, core::Threads threads) {
  PeakBoxes boxes;
  boxes.half = half;
  boxes.count = positions.size();
  const auto side = static_cast<std::size_t>(2 * half + 1);
  boxes.length = side * side * side;
  boxes.values.resize(boxes.count * boxes.length);
  const core::Vec3 origin(spline.nx() / 2, spline.ny() / 2, spline.nz() / 2); // integer halves: voxel n/2
  constexpr std::size_t block = 256;
  core::parallel_for((boxes.count + block - 1) / block, threads, [&](std::size_t b, int) {
    std::vector<double> cube;
    for (std::size_t i = b * block; i < std::min((b + 1) * block, boxes.count); ++i) {
      spline.sample_cube(positions[i] / voxel_size + origin, 1.0, half, cube);
      for (std::size_t v = 0; v < boxes.length; ++v)
        boxes.values[i * boxes.length + v] = static_cast<float>(cube[v]);
    }
  });
  return boxes;
}

std::vector<double> integrated_intensities(const PeakBoxes& boxes, double radius) {
  std::vector<std::size_t> inside;
  std::size_t v = 0;
  for (int z = -boxes.half; z <= boxes.half; ++z) {
    for (int y = -boxes.half; y <= boxes.half; ++y) {
      for (int x = -boxes.half; x <= boxes.half; ++x, ++v) {
        if (x * x + y * y + z * z <= radius * radius) inside.push_back(v);
      }
    }
  }
  std::vector<double> sums(boxes.count, 0.0);
  for (std::size_t i = 0; i < boxes.count; ++i) {
    const auto box = boxes.box(i);
    for (const std::size_t k : inside)
      sums[i] += static_cast<double>(box[k]);
  }
  return sums;
}

std::vector<double> mean_box(const PeakBoxes& boxes, const std::vector<int>& label, int which) {
  std::vector<double> mean(boxes.length, 0.0);
  std::size_t members = 0;
  for (std::size_t i = 0; i < boxes.count; ++i) {
    if (label[i] != which) continue;
    ++members;
    const auto box = boxes.box(i);
    for (std::size_t v = 0; v < boxes.length; ++v)
      mean[v] += static_cast<double>(box[v]);
  }
  if (members == 0) return {};
  for (double& m : mean)
    m /= static_cast<double>(members);
  return mean;
}

double l1_distance(std::span<const float> box, std::span<const double> other) {
  double sum = 0.0;
  for (std::size_t v = 0; v < box.size(); ++v)
    sum += std::abs(static_cast<double>(box[v]) - other[v]);
  return sum;
}

} // namespace aet::recon
