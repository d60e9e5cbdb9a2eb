#include "recon/refine/profile_fit.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>

BOOST_AUTO_TEST_SUITE(profile_fit)

using namespace aet;

namespace {

constexpr core::Threads one{1};
const recon::PixelLikelihood poisson(recon::NoiseModel{1.0, 0.0, 0.0});

double radial(const recon::AtomProfile& profile, double r) {
  double sum = 0.0;
  for (const recon::GaussianTerm& g : profile.terms)
    sum += g.weight / (2.0 * std::numbers::pi * g.sigma * g.sigma) *
           std::exp(-0.5 * r * r / (g.sigma * g.sigma));
  return sum;
}

/// Profiles and backgrounds of the scene's atoms from the images alone.
void fit_profiles(recon::Scene& scene, const core::TiltSeries& series) {
  const recon::ProfileFitOptions options;
  const auto kinds = static_cast<int>(scene.profiles.size());
  scene.tilts = recon::nominal_tilts(series);
  recon::start_profiles(scene, {series, poisson}, kinds, options, one);
  for (int i = 0; i < 12; ++i)
    (void)recon::improve_profiles(scene, {series, poisson}, options, one);
}

} // namespace

BOOST_AUTO_TEST_CASE(profiles_are_found_from_images_alone) {
  recon::Scene truth;
  truth.positions = test::cluster(6.0, 2.8, 2);
  for (std::size_t a = 0; a < truth.size(); ++a)
    truth.species.push_back(a % 3 == 0 ? 1 : 0);
  truth.profiles = {{{{40.0, 0.42}, {15.0, 0.8}}}, {{{90.0, 0.5}}}};
  truth.tilts = test::tilts_over(9, 140.0, 3.0);
  const core::TiltSeries series = test::series_of(truth, 0.3, 60);
  recon::Scene scene = truth;
  fit_profiles(scene, series);
  for (std::size_t s = 0; s < 2; ++s) {
    for (double r = 0.0; r < 1.5; r += 0.1) {
      BOOST_TEST(std::abs(radial(scene.profiles[s], r) - radial(truth.profiles[s], r)) <
                 0.01 * radial(truth.profiles[s], 0.0)); // windows end at 1e-4, shared by some 20 atoms
    }
  }
  for (const recon::TiltState& t : scene.tilts)
    BOOST_TEST(t.background == 3.0, boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(the_light_of_missing_atoms_does_not_make_blobs_of_the_others) {
  // Three in four atoms are missing; without a limit the fit puts more than half of the profile into its
  // widest Gaussian.
  recon::Scene truth;
  truth.positions = test::cluster(7.0, 2.4, 2);
  truth.species.assign(truth.size(), 0);
  truth.profiles = {{{{40.0, 0.42}}}};
  truth.tilts = test::tilts_over(9, 140.0, 3.0);
  const core::TiltSeries series = test::series_of(truth, 0.3, 64);
  recon::Scene scene = truth;
  scene.positions.clear();
  for (std::size_t a = 0; a < truth.size(); a += 4)
    scene.positions.push_back(truth.positions[a]);
  scene.species.assign(scene.size(), 0);
  fit_profiles(scene, series);
  double narrow = 0.0;
  double wide = 0.0;
  for (const recon::GaussianTerm& g : scene.profiles[0].terms)
    (g.sigma > 0.9 ? wide : narrow) += g.weight;
  BOOST_TEST(wide <= 0.501 * narrow);
}

BOOST_AUTO_TEST_CASE(a_profile_that_is_wide_as_a_whole_is_found) {
  recon::Scene truth;
  truth.positions = test::cluster(6.0, 2.8, 2);
  truth.species.assign(truth.size(), 0);
  truth.profiles = {{{{60.0, 1.15}}}};
  truth.tilts = test::tilts_over(9, 140.0, 3.0);
  const core::TiltSeries series = test::series_of(truth, 0.3, 64);
  recon::Scene scene = truth;
  fit_profiles(scene, series);
  for (double r = 0.0; r < 2.5; r += 0.1)
    BOOST_TEST(std::abs(radial(scene.profiles[0], r) - radial(truth.profiles[0], r)) <
               0.03 * radial(truth.profiles[0], 0.0));
}

BOOST_AUTO_TEST_CASE(the_depth_of_focus_is_found) {
  recon::Scene truth;
  truth.positions = test::cluster(8.0, 3.0, 6);
  truth.species.assign(truth.size(), 0);
  truth.profiles = {{{{60.0, 0.45}}}};
  truth.depth = {2.5e-3, 1.0, -2e-3};
  truth.tilts = test::tilts_over(11, 150.0, 3.0);
  const core::TiltSeries series = test::series_of(truth, 0.3, 72);
  recon::Scene scene = truth;
  scene.depth = {};
  scene.profiles[0].terms[0].sigma = 0.5;
  recon::ProfileFitOptions options;
  options.terms = 1;
  options.depth_spread = options.depth_fade = true;
  for (int i = 0; i < 25; ++i)
    (void)recon::improve_profiles(scene, {series, poisson}, options, one);
  BOOST_TEST(scene.depth.spread == 2.5e-3, boost::test_tools::tolerance(0.02));
  BOOST_TEST(scene.depth.focus == 1.0, boost::test_tools::tolerance(0.03));
  BOOST_TEST(scene.depth.fade == -2e-3, boost::test_tools::tolerance(0.03));
}

// A spread that has come to nothing begins anew from a small one, which narrow profiles of bright atoms
// cannot bear: the fit once went on from there, ever further away.
BOOST_AUTO_TEST_CASE(a_step_never_leaves_the_images_worse_explained) {
  recon::Scene truth;
  truth.positions = test::cluster(8.0, 3.0, 6);
  truth.species.assign(truth.size(), 0);
  truth.profiles = {{{{6e4, 0.2}}}};
  truth.tilts = test::tilts_over(11, 150.0, 3.0);
  const core::TiltSeries series = test::series_of(truth, 0.3, 72);
  recon::Scene scene = truth;
  recon::ProfileFitOptions options;
  options.terms = 1;
  options.depth_spread = options.depth_fade = true;
  double loss = recon::misfit(scene, {series, poisson}, one).loss;
  for (int i = 0; i < 4; ++i) {
    scene.depth.spread = 0.0;
    loss = recon::misfit(scene, {series, poisson}, one).loss;
    const double gain = recon::improve_profiles(scene, {series, poisson}, options, one);
    BOOST_TEST(gain >= 0.0);
    BOOST_TEST(recon::misfit(scene, {series, poisson}, one).loss <= loss * (1.0 + 1e-9));
  }
}

BOOST_AUTO_TEST_CASE(the_saturation_is_found) {
  recon::Scene truth;
  truth.positions = test::cluster(8.0, 2.6, 6);
  truth.species.assign(truth.size(), 0);
  truth.profiles = {{{{60.0, 0.45}}}};
  truth.tilts = test::tilts_over(9, 150.0, 3.0);
  for (const double saturation : {3e-3, 0.0, -1e-3}) {
    truth.response.saturation = saturation;
    const core::TiltSeries series = test::series_of(truth, 0.3, 72);
    recon::Scene scene = truth;
    scene.response = {};
    scene.profiles[0].terms[0] = {45.0, 0.5};
    recon::ProfileFitOptions options;
    options.terms = 1;
    for (int i = 0; i < 25; ++i)
      (void)recon::improve_profiles(scene, {series, poisson}, options, one);
    // Windows end at 1e-4 of an atom's peak, and some twenty lie over each other: a percent of the weight.
    BOOST_TEST(std::abs(scene.response.saturation - saturation) < 1e-4);
    BOOST_TEST(scene.profiles[0].terms[0].weight == 60.0, boost::test_tools::tolerance(0.02));
  }
}

BOOST_AUTO_TEST_CASE(images_without_the_atoms_are_refused) {
  recon::Scene scene = test::small_scene(5);
  core::TiltSeries series = test::series_of(scene, 0.25, 44);
  for (core::Image& image : series.images)
    std::fill(image.data.begin(), image.data.end(), 4.0F);
  const std::string message = test::message_of<core::DataError>([&] {
    recon::start_profiles(scene, {series, poisson}, 2, {}, one);
  });
  BOOST_TEST(test::contains(message, "nothing at the positions", "pixel size"));
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  recon::ProfileFitOptions options;
  options.terms = 5;
  BOOST_TEST(
      test::contains(test::message_of<core::ConfigError>([&] { recon::check(options); }), "terms", "5", "4"));
  options = {};
  options.widest_a = 0.1;
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>([&] { recon::check(options); }), "widths"));
}

BOOST_AUTO_TEST_SUITE_END()
