#include "sim/core/random.hpp"
#include "validation/score/uncertainty.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(uncertainty)

using namespace aet;

BOOST_AUTO_TEST_CASE(bootstrap_width_is_that_of_theory) {
  // Normal errors of sd s along three axes: the RMSD s sqrt(3) of n atoms has the standard deviation s /
  // sqrt(2 n).
  core::RandomStream random(5, "test.bootstrap");
  const std::size_t n = 2000;
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> z;
  for (std::size_t i = 0; i < n; ++i) {
    x.push_back(std::pow(random.normal(), 2));
    y.push_back(std::pow(random.normal(), 2));
    z.push_back(std::pow(random.normal(), 2));
  }
  const auto intervals = validation::bootstrap_errors(x, y, z, 400, 1);
  const double expected = 2.0 * 1.96 / std::sqrt(2.0 * static_cast<double>(n));
  const double width = intervals.rmsd.second - intervals.rmsd.first;
  BOOST_TEST(std::abs(width / expected - 1.0) < 0.2); // 2.5 % tails of 400 resamples
  BOOST_TEST(intervals.rmsd.first < std::sqrt(3.0));
  BOOST_TEST(intervals.rmsd.second > std::sqrt(3.0));
  BOOST_TEST(intervals.median.first < intervals.median.second);
  const auto again = validation::bootstrap_errors(x, y, z, 400, 1);
  BOOST_TEST((again.rmsd == intervals.rmsd));
  BOOST_TEST((validation::bootstrap_rms(x, 400, 1) == intervals.rmsd_x)); // the same draws
}

BOOST_AUTO_TEST_SUITE_END()
