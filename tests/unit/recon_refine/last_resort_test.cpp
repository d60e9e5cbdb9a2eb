#include "recon/images/gaussian.hpp"
#include "recon/images/image_content.hpp"
#include "recon/images/series_noise.hpp"
#include "recon/refine/refine.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(last_resort)

using namespace aet;

namespace {

constexpr core::Threads one{1};

} // namespace

BOOST_FIXTURE_TEST_CASE(rounding_of_smoothed_images_is_not_taken_for_their_noise, test::Cluster) {
  // Rounding to 0.05 leaves white noise of 0.0144, beside which the smoothed counts deviate by some 0.4:
  // their variance is several hundred times what is estimated, and a hundred is absurd.
  for (core::Image& image : series.images) {
    image = recon::gaussian_smoothed(image, 1.5);
    for (float& v : image.data)
      v = 0.05F * std::round(v / 0.05F);
  }
  BOOST_TEST_REQUIRE(!recon::noise_smoothed(series));
  BOOST_TEST_REQUIRE(recon::noise_of(series).source == "estimated");
  const recon::RefineResult r = recon::refine(series, start, std::vector<int>(start.size(), 0), {}, one);
  BOOST_TEST(r.effective);
  BOOST_TEST(r.noise_source == "effective, from the misfit");
  BOOST_TEST(r.converged);
  BOOST_TEST(r.scene.size() == truth.size());
  BOOST_TEST(rmsd(r.scene.positions) < 0.5 * rmsd(start));
  BOOST_TEST(r.chi2_per_pixel() == 1.0, boost::test_tools::tolerance(0.2));
}

BOOST_FIXTURE_TEST_CASE(a_result_that_is_worse_than_the_start_is_not_returned, test::Cluster) {
  // Atoms 2.8 A apart are called crowded below 4 A, so that each must bring the evidence of one that is
  // hardly ever there. At a sixteenth of the dose three do not, though the images speak for them: few enough
  // to go without proof by withheld images, but not without being missed in the end.
  for (recon::GaussianTerm& term : truth.profiles[0].terms)
    term.weight *= 0.0605;
  series = test::series_of(truth, 0.3, 52, 7);
  recon::RefineOptions options;
  options.scatter = options.add = false;
  options.min_distance_a = 4.0;
  const std::vector<int> species(truth.size(), 0);
  const recon::RefineResult r = recon::refine(series, truth.positions, species, options, one);
  BOOST_TEST(r.failed);
  BOOST_TEST(!r.converged);
  BOOST_TEST(r.dropped == 3U);
  BOOST_TEST(r.scene.size() == truth.size());
  BOOST_TEST(r.evidence.size() == truth.size());
  BOOST_TEST(std::any_of(r.notes.begin(), r.notes.end(), [](const std::string& note) {
    return test::contains(note, "the start is returned");
  }));
  options.min_distance_a = 1.6;
  BOOST_TEST(!recon::refine(series, truth.positions, species, options, one).failed);
}

BOOST_AUTO_TEST_SUITE_END()
