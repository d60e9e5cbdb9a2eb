#include "recon/refine/field.hpp"

#include <algorithm>
#include <cmath>

namespace aet::recon {

std::vector<double> seen_parts(const Scene& scene, const core::TiltSeries& series) {
  std::vector<double> seen(scene.size(), 0.0);
  for (std::size_t t = 0; t < series.size(); ++t) {
    const core::Image& image = series.images[t];
    std::vector<bool> masked(image.data.size(), false);
    if (t < series.masked.size()) {
      for (const std::uint32_t pixel : series.masked[t])
        masked[pixel] = true;
    }
    for (std::size_t a = 0; a < scene.size(); ++a) {
      const core::Vec3 p = projected(scene.tilts[t], scene.positions[a]) / series.pixel_size;
      const int x = static_cast<int>(std::lround(p.x())) + image.nx / 2;
      const int y = static_cast<int>(std::lround(p.y())) + image.ny / 2;
      if (x < 0 || y < 0 || x >= image.nx || y >= image.ny || masked[image.index(x, y)]) continue;
      seen[a] += 1.0 / static_cast<double>(series.size());
    }
  }
  return seen;
}

} // namespace aet::recon
