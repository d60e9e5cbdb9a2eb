#include "recon/images/image_list.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

BOOST_AUTO_TEST_SUITE(image_list)

using namespace aet;
using Numbers = std::vector<std::size_t>;

BOOST_AUTO_TEST_CASE(numbers_and_ranges_are_read) {
  BOOST_TEST((recon::image_list("", 3) == Numbers{0, 1, 2}));
  BOOST_TEST((recon::image_list("4", 9) == Numbers{4}));
  BOOST_TEST((recon::image_list("5-7, 1", 9) == Numbers{1, 5, 6, 7}));
  BOOST_TEST((recon::image_list("1-8/3,4,2", 9) == Numbers{1, 2, 4, 7}));
  BOOST_TEST((recon::image_list("0-8/2", 9) == Numbers{0, 2, 4, 6, 8}));
}

BOOST_AUTO_TEST_CASE(what_is_no_part_of_the_series_is_refused) {
  for (const std::string text : {"9", "3-2", "5-9", "0-99999999999"}) {
    const std::string message =
        test::message_of<core::ConfigError>([&] { (void)recon::image_list(text, 9); });
    BOOST_TEST(test::contains(message, text));
  }
  for (const std::string text : {"a", "1-", "-1", "1-2-3", "4/2", "1-4/0", "1-4/-1", "1.5"}) {
    const std::string message =
        test::message_of<core::ConfigError>([&] { (void)recon::image_list(text, 9); });
    BOOST_TEST(test::contains(message, "'" + text + "'", "2-9/3"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
