#include "recon/refine/motion.hpp"
#include "recon/scene/newton.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(motion)

using namespace aet;

namespace {

constexpr core::Threads one{1};
const recon::PixelLikelihood poisson(recon::NoiseModel{1.0, 0.0, 0.0});

/// Images in which every atom is displaced on its own, as by one frozen phonon configuration each.
core::TiltSeries shaken(const recon::Scene& truth, double u, std::uint64_t seed) {
  core::TiltSeries series;
  for (std::size_t t = 0; t < truth.tilts.size(); ++t) {
    recon::Scene moved = truth;
    core::RandomStream stream(seed, "test phonons", {static_cast<std::uint32_t>(t)});
    for (core::Vec3& p : moved.positions)
      p += u * core::Vec3(stream.normal(), stream.normal(), stream.normal());
    moved.tilts = {truth.tilts[t]};
    core::TiltSeries one_image = test::series_of(moved, 0.3, 52, seed + 100 * t);
    series.pixel_size = one_image.pixel_size;
    series.intensity = one_image.intensity;
    series.images.push_back(one_image.images.front());
    series.orientations.push_back(one_image.orientations.front());
  }
  return series;
}

} // namespace

BOOST_AUTO_TEST_CASE(frozen_phonons_are_measured_and_their_cost_foretold) {
  recon::Scene truth;
  truth.positions = test::cluster(5.5, 2.8, 2);
  truth.species.assign(truth.size(), 0);
  truth.profiles = {{{{150.0, 0.45}}}};
  truth.tilts = test::tilts_over(21, 150.0, 1.0);
  recon::FreeParameters free;
  free.gain = free.background = false;
  for (const double u : {0.0, 0.08}) {
    double square = 0.0;
    double expected = 0.0;
    double seen = 0.0;
    constexpr int draws = 4;
    for (int d = 1; d <= draws; ++d) {
      const core::TiltSeries series = shaken(truth, u, static_cast<std::uint64_t>(d));
      recon::Scene scene = truth;
      double damping = 0.0;
      for (int i = 0; i < 4; ++i)
        (void)recon::newton_step(scene, {series, poisson}, free, {1e-3, 60, 0.2, {}}, damping, one);
      const recon::Limit limit = recon::position_limit(scene, {series, poisson}, {}, one);
      const recon::Motion motion = recon::unexplained_motion(scene, {series, poisson}, limit, 4, 1, one);
      seen += motion.rms_a / draws;
      expected += motion.expected_rmsd_a * motion.expected_rmsd_a / draws;
      for (std::size_t a = 0; a < truth.size(); ++a) {
        square += (scene.positions[a] - truth.positions[a]).squaredNorm() /
                  (draws * static_cast<double>(truth.size()));
      }
    }
    BOOST_TEST_MESSAGE("u " << u << " seen " << seen << ", rmsd " << std::sqrt(square) << " expected "
                            << std::sqrt(expected));
    // Linear in the displacements: at u / sigma = 0.18 second orders are some per cent.
    BOOST_TEST(std::abs(seen - u) < (u > 0.0 ? 0.08 * u : 0.01));
    // Some 500 squares a case: 7 %, twice; and the second orders.
    BOOST_TEST(square == expected, boost::test_tools::tolerance(0.2));
  }
}

BOOST_AUTO_TEST_SUITE_END()
