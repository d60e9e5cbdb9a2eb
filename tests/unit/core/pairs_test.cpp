#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(pairs)

using namespace aet::core;

namespace {

std::vector<Vec3> random_points(std::size_t count, double size, std::uint64_t seed) {
  RandomStream random(seed, "test.pairs");
  std::vector<Vec3> points;
  for (std::size_t i = 0; i < count; ++i)
    points.push_back(size * Vec3(random.normal(), random.normal(), random.uniform()));
  return points;
}

std::size_t nearest(const Vec3& point, const std::vector<Vec3>& others) {
  std::size_t best = 0;
  for (std::size_t j = 1; j < others.size(); ++j)
    if ((others[j] - point).norm() < (others[best] - point).norm()) best = j;
  return best;
}

IndexPairs mutual_by_all_pairs(const std::vector<Vec3>& a, const std::vector<Vec3>& b, double cutoff) {
  IndexPairs pairs;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t j = nearest(a[i], b);
    if (nearest(b[j], a) == i && (a[i] - b[j]).norm() < cutoff) pairs.emplace_back(i, j);
  }
  return pairs;
}

} // namespace

BOOST_AUTO_TEST_CASE(close_pairs_are_those_of_a_double_loop) {
  std::vector<Vec3> points = random_points(300, 6.0, 1);
  points.push_back(points[17]); // in one place, and far away
  points.emplace_back(1e5, 0, 0);
  for (const double cutoff : {0.1, 1.0, 2.8, 100.0}) {
    IndexPairs twin;
    for (std::size_t i = 0; i < points.size(); ++i)
      for (std::size_t j = i + 1; j < points.size(); ++j)
        if ((points[i] - points[j]).norm() < cutoff) twin.emplace_back(i, j);
    BOOST_TEST((close_pairs(points, cutoff) == twin));
  }
}

BOOST_AUTO_TEST_CASE(minimum_distance_equals_that_of_all_pairs) {
  for (std::uint64_t seed = 2; seed < 8; ++seed) {
    const std::vector<Vec3> points = random_points(101, 0.5 * static_cast<double>(seed * seed), seed);
    std::vector<double> least;
    for (std::size_t i = 0; i < points.size(); ++i) {
      least.push_back(std::numeric_limits<double>::infinity());
      for (std::size_t j = 0; j < points.size(); ++j)
        if (i != j) least.back() = std::min(least.back(), (points[i] - points[j]).norm());
    }
    BOOST_TEST(std::abs(minimum_distance(points) / *std::min_element(least.begin(), least.end()) - 1.0) <
               1e-14);
  }
  BOOST_TEST(std::isinf(minimum_distance(std::vector{Vec3(0, 0, 0)})));
}

BOOST_AUTO_TEST_CASE(mutual_nearest_agrees_with_all_pairs) {
  const auto a = random_points(300, 5.0, 9);
  const auto b = random_points(250, 5.2, 10);
  for (const double cutoff : {0.3, 1.0, 2.5, 20.0})
    BOOST_TEST((mutual_nearest(a, b, cutoff) == mutual_by_all_pairs(a, b, cutoff)));
}

BOOST_AUTO_TEST_CASE(ties_go_to_the_lowest_index) {
  const std::vector<Vec3> a{{0, 0, 0}};
  const std::vector<Vec3> b{{1, 0, 0}, {-1, 0, 0}};
  BOOST_TEST((mutual_nearest(a, b, 2.0) == IndexPairs{{0, 0}}));
}

BOOST_AUTO_TEST_SUITE_END()
