#include "recon/chain/alignment.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(alignment)

// Poses can be fitted to noise for as long as one likes: that there is nothing in it is said first.
BOOST_AUTO_TEST_CASE(images_of_nothing_are_refused_before_poses_are_sought) {
  using namespace aet;
  core::TiltSeries series;
  series.pixel_size = 0.4;
  for (std::uint32_t t = 0; t < 8; ++t) {
    core::RandomStream stream(3, "test white", {t});
    core::Image image(48, 48);
    for (float& v : image.data)
      v = static_cast<float>(100.0 + 7.0 * stream.normal());
    series.images.push_back(std::move(image));
    series.orientations.push_back(core::tilt_rotation(0.2 * t));
  }
  recon::AlignmentOptions options;
  options.refine.emplace();
  const auto refuse = [](const core::Progress&) { throw std::logic_error("work began"); };
  const std::string message = test::message_of<core::DataError>(
      [&] { static_cast<void>(recon::align_series(series, options, core::Threads{1}, refuse)); });
  BOOST_TEST(test::contains(message, "no information on atoms", "white noise"));
}

BOOST_AUTO_TEST_SUITE_END()
