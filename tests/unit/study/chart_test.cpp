#include "tests/support/message.hpp"
#include "validation/study/chart.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <string>

BOOST_AUTO_TEST_SUITE(chart)

using namespace aet;
using validation::Chart;

BOOST_AUTO_TEST_CASE(ticks_are_round_and_inside) {
  const std::vector<double> expected{0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
  const auto linear = validation::ticks(0.0, 1.0, false);
  BOOST_REQUIRE(linear.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    BOOST_TEST(std::abs(linear[i] - expected[i]) < 1e-12);
  const std::vector<double> decades{1000.0, 2000.0, 5000.0, 10000.0, 20000.0, 50000.0};
  const auto log = validation::ticks(900.0, 60000.0, true);
  BOOST_REQUIRE(log.size() == decades.size());
  for (std::size_t i = 0; i < decades.size(); ++i)
    BOOST_TEST(std::abs(log[i] / decades[i] - 1.0) < 1e-12);
  BOOST_TEST(validation::ticks(1.0, 1e9, true).size() == 10U); // decades alone
}

BOOST_AUTO_TEST_CASE(points_stand_where_their_values_are) {
  Chart c;
  c.log_x = true;
  c.curves.push_back({"a", {{10.0, 1.0, {}, ""}, {100.0, 2.0, {}, ""}, {1000.0, 3.0, {}, ""}}, false, {}});
  const std::string svg = validation::svg_of(c);
  // The middle of three points equally far apart lies half-way between the others.
  std::vector<double> x;
  std::vector<double> y;
  for (auto at = svg.find("<circle"); at != std::string::npos; at = svg.find("<circle", at + 1)) {
    x.push_back(std::stod(svg.substr(svg.find("cx=\"", at) + 4)));
    y.push_back(std::stod(svg.substr(svg.find("cy=\"", at) + 4)));
  }
  BOOST_REQUIRE(x.size() == 3U);
  BOOST_TEST(std::abs(x[1] - 0.5 * (x[0] + x[2])) < 0.11); // written to 0.1
  BOOST_TEST(std::abs(y[1] - 0.5 * (y[0] + y[2])) < 0.11);
  BOOST_TEST(x[2] > x[0]);
  BOOST_TEST(y[2] < y[0]); // upwards
}

BOOST_AUTO_TEST_CASE(text_is_escaped_and_what_cannot_be_drawn_is_left_out) {
  Chart c;
  c.title = "<script>alert(1)</script>";
  c.log_y = true;
  c.curves.push_back(
      {"a & b", {{1.0, -1.0, {}, ""}, {2.0, std::numeric_limits<double>::quiet_NaN(), {}, ""}}, false, {}});
  std::string svg = validation::svg_of(c);
  BOOST_TEST(svg.find("<script>") == std::string::npos);
  BOOST_TEST(test::contains(svg, "no values yet"));
  c.curves[0].points.push_back({3.0, 5.0, 0.5, "x<y"});
  svg = validation::svg_of(c);
  BOOST_TEST(test::contains(svg, "a &amp; b", "x&lt;y"));
  BOOST_TEST(svg.find("nan") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
