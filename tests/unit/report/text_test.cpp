#include "validation/report/text.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

BOOST_AUTO_TEST_SUITE(text)

using namespace aet::validation::page;

BOOST_AUTO_TEST_CASE(numbers_have_four_digits_and_no_trailing_zeros) {
  BOOST_TEST(format_number(0.99834) == "0.9983");
  BOOST_TEST(format_number(0.95) == "0.95");
  BOOST_TEST(format_number(17.2449) == "17.24");
  BOOST_TEST(format_number(208) == "208");
  BOOST_TEST(format_number(19993) == "19\u2009993");
  BOOST_TEST(format_number(-0.25) == "\u22120.25");
  BOOST_TEST(format_number(0) == "0");
  BOOST_TEST(format_number(12345.6) == "12\u2009346");
}

BOOST_AUTO_TEST_CASE(small_and_large_numbers_have_a_power_of_ten) {
  BOOST_TEST(format_number(3.21e-5) == "3.21\u2009\u00d7\u200910\u207b\u2075");
  BOOST_TEST(format_number(9.999e-4) == "1\u2009\u00d7\u200910\u207b\u00b3");
  BOOST_TEST(format_number(1.5e13) == "1.5\u2009\u00d7\u200910\u00b9\u00b3");
  BOOST_TEST(format_number(std::numeric_limits<double>::quiet_NaN()) == "not a number");
}

BOOST_AUTO_TEST_CASE(keys_become_words_and_units) {
  BOOST_TEST(label_of_key("mean_deviation_pm").words == "Mean deviation");
  BOOST_TEST(label_of_key("mean_deviation_pm").unit == "pm");
  BOOST_TEST(label_of_key("some_new_length_a").words == "Some new length");
  BOOST_TEST(label_of_key("some_new_length_a").unit == "\u00c5");
  BOOST_TEST(label_of_key("").words.empty());
  BOOST_TEST(rank_of_key("common") < rank_of_key("consistency"));
  BOOST_TEST(rank_of_key("consistency") < rank_of_key("unheard_of"));
}

// Test vectors of RFC 4648, section 10.
BOOST_AUTO_TEST_CASE(base64_is_the_standard_one) {
  BOOST_TEST(base64("").empty());
  BOOST_TEST(base64("f") == "Zg==");
  BOOST_TEST(base64("fo") == "Zm8=");
  BOOST_TEST(base64("foobar") == "Zm9vYmFy");
  BOOST_TEST(base64("\xff\xfe\xfd") == "//79");
}

BOOST_AUTO_TEST_CASE(json_cannot_end_its_element) {
  BOOST_TEST(json_for_html(R"({"a":"</script><!--&"})") == R"({"a":"\u003c/script\u003e\u003c!--\u0026"})");
}

BOOST_AUTO_TEST_SUITE_END()
