#include "validation/report/pictures.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

BOOST_AUTO_TEST_SUITE(pictures)

using namespace aet;
using namespace aet::validation::page;

namespace {

int grey_at(const GreyStack& stack, int x, int y, int z) {
  return static_cast<std::uint8_t>(stack.bytes[static_cast<std::size_t>((z * stack.ny + y) * stack.nx + x)]);
}

double unpack(const PackedColumn& column, std::size_t i) {
  const auto low = static_cast<std::uint8_t>(column.bytes[2 * i]);
  const auto high = static_cast<std::uint8_t>(column.bytes[2 * i + 1]);
  const int word = low + 256 * high;
  return word == 65535 ? std::numeric_limits<double>::quiet_NaN() : column.low + column.step * word;
}

} // namespace

BOOST_AUTO_TEST_CASE(greys_run_from_dark_to_bright_and_keep_their_place) {
  core::Volume volume(3, 2, 2, 0.4);
  for (std::size_t i = 0; i < volume.data.size(); ++i)
    volume.data[i] = static_cast<float>(i);
  const GreyStack stack = grey_volume(volume, 1);
  BOOST_TEST(stack.bytes.size() == 12U);
  BOOST_TEST(grey_at(stack, 0, 0, 0) == 0);
  BOOST_TEST(grey_at(stack, 2, 1, 1) == 255);
  BOOST_TEST(grey_at(stack, 1, 0, 1) > grey_at(stack, 1, 1, 0)); // z is the slowest axis
}

BOOST_AUTO_TEST_CASE(bins_are_means_also_at_the_far_edge) {
  core::Image image(3, 3);
  image.at(0, 0) = 4.0F;
  image.at(2, 2) = 1.0F; // alone in its block, so its mean is itself, the same as that of the 2 x 2 block
  const std::vector<core::Image> images{image};
  const GreyStack stack = grey_images(images, 2);
  BOOST_TEST(stack.nx == 2);
  BOOST_TEST(stack.ny == 2);
  BOOST_TEST(grey_at(stack, 0, 0, 0) == grey_at(stack, 1, 1, 0));
  BOOST_TEST(grey_at(stack, 1, 0, 0) == 0);
}

BOOST_AUTO_TEST_CASE(a_flat_picture_has_a_scale) {
  const GreyStack stack = grey_volume(core::Volume(4, 4, 4, 1.0, 2.5F), 1);
  BOOST_TEST(stack.high > stack.low);
  BOOST_TEST(grey_at(stack, 0, 0, 0) == 0);
}

BOOST_AUTO_TEST_CASE(the_bin_is_the_smallest_that_fits) {
  BOOST_TEST(bin_to_fit(1000, 3, 1000) == 1);
  BOOST_TEST(bin_to_fit(1001, 3, 1000) == 2);
  BOOST_TEST(bin_to_fit(256UL * 256 * 256 * 3, 3, 4'000'000) == 3);
  BOOST_TEST(bin_to_fit(0, 2, 10) == 1);
}

BOOST_AUTO_TEST_CASE(packed_numbers_come_back_within_half_a_step) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i)
    values.push_back(50.0 * std::sin(i * 0.37));
  values[17] = std::numeric_limits<double>::quiet_NaN();
  const PackedColumn column = pack_column(values);
  BOOST_TEST(std::isnan(unpack(column, 17)));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (i != 17) BOOST_TEST(std::abs(unpack(column, i) - values[i]) <= 0.5001 * column.step);
  // 100 A in 65,534 steps: positions are kept to 0.08 pm.
  BOOST_TEST(column.step < 0.0016);
}

BOOST_AUTO_TEST_CASE(equal_numbers_and_no_numbers_are_packed_too) {
  BOOST_TEST(unpack(pack_column(std::vector<double>{2.5, 2.5}), 1) == 2.5);
  BOOST_TEST(pack_column(std::vector<double>{}).bytes.empty());
  BOOST_TEST(pack_integers(std::vector<std::size_t>{258}) == std::string("\x02\x01\0\0", 4));
}

BOOST_AUTO_TEST_SUITE_END()
