#include "sim/core/error.hpp"
#include "sim/stem/tilt_schemes.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <tuple>

BOOST_AUTO_TEST_SUITE(tilt_schemes)

using namespace aet;
using namespace aet::stem;

BOOST_AUTO_TEST_CASE(ranges) {
  BOOST_TEST((tilts_by_count(-60, 60, 5) == std::vector<double>{-60, -30, 0, 30, 60}));
  BOOST_TEST((tilts_by_count(0, 0, 1) == std::vector<double>{0}));
  BOOST_TEST((tilts_by_step(-1, 1, 0.5) == std::vector<double>{-1, -0.5, 0, 0.5, 1}));
  BOOST_TEST(tilts_by_step(-70, 70, 0.1).size() == 1401U); // 140 / 0.1 is not whole in binary
  BOOST_TEST(tilts_by_step(0, 10, 3).back() == 9.0);
  BOOST_TEST((full_turn_tilts(4) == std::vector<double>{0, 90, 180, 270}));
}

BOOST_AUTO_TEST_CASE(cosine_steps_shrink_with_the_cosine) {
  const auto angles = tilts_by_cosine(-70, 70, 281);
  BOOST_TEST(angles.front() == -70.0);
  BOOST_TEST(angles.back() == 70.0);
  const double flat = angles[141] - angles[140];
  for (std::size_t i = 0; i + 1 < angles.size(); ++i) {
    const double middle = 0.5 * (angles[i] + angles[i + 1]) * std::acos(-1.0) / 180.0;
    // Finite steps of half a degree leave some 1e-4.
    BOOST_TEST((angles[i + 1] - angles[i]) / flat == std::cos(middle), boost::test_tools::tolerance(1e-3));
  }
}

BOOST_AUTO_TEST_CASE(jitter_keeps_ends_and_order_and_repeats) {
  const auto exact = tilts_by_count(-62.3, 63.1, 52);
  const auto moved = jittered(exact, 2.0, 7);
  BOOST_TEST(moved.front() == exact.front());
  BOOST_TEST(moved.back() == exact.back());
  for (std::size_t i = 0; i + 1 < moved.size(); ++i)
    BOOST_TEST(moved[i] < moved[i + 1]);
  BOOST_TEST((moved == jittered(exact, 2.0, 7)));
  BOOST_TEST((moved != jittered(exact, 2.0, 8)));
  BOOST_TEST((jittered(exact, 0.0, 7) == exact));
  for (const PublishedTilts& p : published_tilts())
    BOOST_TEST(tilts_by_count(p.first_deg, p.last_deg, p.count).size() == static_cast<std::size_t>(p.count));
}

BOOST_AUTO_TEST_CASE(no_tilts_are_an_error) {
  BOOST_CHECK_THROW(std::ignore = tilts_by_count(0, 10, 0), core::ConfigError);
  BOOST_CHECK_THROW(std::ignore = tilts_by_count(10, -10, 5), core::ConfigError);
  BOOST_CHECK_THROW(std::ignore = tilts_by_step(0, 10, 0), core::ConfigError);
  BOOST_CHECK_THROW(std::ignore = tilts_by_step(0, 90, 1e-3), core::ConfigError);
  BOOST_CHECK_THROW(std::ignore = tilts_by_cosine(-90, 90, 5), core::ConfigError);
  BOOST_CHECK_THROW(std::ignore = full_turn_tilts(0), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
