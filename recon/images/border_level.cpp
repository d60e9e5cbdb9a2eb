#include "recon/images/border_level.hpp"

#include "sim/core/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace aet::recon {

namespace {

double middle_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

} // namespace

double border_level(const core::Image& image) {
  constexpr int stretches = 16;
  const int border = std::max(2, std::min(image.nx, image.ny) / 16);
  std::array<double, stretches> sum{};
  std::array<int, stretches> count{};
  for (int iy = 0; iy < image.ny; ++iy) {
    for (int ix = 0; ix < image.nx; ++ix) {
      if (std::min({ix, iy, image.nx - 1 - ix, image.ny - 1 - iy}) >= border) continue;
      // Stretches are sectors seen from the image centre.
      const double angle =
          std::atan2(iy - 0.5 * (image.ny - 1), ix - 0.5 * (image.nx - 1)) / (2.0 * core::pi) + 0.5;
      const auto k =
          static_cast<std::size_t>(std::clamp(static_cast<int>(angle * stretches), 0, stretches - 1));
      sum[k] += static_cast<double>(image.at(ix, iy));
      ++count[k];
    }
  }
  std::vector<double> means;
  for (std::size_t k = 0; k < stretches; ++k) {
    if (count[k] > 0) means.push_back(sum[k] / count[k]);
  }
  return middle_of(std::move(means));
}

} // namespace aet::recon
