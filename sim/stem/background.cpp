#include "sim/stem/background.hpp"

#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/require_range.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace aet::stem {

namespace {} // namespace

void validate(const BackgroundOptions& o) {
  require_range("film_fraction", o.film_fraction, 0.0, 0.5);
  require_range("film_variation", o.film_variation, 0.0, 1.0);
  require_range("slope_sd_fraction", o.slope_sd_fraction, 0.0, 0.5);
  require_range("grain_sd_fraction", o.grain_sd_fraction, 0.0, 0.5);
  require_range("grain_a", o.grain_a, 0.2, 50.0);
  require_range("neighbour_fraction", o.neighbour_fraction, 0.0, 0.5);
  require_range("neighbour_side_deg", o.neighbour_side_deg, -360.0, 360.0);
  require_range("neighbour_depth_a", o.neighbour_depth_a, -50.0, 500.0);
  require_range("neighbour_edge_a", o.neighbour_edge_a, 0.1, 50.0);
}

double film_thickening(double cos_tilt) {
  constexpr double thinnest = 0.1; // nobody images through an edge-on film
  return 1.0 / std::max(thinnest, std::abs(cos_tilt));
}

SmoothBackground draw_background(const BackgroundOptions& options, double cos_tilt,
                                 core::RandomStream& random) {
  SmoothBackground out;
  const double variation = std::max(0.0, 1.0 + options.film_variation * random.normal());
  out.constant = options.film_fraction * film_thickening(cos_tilt) * variation;
  for (double& c : out.polynomial)
    c = options.slope_sd_fraction * random.normal();
  return out;
}

core::Image smooth_background_image(const SmoothBackground& background, const BackgroundOptions& options,
                                    int n, double pixel_a) {
  core::Image out(n, n);
  const double half = 0.5 * n;
  const double angle = options.neighbour_side_deg * core::radian_per_degree;
  const double edge = half * pixel_a - options.neighbour_depth_a; // distance of its edge from the centre
  for (int iy = 0; iy < n; ++iy) {
    for (int ix = 0; ix < n; ++ix) {
      const double u = (ix - half) / half;
      const double v = (iy - half) / half;
      double value = background.at(u, v);
      if (options.neighbour_fraction > 0.0) {
        const double along = half * pixel_a * (u * std::cos(angle) + v * std::sin(angle));
        value += options.neighbour_fraction * 0.5 *
                 std::erfc((edge - along) / (std::sqrt(2.0) * options.neighbour_edge_a));
      }
      out.at(ix, iy) = static_cast<float>(std::max(0.0, value));
    }
  }
  return out;
}

core::Image film_grain(double sd, double grain_a, int n, double pixel_a, core::RandomStream& random) {
  core::AlignedVector<core::Complex> field(square(n));
  for (auto& value : field)
    value = static_cast<float>(random.normal());
  const core::Fft2 fft(n, n);
  fft.forward(field.data());
  const double side = n * pixel_a;
  double variance = 0.0; // of the filtered noise, by Parseval
  for (int iy = 0; iy < n; ++iy) {
    for (int ix = 0; ix < n; ++ix) {
      const double q2 = std::pow(frequency(ix, n, side), 2.0) + std::pow(frequency(iy, n, side), 2.0);
      const double filter = q2 == 0.0 ? 0.0 : std::exp(-2.0 * core::pi * core::pi * grain_a * grain_a * q2);
      variance += filter * filter;
      field[static_cast<std::size_t>(iy * n + ix)] *= static_cast<float>(filter);
    }
  }
  fft.backward(field.data());
  variance /= static_cast<double>(square(n));
  const double scale = variance > 0.0 ? sd / (std::sqrt(variance) * static_cast<double>(square(n))) : 0.0;
  core::Image out(n, n);
  for (std::size_t i = 0; i < field.size(); ++i)
    out.data[i] = static_cast<float>(scale) * field[i].real();
  return out;
}

} // namespace aet::stem
