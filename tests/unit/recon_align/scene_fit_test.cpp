#include "recon/align/scene_fit.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

BOOST_AUTO_TEST_SUITE(scene_fit)

using namespace aet;

namespace {

constexpr int n = 40;
constexpr double pixel = 0.4;
constexpr core::Threads one{1};
constexpr double variance =
    1e-4; // of images of height 3; the expected size of a pose's correction then weighs little
const recon::PixelLikelihood normal{{0.0, 0.0, variance}};

struct Example {
  recon::Scene truth;
  core::TiltSeries series; ///< of the truth
  recon::Scene start;      ///< atoms, strengths, poses, gains and profile off it
  recon::FreeParameters free;

  /// Atoms on a jittered lattice, seen from 15 sides.
  Example() {
    core::RandomStream random(5, "scene fit");
    const auto vector = [&](double scale) {
      return core::Vec3(scale * random.normal(), scale * random.normal(), scale * random.normal());
    };
    for (int i = -1; i <= 1; ++i) {
      for (int j = -1; j <= 1; ++j) {
        for (int k = -1; k <= 1; ++k) {
          truth.positions.push_back(2.4 * core::Vec3(i, j, k) + vector(0.4));
          truth.strengths.push_back(1.0 + random.uniform());
        }
      }
    }
    truth.species.assign(truth.size(), 0);
    truth.profiles = {{{{2.0, 0.56}, {1.4, 1.04}}}};
    truth.tilts = test::tilts_over(15, 150.0, 0.0);
    for (recon::TiltState& tilt : truth.tilts) {
      tilt.pose.shift = {0.2 * random.normal(), 0.2 * random.normal()};
      tilt.gain = 1.0 + 0.05 * random.normal();
    }
    series = test::series_of(truth, pixel, n);
    start = truth;
    for (std::size_t a = 0; a < start.size(); ++a) {
      start.positions[a] += vector(0.12);
      start.strengths[a] += 0.1 * random.normal();
    }
    constexpr double turn = 0.01; // 0.6 degrees
    for (recon::TiltState& tilt : start.tilts) {
      recon::PoseChange change;
      change << vector(turn), 0.2 * random.normal(), 0.2 * random.normal();
      tilt.pose = recon::moved(tilt.pose, change);
      tilt.gain += 0.05 * random.normal();
    }
    start.profiles = {{{{1.0, 0.56}, {1.0, 1.04}}}};
    free.strengths = free.shift = free.angles = true;
    free.background = false;
  }

  /// Between neighbouring tilts, so that a turn of the whole does not count [degree].
  [[nodiscard]] double turn_error(const recon::Scene& scene) const {
    double worst = 0.0;
    for (std::size_t t = 1; t < truth.tilts.size(); ++t) {
      const auto step = [t](const recon::Scene& of) -> core::Mat3 {
        return of.tilts[t].pose.orientation * of.tilts[t - 1].pose.orientation.transpose();
      };
      worst =
          std::max(worst, core::rotation_angle_between(step(scene), step(truth)) / core::radian_per_degree);
    }
    return worst;
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(atoms_and_poses_come_back_together, Example) {
  BOOST_TEST(turn_error(start) > 0.8);
  recon::Scene scene = start;
  const int steps = recon::fit_scene(scene, {series, normal}, free, {}, one);
  const recon::ImageMisfit left = recon::misfit(scene, {series, normal}, one);
  BOOST_TEST_MESSAGE(steps << " steps, " << turn_error(scene) << " degrees, R1 " << left.r1[3]);
  BOOST_TEST(turn_error(scene) < 0.05);
  BOOST_TEST(*std::max_element(left.r1.begin(), left.r1.end()) < 0.01);
  double mean_gain = 0.0;
  for (const recon::TiltState& tilt : scene.tilts)
    mean_gain += tilt.gain / static_cast<double>(scene.tilts.size());
  BOOST_TEST(std::abs(mean_gain - 1.0) < 1e-9);
  recon::Scene again = start;
  (void)recon::fit_scene(again, {series, normal}, free, {}, core::Threads{3});
  for (std::size_t t = 0; t < scene.tilts.size(); ++t)
    BOOST_TEST((again.tilts[t].pose.orientation == scene.tilts[t].pose.orientation));
}

BOOST_FIXTURE_TEST_CASE(single_tilts_are_found, Example) {
  recon::Scene scene = truth;
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    scene.tilts[t].pose = start.tilts[t].pose;
    scene.tilts[t].gain = 1.2;
  }
  const std::vector<core::Vec3> positions = scene.positions;
  const std::vector<double> losses = recon::fit_tilts(scene, series, normal, free, 12, core::Threads{2});
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    double square = 0.0;
    for (const float v : series.images[t].data)
      square += static_cast<double>(v) * static_cast<double>(v);
    // Windows end at 1e-4 of an atom's height, beyond which the formula has more.
    BOOST_TEST(std::sqrt(2.0 * variance * losses[t] / square) < 1e-3);
    BOOST_TEST(core::rotation_angle_between(scene.tilts[t].pose.orientation,
                                            truth.tilts[t].pose.orientation) < 1e-3);
    BOOST_TEST((scene.tilts[t].pose.shift - truth.tilts[t].pose.shift).norm() < 1e-3);
  }
  BOOST_TEST((scene.positions == positions));
  free.angles = false;
  recon::Scene held = truth;
  held.tilts = start.tilts;
  const std::vector<double> more = recon::fit_tilts(held, series, normal, free, 12, one);
  for (std::size_t t = 0; t < held.tilts.size(); ++t) {
    BOOST_TEST((held.tilts[t].pose.orientation == start.tilts[t].pose.orientation));
    BOOST_TEST(more[t] > losses[t]);
  }
}

BOOST_FIXTURE_TEST_CASE(what_is_held_stays, Example) {
  free.angles = false;
  recon::Scene shifts = start;
  (void)recon::fit_scene(shifts, {series, normal}, free, {2, 1e-4}, one);
  BOOST_TEST((shifts.tilts[3].pose.orientation == start.tilts[3].pose.orientation));
  BOOST_TEST((shifts.tilts[3].pose.shift != start.tilts[3].pose.shift));
  free.shift = free.gain = false;
  recon::Scene atoms = start;
  int told = 0;
  const int steps = recon::fit_scene(atoms, {series, normal}, free, {2, 1e-9}, one,
                                     [&](int step, double loss) { told += loss > 0.0 ? step : 0; });
  BOOST_TEST((atoms.tilts[3].pose.shift == start.tilts[3].pose.shift));
  BOOST_TEST(steps == 2);
  BOOST_TEST(told == 3);
}

BOOST_AUTO_TEST_SUITE_END()
