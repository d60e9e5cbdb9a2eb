#include "recon/images/gaussian.hpp"
#include "recon/refine/depth.hpp"
#include "recon/refine/refine.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(depth)

using namespace aet;
using test::Cluster;

namespace {

constexpr core::Threads one{1};
const recon::PixelLikelihood poisson{{1.0, 0.0, 0.0}};

/// A cluster that is so deep, for its probe, that the outermost atoms are twice as wide as those in focus.
struct DeepCluster : Cluster {
  DeepCluster() {
    truth.depth.spread = 3.0 * 0.45 * 0.45 / (5.5 * 5.5);
    series = test::series_of(truth, 0.3, 60, 7);
  }
};

recon::Scene without_depth(recon::Scene scene) {
  scene.depth = {};
  return scene;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_change_that_the_images_show_is_found, DeepCluster) {
  recon::Scene scene = without_depth(truth);
  BOOST_TEST(recon::change_with_height(scene, {series, poisson}, {}, one));
  // Gaussians of both widths share the blur: some percent.
  BOOST_TEST(scene.depth.spread == truth.depth.spread, boost::test_tools::tolerance(0.2));
  BOOST_TEST(std::abs(scene.depth.focus) < 0.5);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_changed_where_the_images_show_none, Cluster) {
  recon::Scene scene = truth;
  scene.profiles[0].terms[0].sigma = 0.5;
  BOOST_TEST(!recon::change_with_height(scene, {series, poisson}, {}, one));
  BOOST_TEST(!scene.depth.active());
  BOOST_TEST(scene.profiles[0].terms[0].sigma == 0.5);
}

BOOST_FIXTURE_TEST_CASE(a_deep_specimen_is_refined_better_with_it, DeepCluster) {
  const std::vector<int> species(start.size(), 0);
  recon::RefineOptions flat;
  flat.depth = false;
  const recon::RefineResult without = recon::refine(series, start, species, flat, one);
  const recon::RefineResult with = recon::refine(series, start, species, {}, one);
  BOOST_TEST(with.scene.depth.active());
  BOOST_TEST(!without.scene.depth.active());
  BOOST_TEST(with.scene.size() == truth.size());
  BOOST_TEST(with.chi2_per_pixel() < 1.02); // 75,600 pixels: a standard error of .005
  // The same counts twice, so the difference is far more certain than either: .008 of it are 300
  // of half the deviance, where three parameters gain 1.5 by chance.
  BOOST_TEST(with.chi2_per_pixel() < without.chi2_per_pixel() - 0.008);
  BOOST_TEST(rmsd(with.scene.positions) < 0.9 * rmsd(without.scene.positions));
}

// Nothing says by chance how far the misfit of such images falls.
BOOST_FIXTURE_TEST_CASE(images_without_a_noise_of_their_own_are_not_asked, DeepCluster) {
  for (core::Image& image : series.images)
    image = recon::gaussian_smoothed(image, 1.0);
  const recon::RefineResult r = recon::refine(series, start, std::vector<int>(start.size(), 0), {}, one);
  BOOST_TEST(r.effective);
  BOOST_TEST(!r.failed);
  BOOST_TEST(!r.scene.depth.active());
}

BOOST_AUTO_TEST_SUITE_END()
