#include "recon/volume/coverage.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::recon {

core::AlignedVector<float> coverage(const Projections& projections, core::Threads threads) {
  const int n = projections.n;
  const auto edge = static_cast<std::size_t>(n);
  core::AlignedVector<float> out(edge * edge * edge, 0.0F);
  core::parallel_for(edge, threads, [&](std::size_t z, int) {
    for (std::size_t j = 0; j < projections.known.size(); ++j) {
      const core::Mat3& r = projections.orientations[j];
      const core::Image& known = projections.known[j];
      float* voxel = out.data() + z * edge * edge;
      for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; ++x, ++voxel) {
          const core::Vec3 at = r * core::Vec3(x - n / 2, y - n / 2, static_cast<int>(z) - n / 2);
          const int u = static_cast<int>(std::lround(at.x())) + n / 2;
          const int v = static_cast<int>(std::lround(at.y())) + n / 2;
          if (u >= 0 && v >= 0 && u < n && v < n) *voxel += known.at(u, v);
        }
      }
    }
  });
  return out;
}

std::string coverage_note(const core::AlignedVector<float>& coverage, std::size_t images) {
  const auto part = [&](auto which) {
    return 100.0 * static_cast<double>(std::count_if(coverage.begin(), coverage.end(), which)) /
           static_cast<double>(coverage.size());
  };
  const auto all = static_cast<float>(images);
  return fmt::format("Of the volume {:.0f} % is shown by all images, {:.0f} % by at least half of them and "
                     "{:.0f} % by none, which is left empty.",
                     part([all](float c) { return c == all; }),
                     part([all](float c) { return 2.0F * c >= all; }),
                     part([](float c) { return c == 0.0F; }));
}

} // namespace aet::recon
