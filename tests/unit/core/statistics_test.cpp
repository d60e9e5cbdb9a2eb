#include "sim/core/error.hpp"
#include "sim/core/statistics.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(statistics)

using namespace aet::core;

BOOST_AUTO_TEST_CASE(quantiles_of_tables) { // Abramowitz and Stegun 26.10
  BOOST_TEST(std::abs(normal_quantile_above(0.025) - 1.95996) < 1e-5);
  BOOST_TEST(std::abs(student_t_quantile_above(0.025, 1) - 12.706) < 1e-3);
  BOOST_TEST(std::abs(student_t_quantile_above(0.025, 3) - 3.182) < 1e-3);
  BOOST_TEST(std::abs(student_t_quantile_above(0.05, 20) - 1.725) < 1e-3);
  BOOST_TEST(std::abs(student_t_quantile_above(0.025, 100000) - 1.95999) < 1e-4);
  BOOST_TEST(aet::test::contains(
      aet::test::message_of<ConfigError>([] { (void)student_t_quantile_above(0.05, 0); }), "1 degree"));
}

BOOST_AUTO_TEST_CASE(f_tail_in_closed_form) { // for two degrees of freedom above
  for (const double x : {0.1, 1.0, 5.0})
    BOOST_TEST(std::abs(f_tail(x, 2, 7) - std::pow(1.0 + 2.0 * x / 7.0, -3.5)) < 1e-13);
  BOOST_TEST(std::abs(f_tail(1.0, 5, 5) - 0.5) < 1e-13);
  BOOST_TEST(
      aet::test::contains(aet::test::message_of<ConfigError>([] { (void)f_tail(1.0, 0, 5); }), "positive"));
}

BOOST_AUTO_TEST_CASE(counts_by_hand) {
  BOOST_TEST(std::abs(binomial_cdf(1, 3, 0.25) - (27.0 + 27.0) / 64.0) < 1e-14);
  BOOST_TEST(std::abs(hypergeometric_cdf(0, 3, 2, 5) - 0.1) < 1e-14); // both of the two unmarked ones
}

BOOST_AUTO_TEST_CASE(wilson_values) {
  // 8 of 10: 0.4902 to 0.9433 (Newcombe, Stat. Med. 17, 857 (1998), method 3 without continuity correction).
  const auto [low, high] = wilson_interval(8, 10);
  BOOST_TEST(std::abs(low - 0.4902) < 1e-4);
  BOOST_TEST(std::abs(high - 0.9433) < 1e-4);
  BOOST_TEST(wilson_interval(10, 10).second == 1.0);
  BOOST_TEST(wilson_interval(10, 10).first < 0.75);
  BOOST_TEST(wilson_interval(0, 10).first < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
