#include "recon/atoms/gaussian_mixture.hpp"
#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

BOOST_AUTO_TEST_SUITE(gaussian_mixture)

using namespace aet;

namespace {

/// Least sum of squares of k groups of sorted values, by trying every division.
double best_by_trial(const std::vector<double>& sorted, std::size_t from, int k) {
  const auto cost = [&](std::size_t a, std::size_t b) {
    double mean = 0.0;
    for (std::size_t i = a; i < b; ++i)
      mean += sorted[i] / static_cast<double>(b - a);
    double sum = 0.0;
    for (std::size_t i = a; i < b; ++i)
      sum += (sorted[i] - mean) * (sorted[i] - mean);
    return sum;
  };
  if (k == 1) return cost(from, sorted.size());
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t end = from + 1; end + static_cast<std::size_t>(k) - 1 <= sorted.size(); ++end)
    best = std::min(best, cost(from, end) + best_by_trial(sorted, end, k - 1));
  return best;
}

} // namespace

BOOST_AUTO_TEST_CASE(two_gaussians_come_back_with_their_crossing_point) {
  core::RandomStream random(3, "test.mixture");
  std::vector<double> values;
  std::vector<int> start;
  for (int i = 0; i < 20000; ++i) {
    const bool high = random.uniform() < 0.7;
    values.push_back(high ? 10.0 + 1.5 * random.normal() : 5.0 + random.normal());
    start.push_back(values.back() > 8.5 ? 1 : 0); // not at the crossing point
  }
  const auto fit = recon::fit_mixture(values, start, 2);
  // Standard errors at 20,000 values: 0.004 of the weight, 0.015 of means, 0.01 of widths; overlap doubles
  // them.
  BOOST_TEST(std::abs(fit.components[1].weight - 0.7) < 0.02);
  BOOST_TEST(std::abs(fit.components[0].mean - 5.0) < 0.1);
  BOOST_TEST(std::abs(fit.components[0].sd - 1.0) < 0.07);
  BOOST_TEST(std::abs(fit.components[1].mean - 10.0) < 0.1);
  BOOST_TEST(std::abs(fit.components[1].sd - 1.5) < 0.07);
  // 0.3 N(x; 5, 1) = 0.7 N(x; 10, 1.5) between the means: x = 6.8375.
  BOOST_TEST(std::abs(recon::crossing_point(fit, 0) - 6.8375) < 0.1);
  const auto p = fit.posterior(recon::crossing_point(fit, 0));
  BOOST_TEST(std::abs(p[0] - 0.5) < 1e-6);
}

BOOST_AUTO_TEST_CASE(labels_below_zero_take_no_part) {
  const auto fit = recon::fit_mixture({1, 2, 3, 100}, {0, 0, 0, -1}, 1);
  BOOST_TEST(fit.components[0].mean == 2.0);
}

BOOST_AUTO_TEST_CASE(k_means_is_the_best_division_there_is) {
  core::RandomStream random(4, "test.k_means");
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<double> values;
    for (int i = 0; i < 18; ++i)
      values.push_back(random.uniform() + (i % 3));
    const auto label = recon::k_means_1d(values, 3);
    double cost = 0.0;
    for (int c = 0; c < 3; ++c) {
      double mean = 0.0;
      double members = 0.0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (label[i] != c) continue;
        members += 1.0;
        mean += (values[i] - mean) / members;
      }
      for (std::size_t i = 0; i < values.size(); ++i)
        cost += label[i] == c ? (values[i] - mean) * (values[i] - mean) : 0.0;
    }
    std::vector<double> sorted(values);
    std::sort(sorted.begin(), sorted.end());
    BOOST_TEST(std::abs(cost - best_by_trial(sorted, 0, 3)) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(many_values_are_binned_without_harm) {
  core::RandomStream random(5, "test.k_means");
  std::vector<double> values;
  for (int i = 0; i < 20000; ++i)
    values.push_back((i % 2 == 0 ? 0.0 : 10.0) + random.normal());
  const auto label = recon::k_means_1d(values, 2);
  for (std::size_t i = 0; i < values.size(); ++i)
    BOOST_REQUIRE_EQUAL(label[i], values[i] > 5.0 ? 1 : 0);
}

BOOST_AUTO_TEST_CASE(too_few_values_are_an_error) {
  BOOST_TEST(test::contains(test::message_of<core::DataError>([] {
                              (void)recon::k_means_1d({1, 1, 1}, 2);
                            }),
                            "1 different intensities", "2 groups"));
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>([] {
                              (void)recon::k_means_1d({1, 2}, 9);
                            }),
                            "9"));
}

BOOST_AUTO_TEST_SUITE_END()
