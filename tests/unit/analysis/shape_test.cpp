#include "analysis/nuclei/cluster_surface.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "tests/support/crystals.hpp"

#include <Eigen/Geometry>
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(shape)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

core::BoundingBox cube(double half) {
  return {Vec3::Constant(-half), Vec3::Constant(half)};
}

} // namespace

BOOST_AUTO_TEST_CASE(contour_of_a_ball_and_of_an_ellipsoid) {
  // Linear interpolation on a grid of step h errs by O(h^2 / R^2) = 0.6 % here.
  const auto ball = [](const Vec3& p) { return 8.0 - (p - Vec3(0.3, -0.2, 0.1)).norm(); };
  const Surface s = contour(ball, cube(9.5), 0.6, 0.0);
  BOOST_TEST(std::abs(s.volume / (4.0 / 3.0 * core::pi * 512.0) - 1.0) < 0.006);
  BOOST_TEST(std::abs(s.area / (4.0 * core::pi * 64.0) - 1.0) < 0.006);
  BOOST_TEST(std::abs(sphericity(s.volume, s.area) - 1.0) < 0.003);
  Vec3 leak = Vec3::Zero(); // a closed surface has no net normal
  for (const auto& t : s.triangles)
    leak += Vec3(t[1] - t[0]).cross(Vec3(t[2] - t[0]));
  BOOST_TEST(leak.norm() < 1e-9 * s.area);
  // Prolate spheroid 2 : 1 : 1. Area 2 pi a^2 (1 + c / (a e) asin e), e = sqrt(1 - a^2 / c^2).
  const auto egg = [](const Vec3& p) { return 1.0 - p.cwiseQuotient(Vec3(5, 5, 10)).norm(); };
  const Surface g = contour(egg, cube(11), 0.4, 0.0);
  const double e = std::sqrt(0.75);
  const double area = 2.0 * core::pi * 25.0 * (1.0 + 2.0 / e * std::asin(e));
  BOOST_TEST(std::abs(g.area / area - 1.0) < 0.006);
  BOOST_TEST(std::abs(sphericity(g.volume, g.area) - sphericity(4.0 / 3.0 * core::pi * 250.0, area)) < 0.003);
}

BOOST_AUTO_TEST_CASE(sphericity_of_known_shapes) {
  BOOST_TEST(std::abs(sphericity(1.0, 6.0) - std::cbrt(core::pi / 6.0)) < 1e-15); // cube: 0.806
  const core::Atoms ball = fcc_ball(3.92, 14.0);
  const std::vector<double> volumes(ball.size(), std::pow(3.92, 3) / 4);
  const Surface round = cluster_surface(ball.positions, volumes);
  BOOST_TEST(sphericity(round.volume, round.area) > 0.97); // a ball of atoms has facets and steps
  BOOST_TEST(sphericity(round.volume, round.area) < 1.0);
  // The half-level contour of a blurred ball lies sigma^2 / R further in: 3 (1.48 / 14)^2 = 3.4 % of the
  // volume.
  const double expected =
      static_cast<double>(ball.size()) * volumes[0] * (1.0 - 3.0 * std::pow(1.48 / 14.0, 2));
  BOOST_TEST(std::abs(round.volume / expected - 1.0) < 0.01);
  // Cubes of atoms: 0.806 once the rounding of edges on the scale of 1.5 A no longer counts.
  const auto of_cube = [&](int cells) {
    const core::Atoms cube = fcc(3.92, cells);
    const Surface s = cluster_surface(cube.positions, std::vector<double>(cube.size(), volumes[0]));
    return sphericity(s.volume, s.area) - std::cbrt(core::pi / 6.0);
  };
  const double small = of_cube(6);
  const double large = of_cube(14);
  BOOST_TEST(small > 0.0);
  BOOST_TEST(small < 0.08);
  BOOST_TEST(large > 0.0);
  // A rounded edge takes away area in proportion to (sigma / edge) to first order.
  BOOST_TEST(std::abs(large / small - 6.0 / 14.0) < 0.08);
  const core::Atoms cube = fcc(3.92, 8);
  const Surface block = cluster_surface(cube.positions, std::vector<double>(cube.size(), volumes[0]));
  // Turning it changes what the grid sees, not the answer.
  const core::Atoms turned = rotated(cube, {0.5, 0.4, 0.3});
  const Surface same = cluster_surface(turned.positions, std::vector<double>(cube.size(), volumes[0]));
  BOOST_TEST(std::abs(same.area / block.area - 1.0) < 0.01);
}

BOOST_AUTO_TEST_CASE(ply_names_each_corner_once) {
  const Surface ball = contour([](const Vec3& r) { return 2.1 - r.norm(); }, cube(3), 0.5, 0.0);
  const std::string text = ply_text(ball, "a ball");
  // A closed surface of triangles: corners - edges + faces = 2, edges = 3/2 faces.
  BOOST_TEST(text.find("comment a ball\nelement vertex " + std::to_string(2 + ball.triangles.size() / 2) +
                       "\n") != std::string::npos);
  BOOST_TEST(text.find("element face " + std::to_string(ball.triangles.size()) + "\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  BOOST_CHECK_EXCEPTION((void)cluster_surface(std::vector<Vec3>{}, std::vector<double>{}), core::DataError,
                        says("0 atoms and 0 volumes"));
  BOOST_CHECK_EXCEPTION((void)cluster_surface(std::vector<Vec3>{Vec3::Zero()}, std::vector<double>{-1.0}),
                        core::DataError, says("-1 A^3"));
}

BOOST_AUTO_TEST_SUITE_END()
