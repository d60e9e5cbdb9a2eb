// A FePt particle and its linear projections, made pixel by pixel.
#pragma once

#include "recon/published/projection_model.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace aet::test {

/// `cells`^3 sites of a cubic lattice (2.7 A) with random species, random displacements of 0.1 A.
inline recon::published::Model small_particle(int cells, std::uint64_t seed) {
  core::RandomStream random(seed, "test.particle");
  recon::published::Model model;
  model.parameters = {{26, 0.16 * 40.0, 6.0}, {78, 40.0, 4.0}};
  const double middle = 0.5 * (cells - 1);
  for (int z = 0; z < cells; ++z) {
    for (int y = 0; y < cells; ++y) {
      for (int x = 0; x < cells; ++x) {
        const core::Vec3 shift(random.normal(), random.normal(), random.normal());
        model.positions.push_back(2.7 * core::Vec3(x - middle, y - middle, z - middle) + 0.1 * shift);
        model.species.push_back(random.uniform() < 0.5 ? 0 : 1);
      }
    }
  }
  return model;
}

/// `tilts` images from -65 to 65 degrees, 0.45 A a pixel, every atom added to every pixel; Gaussian noise.
inline core::TiltSeries linear_series(const recon::published::Model& model, int tilts, int n, double noise_sd,
                                      std::uint64_t seed) {
  core::TiltSeries series;
  series.pixel_size = 0.45;
  core::RandomStream random(seed, "test.series");
  for (int j = 0; j < tilts; ++j) {
    const double angle = (-65.0 + 130.0 * j / (tilts - 1)) * std::numbers::pi / 180.0;
    const core::Mat3 rotation = core::tilt_rotation(angle);
    core::Image image(n, n);
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x) {
        double sum = 0.0;
        for (std::size_t a = 0; a < model.positions.size(); ++a) {
          const core::Vec3 r = rotation * model.positions[a];
          const auto& p = model.parameters[static_cast<std::size_t>(model.species[a])];
          const auto f = recon::published::electron_form_factor(p.element);
          const double u = std::pow((x - n / 2) * series.pixel_size - r.x(), 2) +
                           std::pow((y - n / 2) * series.pixel_size - r.y(), 2);
          if (u > 30.0) continue;
          for (std::size_t i = 0; i < f.weight.size(); ++i) {
            const double beta = f.decay[i] + p.b_a2;
            sum += p.h * f.weight[i] * std::numbers::pi / beta *
                   std::exp(-std::numbers::pi * std::numbers::pi * u / beta);
          }
        }
        image.at(x, y) = static_cast<float>(sum + noise_sd * random.normal());
      }
    }
    series.images.push_back(image);
    series.orientations.push_back(rotation);
  }
  return series;
}

inline double rms_distance(const std::vector<core::Vec3>& a, const std::vector<core::Vec3>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += (a[i] - b[i]).squaredNorm();
  return std::sqrt(sum / static_cast<double>(a.size()));
}

} // namespace aet::test
