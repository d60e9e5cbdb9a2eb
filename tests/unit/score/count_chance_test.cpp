#include "sim/core/random.hpp"
#include "validation/score/count_chance.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>
#include <vector>

BOOST_AUTO_TEST_SUITE(chance_of_counts)

using aet::core::RandomStream;
using aet::validation::chance_of_so_few;
using aet::validation::Count;
using aet::validation::fewest_explained;

namespace {

Count poisson(RandomStream& random, double mean) {
  return {static_cast<int>(random.poisson(mean)), {}};
}

Count binomial(RandomStream& random, int of, double share) {
  Count count{0, of};
  for (int i = 0; i < of; ++i)
    count.number += random.uniform() < share ? 1 : 0;
  return count;
}

/// Part of `trials` new runs of the same kind as `runs` accepted ones that are below `level`.
double alarms(const std::function<Count(RandomStream&)>& draw, int runs, double level, int trials,
              std::uint32_t stream) {
  RandomStream random(7, "test.counts", {stream});
  int below = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<Count> accepted;
    for (int run = 0; run < runs; ++run)
      accepted.push_back(draw(random));
    below += chance_of_so_few(draw(random), accepted) < level ? 1 : 0;
  }
  return static_cast<double>(below) / trials;
}

} // namespace

BOOST_AUTO_TEST_CASE(tails_are_exact) {
  // Poisson: all 11 events fell into the four accepted runs of five.
  BOOST_TEST(chance_of_so_few({0}, {{2}, {3}, {2}, {4}}) == std::pow(0.8, 11),
             boost::test_tools::tolerance(1e-9));
  BOOST_TEST(chance_of_so_few({0}, {{10}, {10}, {10}, {10}}) == std::pow(0.8, 40),
             boost::test_tools::tolerance(1e-9));
  // Fisher: of 20, of which 10 were had, the new run drew none of those in 10: 1 / C(20, 10).
  BOOST_TEST(chance_of_so_few({0, 10}, {{10, 10}}) == 1.0 / 184756.0, boost::test_tools::tolerance(1e-9));
  // Of 9, of which 4: C(5, 2) / C(9, 2).
  BOOST_TEST(chance_of_so_few({0, 2}, {{4, 7}}) == 10.0 / 36.0, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(chance_of_so_few({5, 5}, {{3, 5}, {5, 5}}) == 1.0, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(without_anything_to_go_by_nothing_is_a_surprise) {
  BOOST_TEST(chance_of_so_few({0, 10}, {}) == 1.0);
  BOOST_TEST(chance_of_so_few({0, 0}, {{10, 10}}) == 1.0);
  BOOST_TEST(chance_of_so_few({0, 10}, {{0, 0}, {0, 0}}) == 1.0);
  BOOST_TEST(chance_of_so_few({0}, {{0}, {0}}) == 1.0);
}

BOOST_AUTO_TEST_CASE(a_zero_among_accepted_runs_makes_another_no_surprise) {
  BOOST_TEST(chance_of_so_few({0}, {{40}, {0}, {35}, {50}}) >= 0.4);
  BOOST_TEST(chance_of_so_few({0, 40}, {{40, 40}, {0, 40}, {40, 40}, {40, 40}}) >= 0.4);
}

BOOST_AUTO_TEST_CASE(a_true_loss_is_found) {
  const double level = 0.01 / 40.0; // as in a baseline of 40 figures
  BOOST_TEST(chance_of_so_few({0}, {{10}, {10}, {10}, {10}}) < level);
  BOOST_TEST(chance_of_so_few({0}, {{9}, {12}, {10}, {11}}) < level);
  BOOST_TEST(chance_of_so_few({0, 10}, {{10, 10}}) < level);
  BOOST_TEST(chance_of_so_few({0, 10}, {{9, 10}, {8, 11}, {10, 10}, {7, 9}}) < level);
  BOOST_TEST(chance_of_so_few({9, 10}, {{9, 10}, {8, 11}, {10, 10}, {7, 9}}) > 0.5);
  BOOST_TEST(fewest_explained({0, 10}, {{34, 40}}, level) == 3);
  BOOST_TEST(fewest_explained({9, 10}, {{34, 40}}, level) == 3);
  BOOST_TEST(fewest_explained({2}, {{2}, {3}, {2}, {4}}, level) == 0);
}

BOOST_AUTO_TEST_CASE(runs_that_are_no_worse_pass) {
  const auto few = [](RandomStream& r) { return poisson(r, 2.0); };
  const auto many = [](RandomStream& r) { return poisson(r, 40.0); };
  const auto most = [](RandomStream& r) { return binomial(r, 10, 0.9); };
  const auto half = [](RandomStream& r) { return binomial(r, poisson(r, 4.0).number, 0.5); };
  for (const int runs : {1, 2, 4, 12}) {
    std::uint32_t stream = 0;
    for (const auto& draw : std::vector<std::function<Count(RandomStream&)>>{few, many, most, half})
      BOOST_TEST(alarms(draw, runs, 0.01, 20000, stream++) <= 0.012); // 0.01 and 3 standard errors
  }
  // 20 of 20, at the level of a baseline of 40 figures.
  for (const auto& draw : std::vector<std::function<Count(RandomStream&)>>{few, many, most, half})
    BOOST_TEST(alarms(draw, 4, 0.01 / 40.0, 20, 9) == 0.0);
}

BOOST_AUTO_TEST_CASE(runs_that_scatter_more_than_the_model_says_pass) {
  // Four times the variance of Poisson; shares between 0.5 and 1. With four runs the scatter itself is hardly
  // known, and alarms come up to three times as often as a level of 1 % says; from twelve on they do not.
  const auto clusters = [](RandomStream& r) { return Count{4 * poisson(r, 8.0).number, {}}; };
  const auto shares = [](RandomStream& r) { return binomial(r, 30, 0.5 + 0.5 * r.uniform()); };
  for (const auto& draw : std::vector<std::function<Count(RandomStream&)>>{clusters, shares}) {
    BOOST_TEST(alarms(draw, 4, 0.01, 20000, 3) <= 0.035);
    BOOST_TEST(alarms(draw, 12, 0.01, 20000, 4) <= 0.013);
    BOOST_TEST(alarms(draw, 4, 0.01 / 40.0, 20, 5) == 0.0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
