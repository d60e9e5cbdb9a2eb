#include "recon/volume/shift.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(shift)

namespace {

using namespace aet;

} // namespace

BOOST_AUTO_TEST_CASE(whole_pixels_are_copied) {
  const core::Image image = test::noise_image(12, 3);
  const core::Image moved = recon::shifted(image, 2.0, -3.0);
  for (int y = 0; y < 12; ++y) {
    for (int x = 0; x < 12; ++x) {
      const bool inside = x - 2 >= 0 && y + 3 < 12;
      BOOST_TEST(moved.at(x, y) == (inside ? image.at(x - 2, y + 3) : 0.0F));
    }
  }
}

BOOST_AUTO_TEST_CASE(fractions_of_a_pixel_agree_with_the_formula) {
  // Blobs of 1.5 pixels sd are band-limited to exp(-(1.5 pi)^2 / 2) = 1.5e-5 of their height; heights are
  // near 4.
  const int n = 40;
  const std::vector<test::Blob> here{{{1.0, -2.0, 0.0}, 1.5, 1.0}, {{-4.0, 3.0, 0.0}, 1.5, 0.7}};
  std::vector<test::Blob> there = here;
  for (test::Blob& b : there)
    b.centre += core::Vec3(1.3, -2.6, 0.0);
  const core::Image moved =
      recon::shifted(test::projection_of(here, core::Mat3::Identity(), n, n), 1.3, -2.6);
  const core::Image wanted = test::projection_of(there, core::Mat3::Identity(), n, n);
  float worst = 0.0F;
  for (std::size_t i = 0; i < moved.data.size(); ++i)
    worst = std::max(worst, std::abs(moved.data[i] - wanted.data[i]));
  BOOST_TEST(worst < 3e-4F);
}

BOOST_AUTO_TEST_SUITE_END()
