#include "recon/published/gradient_refinement.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_published/series.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>

BOOST_AUTO_TEST_SUITE(gradient)

using namespace aet;
using namespace aet::recon::published;

namespace {

Model perturbed(Model model, double sd, std::uint64_t seed) {
  core::RandomStream random(seed, "test.perturb");
  for (auto& p : model.positions)
    p += sd * core::Vec3(random.normal(), random.normal(), random.normal());
  for (auto& s : model.parameters) {
    s.h *= 0.7;
    s.b_a2 = 9.0;
  }
  return model;
}

} // namespace

BOOST_AUTO_TEST_CASE(perturbed_atoms_return_on_clean_images) {
  const Model truth = test::small_particle(3, 1);
  const auto series = test::linear_series(truth, 11, 40, 0.0, 1);
  const Model start = perturbed(truth, 0.15, 2);
  BOOST_TEST(test::rms_distance(start.positions, truth.positions) > 0.2);
  const auto result = refine_gradient(series, start, {}, {2});
  // Ten rounds of ten steps of steepest descent leave the slowest modes (along the missing wedge) unfinished.
  BOOST_TEST(test::rms_distance(result.model.positions, truth.positions) < 0.01);
  BOOST_TEST(result.r.r1 < 0.01);
  BOOST_TEST(result.r.r_fourier < 0.02);
  for (std::size_t s = 0; s < 2; ++s) {
    BOOST_TEST(std::abs(result.model.parameters[s].b_a2 - truth.parameters[s].b_a2) < 0.1);
    BOOST_TEST(std::abs(result.model.parameters[s].h / truth.parameters[s].h - 1.0) < 0.01);
  }
  BOOST_TEST(result.error.back() < 1e-3 * result.error_before);
  for (std::size_t i = 1; i < result.error.size(); ++i)
    BOOST_TEST(result.error[i] <= result.error[i - 1]);
}

BOOST_AUTO_TEST_CASE(noise_leaves_a_small_error_and_threads_nothing) {
  const Model truth = test::small_particle(3, 3);
  const auto series = test::linear_series(truth, 11, 40, 0.15, 2);
  const Model start = perturbed(truth, 0.15, 4);
  GradientOptions options;
  options.rounds = 4;
  const auto one = refine_gradient(series, start, options, {1});
  const auto two = refine_gradient(series, start, options, {2});
  BOOST_TEST(test::rms_distance(one.model.positions, two.model.positions) == 0.0);
  BOOST_TEST(test::rms_distance(one.model.positions, truth.positions) < 0.1);
  BOOST_TEST(one.moved_rms_a > 0.1);
}

BOOST_AUTO_TEST_CASE(the_rendered_image_is_the_plain_sum) {
  const Model truth = test::small_particle(2, 5);
  const auto series = test::linear_series(truth, 3, 32, 0.0, 3);
  double most = 0.0;
  double highest = 0.0;
  for (std::size_t j = 0; j < series.size(); ++j) {
    const auto image = render(truth, profiles_of(truth), series, j);
    for (std::size_t i = 0; i < image.size(); ++i) {
      most = std::max(most, std::abs(image[i] - static_cast<double>(series.images[j].data[i])));
      highest = std::max(highest, image[i]);
    }
  }
  BOOST_TEST(most < 2e-3 * highest); // each atom is cut off at 1e-4 of its height, eight of them overlap
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  const Model truth = test::small_particle(2, 6);
  auto series = test::linear_series(truth, 3, 32, 0.0, 4);
  const auto refusal = [&](const core::TiltSeries& s, const Model& m) {
    return test::message_of<core::DataError>([&] { (void)refine_gradient(s, m, {}, {1}); });
  };
  core::TiltSeries two = series;
  two.images.pop_back();
  two.orientations.pop_back();
  BOOST_TEST(test::contains(refusal(two, truth), "2 tilts", "at least 3"));
  core::TiltSeries no_size = series;
  no_size.pixel_size = 0.0;
  BOOST_TEST(test::contains(refusal(no_size, truth), "pixel size", "--pixel-a"));
  Model far = truth;
  for (auto& p : far.positions)
    p += core::Vec3(0, 500, 0);
  BOOST_TEST(test::contains(refusal(series, far), "outside the images", "belong together"));
  Model none = truth;
  none.positions.clear();
  none.species.clear();
  BOOST_TEST(test::contains(refusal(series, none), "no atoms"));
  core::TiltSeries negative = series;
  for (auto& image : negative.images)
    for (float& v : image.data)
      v = -v;
  BOOST_TEST(test::contains(refusal(negative, truth), "do not resemble the images"));
  GradientOptions options;
  options.rounds = 0;
  BOOST_TEST(test::contains(
      test::message_of<core::ConfigError>([&] { (void)refine_gradient(series, truth, options, {1}); }),
      "rounds is 0"));
}

BOOST_AUTO_TEST_SUITE_END()
