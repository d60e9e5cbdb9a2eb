#include "recon/images/gaussian.hpp"
#include "recon/images/image_content.hpp"
#include "recon/refine/contrast.hpp"
#include "recon/refine/effective_noise.hpp"
#include "recon/refine/held_places.hpp"
#include "recon/refine/refine.hpp"
#include "recon/refine/support.hpp"
#include "recon/refine/withheld.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(denoised)

using namespace aet;

namespace {

constexpr core::Threads one{1};

/// The cluster, its images smoothed by a Gaussian of one pixel after the counts were drawn.
struct Smoothed : test::Cluster {
  Smoothed() {
    for (core::Image& image : series.images)
      image = recon::gaussian_smoothed(image, 1.0);
  }
};

/// White noise with or without a blur, one buffer an image.
std::vector<recon::PixelBuffer> noise_buffers(int tilts, int n, double blur) {
  std::vector<recon::PixelBuffer> buffers;
  for (int t = 0; t < tilts; ++t) {
    core::RandomStream stream(4, "test noise", {static_cast<std::uint32_t>(t)});
    core::Image image(n, n);
    for (float& v : image.data)
      v = static_cast<float>(stream.normal());
    image = recon::gaussian_smoothed(image, blur);
    recon::PixelBuffer& buffer = buffers.emplace_back(n, n);
    for (std::size_t i = 0; i < buffer.data.size(); ++i)
      buffer.data[i] = static_cast<double>(image.data[i]);
  }
  return buffers;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_model_survives_denoised_images_and_gets_better, Smoothed) {
  const recon::RefineResult r = recon::refine(series, start, std::vector<int>(start.size(), 0), {}, one);
  BOOST_TEST(r.effective);
  BOOST_TEST(r.noise_source == "effective, from the misfit");
  BOOST_TEST(r.converged);
  BOOST_TEST(!r.failed);
  BOOST_TEST(r.scene.size() == truth.size());
  BOOST_TEST(rmsd(r.scene.positions) < 0.3 * rmsd(start));
  // The start is far off, so that holding it firmly predicts worse.
  BOOST_TEST(r.held_sd_a.value_or(1.0) >= 0.2);
  BOOST_TEST(r.correlation_area > 5.0); // 4 pi for a Gaussian of one pixel
  BOOST_TEST(r.correlation_area < 20.0);
  BOOST_TEST(r.chi2_per_pixel() == 1.0, boost::test_tools::tolerance(0.2));
  BOOST_TEST(std::any_of(r.notes.begin(), r.notes.end(),
                         [](const std::string& note) { return test::contains(note, "least squares"); }));
}

BOOST_FIXTURE_TEST_CASE(places_that_are_right_are_held, Smoothed) {
  const recon::RefineResult r =
      recon::refine(series, truth.positions, std::vector<int>(truth.size(), 0), {}, one);
  BOOST_TEST(r.held_sd_a.has_value());
  BOOST_TEST(*r.held_sd_a <= 0.05);
  // An atom that is missing there stays missing: the misfit is no noise that could ask for it.
  const std::vector<core::Vec3> fewer(truth.positions.begin(), truth.positions.end() - 1);
  BOOST_TEST(recon::refine(series, fewer, std::vector<int>(fewer.size(), 0), {}, one).added == 0U);
  const recon::RefineResult free = recon::refine(series, start, std::vector<int>(start.size(), 0), {}, one);
  BOOST_TEST(rmsd(r.scene.positions) < 0.8 * rmsd(free.scene.positions));
  const recon::Restraint held = recon::held_to({{0.0, 0.0, 0.0}}, {{0.0, 0.0, 0.5}, {0.0, 0.0, 2.0}}, 0.1);
  BOOST_TEST(held.places[0].norm() == 0.0);
  BOOST_TEST(held.places[1].z() == 2.0); // no place is near: held where it is
  BOOST_TEST(held.precision == 100.0, boost::test_tools::tolerance(1e-12));
}

BOOST_FIXTURE_TEST_CASE(a_model_of_another_specimen_is_refused, Smoothed) {
  std::vector<core::Vec3> other = test::cluster(5.5, 2.8, 77);
  for (core::Vec3& p : other)
    p = core::rotation_from_euler({0.7, 0.4, 1.1}) * p;
  const auto refuse = [&](const core::TiltSeries& images) {
    return test::message_of<core::DataError>(
        [&] { (void)recon::refine(images, other, std::vector<int>(other.size(), 0), {}, one); });
  };
  BOOST_TEST(test::contains(refuse(series), "places of chance", "belong to this model"));
  BOOST_TEST(test::contains(refuse(test::series_of(truth, 0.3, 52, 7)), "places of chance"));
}

BOOST_FIXTURE_TEST_CASE(withheld_tilts_tell_a_cut_model_from_a_cleaned_one, Smoothed) {
  const core::TiltSeries counts = test::series_of(truth, 0.3, 52, 7);
  const recon::SeriesLikelihood pixels(counts, recon::PixelLikelihood({1.0, 0.0, 0.0}));
  const auto loss = [&](const recon::Scene& scene) {
    return recon::withheld_loss(scene, pixels, {}, {}, one);
  };
  recon::Scene cut = truth;
  cut.positions.resize(truth.size() - 5);
  cut.species.resize(truth.size() - 5);
  BOOST_TEST(loss(cut) > loss(truth));
  recon::Scene crowded = truth;
  for (std::size_t a = 0; a < 8; ++a) {
    crowded.positions.push_back(truth.positions[a] + core::Vec3(0.8, 0.8, 0.8));
    crowded.species.push_back(0);
  }
  BOOST_TEST(loss(truth) < loss(crowded));
}

BOOST_AUTO_TEST_CASE(few_images_are_withheld_in_several_folds) {
  using Folds = std::vector<std::vector<std::size_t>>;
  BOOST_TEST(recon::withheld_folds(7).empty());
  BOOST_TEST((recon::withheld_folds(21) == Folds{{3, 11, 19}, {7, 15}, {1, 9, 17}}));
  BOOST_TEST(recon::withheld_folds(60).size() == 1U);
  // Gains 1, 2, 3: mean 2, standard error of the mean 1/sqrt(3).
  BOOST_TEST(recon::gain_in_standard_errors({5.0, 5.0, 5.0}, {4.0, 3.0, 2.0}) == 2.0 * std::sqrt(3.0),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(recon::gain_in_standard_errors({5.0, 5.0}, {5.0, 5.0}) == 0.0);
  BOOST_TEST(recon::gain_in_standard_errors({5.0, 9.0}, {9.0, 5.0}) == 0.0);
}

BOOST_AUTO_TEST_CASE(deviations_that_go_together_count_as_one) {
  const double pixels = 6.0 * 64.0 * 64.0;
  const recon::EffectiveNoise white = recon::effective_noise(noise_buffers(6, 64, 0.0), pixels, one);
  BOOST_TEST(white.variance == 1.0, boost::test_tools::tolerance(0.05));
  BOOST_TEST(white.area == 1.0);
  const double sigma = 1.5;
  const recon::EffectiveNoise blurred = recon::effective_noise(noise_buffers(6, 64, sigma), pixels, one);
  const double area = 4.0 * std::numbers::pi * sigma * sigma; // of a Gaussian's autocorrelation
  BOOST_TEST(blurred.area == area, boost::test_tools::tolerance(0.2));
  BOOST_TEST(blurred.variance == 1.0 / area, boost::test_tools::tolerance(0.2));
}

BOOST_FIXTURE_TEST_CASE(contrast_r1_ignores_scale_and_constant, Smoothed) {
  const recon::PixelLikelihood noise({1.0, 0.0, 0.0});
  recon::Scene scene = truth;
  const core::TiltSeries exact = test::series_of(truth, 0.3, 52);
  BOOST_TEST(recon::contrast_r1(truth, {exact, noise}, one) < 1e-4);
  const double before = recon::contrast_r1(truth, {series, noise}, one);
  for (recon::TiltState& tilt : scene.tilts) {
    tilt.gain *= 3.0;
    tilt.background -= 7.0;
  }
  BOOST_TEST(recon::contrast_r1(scene, {series, noise}, one) == before, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()
