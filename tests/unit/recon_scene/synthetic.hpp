// Small scenes with images made straight from the formula, pixel by pixel, without windows.
#pragma once

#include "recon/scene/scene.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/tilt_series.hpp"
#include "sim/core/units.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace aet::test {

/// The image that a scene predicts, by the formula of recon/scene/scene.hpp.
inline std::vector<double> plain_image(const recon::Scene& scene, std::size_t tilt, double pixel, int n) {
  const recon::TiltState& t = scene.tilts[tilt];
  std::vector<double> image(static_cast<std::size_t>(n) * static_cast<std::size_t>(n), 0.0);
  for (std::size_t a = 0; a < scene.size(); ++a) {
    const core::Vec3 p = t.pose.orientation * scene.positions[a];
    const double height = p.z() - scene.depth.focus;
    const recon::AtomProfile& profile = scene.profiles[static_cast<std::size_t>(scene.species[a])];
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x) {
        const double dx = pixel * (x - n / 2) - p.x() - t.pose.shift.x();
        const double dy = pixel * (y - n / 2) - p.y() - t.pose.shift.y();
        for (const recon::GaussianTerm& g : profile.terms) {
          const double s2 = g.sigma * g.sigma + scene.depth.spread * height * height;
          image[static_cast<std::size_t>(y * n + x)] += scene.strength(a) * (1.0 + scene.depth.fade * p.z()) *
                                                        g.weight / (2.0 * std::numbers::pi * s2) *
                                                        std::exp(-(dx * dx + dy * dy) / (2.0 * s2));
        }
      }
    }
  }
  const double k = scene.response.saturation;
  for (double& v : image)
    v = t.background + t.gain * (k == 0.0 ? v : (1.0 - std::exp(-k * v)) / k);
  return image;
}

/// The series a scene predicts; counts drawn at random where a seed is given.
inline core::TiltSeries series_of(const recon::Scene& scene, double pixel, int n, std::uint64_t seed = 0) {
  core::TiltSeries series;
  series.pixel_size = pixel;
  series.intensity = core::Intensity::counts;
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    series.orientations.push_back(scene.tilts[t].pose.orientation);
    core::Image image(n, n);
    const std::vector<double> mean = plain_image(scene, t, pixel, n);
    core::RandomStream stream(seed, "test counts", {static_cast<std::uint32_t>(t)});
    for (std::size_t i = 0; i < mean.size(); ++i)
      image.data[i] = static_cast<float>(seed == 0 ? mean[i] : static_cast<double>(stream.poisson(mean[i])));
    series.images.push_back(std::move(image));
  }
  return series;
}

/// `count` tilts about y, evenly over `range` degrees.
inline std::vector<recon::TiltState> tilts_over(int count, double range_degrees, double background) {
  std::vector<recon::TiltState> tilts(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    recon::TiltState& t = tilts[static_cast<std::size_t>(i)];
    t.pose.orientation =
        core::tilt_rotation((i - 0.5 * (count - 1)) * range_degrees / count * std::numbers::pi / 180.0);
    t.background = background;
  }
  return tilts;
}

/// Four atoms of two species, two of them overlapping in many images; every part of the model is in use.
inline recon::Scene small_scene(int tilts = 7) {
  recon::Scene scene;
  scene.positions = {{-1.1, 0.4, 0.7}, {0.9, 0.1, -0.8}, {0.3, -1.5, 1.6}, {1.2, 1.7, 0.2}};
  scene.species = {0, 1, 0, 1};
  scene.profiles = {{{{30.0, 0.45}, {8.0, 0.9}}}, {{{55.0, 0.5}}}};
  scene.tilts = tilts_over(tilts, 150.0, 2.0);
  return scene;
}

/// A loose cluster: a cubic lattice of the given constant with jitter, inside a sphere.
inline std::vector<core::Vec3> cluster(double radius, double constant, std::uint64_t seed) {
  std::vector<core::Vec3> out;
  core::RandomStream stream(seed, "test cluster");
  const int reach = static_cast<int>(radius / constant) + 1;
  for (int z = -reach; z <= reach; ++z) {
    for (int y = -reach; y <= reach; ++y) {
      for (int x = -reach; x <= reach; ++x) {
        const core::Vec3 p = constant * core::Vec3(x, y, z) +
                             0.15 * core::Vec3(stream.normal(), stream.normal(), stream.normal());
        if (p.norm() < radius) out.push_back(p);
      }
    }
  }
  return out;
}

} // namespace aet::test
