#include "recon/refine/refine.hpp"
#include "recon/refine/scatter.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(scatter)

using namespace aet;

namespace {

constexpr core::Threads one{1};
constexpr int n = 64;
constexpr double pixel = 0.3;
const recon::PixelLikelihood poisson(recon::NoiseModel{1.0, 0.0, 0.0});

/// Heavy atoms with light ones between them.
recon::Scene alloy(int tilts) {
  recon::Scene scene;
  scene.positions = test::cluster(7.0, 2.8, 3);
  for (std::size_t a = 0; a < scene.size(); ++a)
    scene.species.push_back(a % 2 == 0 ? 1 : 0);
  scene.profiles = {{{{25.0, 0.4}}}, {{{150.0, 0.4}}}};
  scene.tilts = test::tilts_over(tilts, 140.0, 2.0);
  return scene;
}

/// Its series, with every atom displaced and changed in strength by chance in every image.
core::TiltSeries scattered_series(const recon::Scene& scene, double displacement, double strength,
                                  std::uint64_t seed) {
  core::TiltSeries series = test::series_of(scene, pixel, n);
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    recon::Scene moved = scene;
    moved.profiles.clear();
    core::RandomStream stream(seed, "test scatter", {static_cast<std::uint32_t>(t)});
    for (std::size_t a = 0; a < scene.size(); ++a) {
      moved.positions[a] += displacement * core::Vec3(stream.normal(), stream.normal(), stream.normal());
      recon::AtomProfile own = scene.profiles[static_cast<std::size_t>(scene.species[a])];
      own.terms[0].weight *= 1.0 + strength * stream.normal();
      moved.profiles.push_back(own); // one profile an atom
      moved.species[a] = static_cast<int>(a);
    }
    const std::vector<double> mean = test::plain_image(moved, t, pixel, n);
    for (std::size_t i = 0; i < mean.size(); ++i)
      series.images[t].data[i] = static_cast<float>(stream.poisson(std::max(0.0, mean[i])));
  }
  return series;
}

double rmsd(const std::vector<core::Vec3>& a, const std::vector<core::Vec3>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += (a[i] - b[i]).squaredNorm();
  return std::sqrt(sum / static_cast<double>(a.size()));
}

} // namespace

BOOST_AUTO_TEST_CASE(planted_scatter_is_measured) {
  const recon::Scene scene = alloy(15);
  const core::TiltSeries scattered = scattered_series(scene, 0.08, 0.1, 4);
  const recon::Scatter found = recon::estimate_scatter(scene, {scattered, poisson}, one);
  // Heavy atoms: some 40 in 15 images, two directions each: 1,200 squares, 4 % of a mean square; overlaps and
  // the second order of a displacement of a fifth of the width add as much.
  BOOST_TEST(found.displacement2[1] == 0.08 * 0.08, boost::test_tools::tolerance(0.15));
  BOOST_TEST(found.strength2[1] == 0.01, boost::test_tools::tolerance(0.3));
  const core::TiltSeries still = test::series_of(scene, pixel, n, 5);
  const recon::Scatter none = recon::estimate_scatter(scene, {still, poisson}, one);
  BOOST_TEST(none.displacement2[1] < 0.01 * 0.01);
  BOOST_TEST(none.strength2[1] < 0.02 * 0.02);
}

BOOST_AUTO_TEST_CASE(trust_is_the_part_of_the_noise) {
  const recon::Scene scene = alloy(3);
  const core::TiltSeries series = test::series_of(scene, pixel, n);
  const recon::Scatter scatter{{0.0, 0.0064}, {0.01, 0.0}};
  const std::vector<recon::PixelBuffer> trust = recon::pixel_trust(scene, {series, poisson}, scatter, one);
  // Plainly, atom by atom: derivatives by differences of images with that atom moved or left out.
  constexpr double h = 1e-4;
  for (std::size_t t = 0; t < trust.size(); ++t) {
    const std::vector<double> mean = test::plain_image(scene, t, pixel, n);
    std::vector<double> extra(mean.size(), 0.0);
    for (std::size_t a = 0; a < scene.size(); ++a) {
      recon::Scene alone = scene;
      alone.positions = {scene.positions[a]};
      alone.species = {scene.species[a]};
      alone.tilts[t].background = 0.0;
      const std::vector<double> value = test::plain_image(alone, t, pixel, n);
      for (std::size_t i = 0; i < value.size(); ++i)
        extra[i] += scatter.strength2[static_cast<std::size_t>(scene.species[a])] * value[i] * value[i];
      for (int axis = 0; axis < 2; ++axis) {
        recon::Scene up = alone;
        up.tilts[t].pose.shift[axis] += h;
        recon::Scene down = alone;
        down.tilts[t].pose.shift[axis] -= h;
        const std::vector<double> high = test::plain_image(up, t, pixel, n);
        const std::vector<double> low = test::plain_image(down, t, pixel, n);
        for (std::size_t i = 0; i < value.size(); ++i) {
          const double d = (high[i] - low[i]) / (2.0 * h);
          extra[i] += scatter.displacement2[static_cast<std::size_t>(scene.species[a])] * d * d;
        }
      }
    }
    for (std::size_t i = 0; i < mean.size(); ++i)
      BOOST_TEST(std::abs(trust[t].data[i] - mean[i] / (mean[i] + extra[i])) < 1e-3); // windows' ends
  }
}

BOOST_AUTO_TEST_CASE(light_atoms_between_moving_heavy_ones_are_placed_better) {
  const recon::Scene truth = alloy(25);
  const core::TiltSeries series = scattered_series(truth, 0.08, 0.1, 8);
  recon::RefineOptions options;
  options.add = options.drop = options.flip = false;
  const recon::RefineResult with = recon::refine(series, truth.positions, truth.species, options, one);
  options.scatter = false;
  const recon::RefineResult without = recon::refine(series, truth.positions, truth.species, options, one);
  BOOST_TEST(rmsd(with.scene.positions, truth.positions) <
             0.85 * rmsd(without.scene.positions, truth.positions));
  // What the images deviate by is known, so that evidence is in units of it.
  BOOST_TEST(with.dispersion < 1.2);
  BOOST_TEST(without.dispersion > 2.0);
}

BOOST_AUTO_TEST_SUITE_END()
