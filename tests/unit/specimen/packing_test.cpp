#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/specimen/random_packing.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(packing)

using namespace aet;
using namespace aet::specimen;
using core::Vec3;
using test::contains;

BOOST_AUTO_TEST_CASE(points_keep_apart_inside_the_body_and_from_fixed_ones) {
  const Shape box = wulff_shape(cube(), Lattice::fcc, unit_cell(Lattice::fcc, 4.0, 1.0));
  const std::vector<Vec3> fixed{Vec3(0, 0, 0), Vec3(1, 0, 0)}; // closer than allowed, but they stay
  for (const Shape& shape : {Shape{}, box}) {
    const auto points = random_packing(600, shape, 14.0, fixed, {});
    BOOST_TEST(points.size() == 600U);
    BOOST_TEST(core::minimum_distance(points) >= 2.4);
    for (const Vec3& r : points) {
      BOOST_REQUIRE(gauge(shape, r) <= 14.0 + 1e-9);
      BOOST_REQUIRE((r - fixed[1]).norm() >= 2.4);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_packing_is_not_crystalline) {
  // In a crystal of this density, neighbours have one distance; here the distances up to 1.2 of the least
  // spread.
  const auto points = random_packing(2000, Shape{}, 20.0, {}, {});
  std::size_t near = 0;
  std::size_t wide = 0;
  for (const auto& [i, j] : core::close_pairs(points, 4.2)) {
    const double d = (points[i] - points[j]).norm();
    near += d < 2.6 ? 1 : 0;
    wide += d >= 2.6 ? 1 : 0;
  }
  BOOST_TEST(near > 500U);
  BOOST_TEST(wide > 2 * near);
}

BOOST_AUTO_TEST_CASE(dense_packings_end_and_too_dense_ones_are_refused) {
  // Random close packing territory: 0.56 of the volume.
  PackingOptions o;
  o.min_distance_a = 2.6;
  const auto count = static_cast<std::size_t>(0.56 * std::pow(15.0 / 1.3, 3));
  BOOST_TEST(core::minimum_distance(random_packing(count, Shape{}, 15.0, {}, o)) >= 2.6);
  const auto message = [&](std::size_t n) {
    return test::message_of<core::ConfigError>([&] { (void)random_packing(n, Shape{}, 10.0, {}, o); });
  };
  BOOST_TEST(contains(message(400), "400 atoms", "min_distance_a of at most"));
  o.min_distance_a = 0.0;
  BOOST_TEST(contains(message(10), "min_distance_a = 0"));
  o.min_distance_a = 2.4;
  o.max_sweeps = 0;
  BOOST_TEST(contains(message(10), "max_sweeps = 0"));
  o.max_sweeps = 1;
  BOOST_TEST(contains(
      test::message_of<core::NumericsError>([&] { (void)random_packing(250, Shape{}, 10.0, {}, o); }),
      "250 atoms", "1 sweeps"));
}

BOOST_AUTO_TEST_SUITE_END()
