#include "recon/images/gaussian.hpp"
#include "recon/images/image_content.hpp"
#include "recon/images/series_noise.hpp"
#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(image_content)

using namespace aet;

namespace {

core::TiltSeries white_noise(double mean, double sd) {
  core::TiltSeries series;
  for (std::uint32_t t = 0; t < 8; ++t) {
    core::RandomStream stream(3, "test white", {t});
    core::Image image(48, 40);
    for (float& v : image.data)
      v = static_cast<float>(mean + sd * stream.normal());
    series.images.push_back(std::move(image));
    series.orientations.push_back(core::Mat3::Identity());
  }
  return series;
}

} // namespace

BOOST_AUTO_TEST_CASE(neighbours_in_white_noise_are_strangers) {
  const core::TiltSeries series = white_noise(100.0, 7.0);
  const recon::NeighbourCorrelation found = recon::neighbour_correlation(series);
  BOOST_TEST(std::abs(found.value) < 4.0 * found.chance);
  const recon::NeighbourCorrelation passed = recon::high_pass_correlation(series);
  BOOST_TEST(std::abs(passed.value + 0.8) < 4.0 * passed.chance);
  BOOST_TEST(!recon::noise_smoothed(series));
}

BOOST_AUTO_TEST_CASE(images_of_nothing_are_refused) {
  const auto message = [](const core::TiltSeries& series) {
    return test::message_of<core::DataError>([&] { recon::require_content(series); });
  };
  BOOST_TEST(test::contains(message(white_noise(100.0, 7.0)), "no information on atoms", "white noise"));
  BOOST_TEST(test::contains(message(white_noise(5.0, 0.0)), "no information on atoms", "one constant"));
}

BOOST_AUTO_TEST_CASE(smoothed_noise_is_no_noise) {
  core::TiltSeries series = white_noise(100.0, 7.0);
  BOOST_TEST(recon::find_noise(series).has_value());
  for (core::Image& image : series.images)
    image = recon::gaussian_smoothed(image, 0.8);
  recon::require_content(series);
  BOOST_TEST(recon::noise_smoothed(series));
  BOOST_TEST(!recon::find_noise(series).has_value());
  BOOST_CHECK_EXCEPTION((void)recon::noise_of(series), core::DataError, [](const core::DataError& e) {
    return test::contains(e.what(), "taken off or smoothed");
  });
}

BOOST_AUTO_TEST_SUITE_END()
