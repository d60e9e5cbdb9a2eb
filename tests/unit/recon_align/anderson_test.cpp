#include "recon/align/anderson.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(anderson)

namespace {

using namespace aet;

/// g(x) = x + rate (1 - x), with rates from slow to fast: the fixed point is 1 everywhere.
std::vector<double> image_of(const std::vector<double>& x) {
  std::vector<double> out(x);
  for (std::size_t i = 0; i < x.size(); ++i)
    out[i] += (0.05 + 0.3 * static_cast<double>(i)) * (1.0 - x[i]);
  return out;
}

double error_after(std::size_t memory, int steps) {
  recon::Anderson mixing(memory);
  std::vector<double> x(3, 0.0);
  for (int i = 0; i < steps; ++i)
    x = mixing.next(x, image_of(x));
  double worst = 0.0;
  for (const double v : x)
    worst = std::max(worst, std::abs(v - 1.0));
  return worst;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_linear_map_of_three_rates_is_solved_in_a_few_steps) {
  // The plain iteration keeps 0.95^8 = 0.66 of the slow error; mixing three differences solves the linear
  // problem up to the damping of 1e-4.
  BOOST_TEST(error_after(0, 8) > 0.6);
  BOOST_TEST(error_after(3, 8) < 1e-3);
}

BOOST_AUTO_TEST_CASE(without_memory_it_is_the_plain_iteration) {
  recon::Anderson mixing(0);
  BOOST_TEST((mixing.next({1.0, 2.0}, {3.0, 5.0}) == std::vector<double>{3.0, 5.0}));
  BOOST_TEST((mixing.next({3.0, 5.0}, {4.0, 4.0}) == std::vector<double>{4.0, 4.0}));
}

BOOST_AUTO_TEST_SUITE_END()
