#include "recon/atoms/local_maxima.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace aet::recon {

namespace {

// Upsampled planes a piece of work; two more are computed at its borders.
constexpr int planes_per_block = 24;

/// Three consecutive planes of equal shape.
struct Planes {
  const float* below;
  const float* here;
  const float* above;
  std::ptrdiff_t wide;
};

bool is_maximum(const Planes& p, std::ptrdiff_t i, Neighbourhood neighbourhood) {
  const float v = p.here[i];
  // Before in order: must be lower. After in order: may be equal.
  if (p.here[i - 1] >= v || p.here[i + 1] > v) return false;
  if (p.here[i - p.wide] >= v || p.here[i + p.wide] > v) return false;
  if (p.below[i] >= v || p.above[i] > v) return false;
  if (neighbourhood == Neighbourhood::faces_6) return true;
  for (const std::ptrdiff_t d : {-p.wide - 1, -p.wide + 1}) {
    if (p.here[i + d] >= v || p.here[i - d] > v) return false;
  }
  for (std::ptrdiff_t dy = -1; dy <= 1; ++dy) {
    for (std::ptrdiff_t dx = -1; dx <= 1; ++dx) {
      if (p.below[i + dy * p.wide + dx] >= v || p.above[i + dy * p.wide + dx] > v) return false;
    }
  }
  return true;
}

} // namespace

std::vector<GridMaximum> find_local_maxima(const SplineVolume& spline, int factor,
                                           Neighbourhood neighbourhood, float floor, core::Threads threads) {
  const int wide = factor * (spline.nx() - 1) + 1;
  const int high = factor * (spline.ny() - 1) + 1;
  const int deep = factor * (spline.nz() - 1) + 1;
  const int blocks = (deep - 2 + planes_per_block - 1) / planes_per_block;
  std::vector<std::vector<GridMaximum>> found(static_cast<std::size_t>(blocks));

  core::parallel_for(found.size(), threads, [&](std::size_t block, int) {
    const int first = 1 + static_cast<int>(block) * planes_per_block;
    const int last = std::min(first + planes_per_block, deep - 1);
    std::array<std::vector<float>, 3> planes;
    std::vector<float> scratch;
    spline.upsampled_plane(first - 1, factor, planes[0], scratch);
    spline.upsampled_plane(first, factor, planes[1], scratch);
    for (int z = first; z < last; ++z) {
      spline.upsampled_plane(z + 1, factor, planes[2], scratch);
      const Planes three{planes[0].data(), planes[1].data(), planes[2].data(), wide};
      for (int y = 1; y + 1 < high; ++y) {
        for (int x = 1; x + 1 < wide; ++x) {
          const std::ptrdiff_t i = static_cast<std::ptrdiff_t>(y) * wide + x;
          if (three.here[i] > floor && is_maximum(three, i, neighbourhood)) {
            found[block].push_back({x, y, z, three.here[i]});
          }
        }
      }
      std::swap(planes[0], planes[1]);
      std::swap(planes[1], planes[2]);
    }
  });

  std::vector<GridMaximum> all;
  for (const auto& part : found)
    all.insert(all.end(), part.begin(), part.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const GridMaximum& a, const GridMaximum& b) { return a.height > b.height; });
  return all;
}

} // namespace aet::recon
