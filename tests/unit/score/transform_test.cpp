#include "tests/unit/score/specimens.hpp"
#include "validation/score/transform.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(transform)

using namespace aet;
using core::Mat3;
using core::Vec3;

namespace {

double mean_square(const validation::PointPairs& pairs, const validation::Transform& t) {
  double sum = 0.0;
  for (std::size_t i = 0; i < pairs.from.size(); ++i)
    sum += (t(pairs.from[i]) - pairs.to[i]).squaredNorm();
  return sum / static_cast<double>(pairs.from.size());
}

validation::PointPairs noisy_pairs(const Mat3& linear, const Vec3& shift, double sd) {
  const auto atoms = test::amorphous(60, 10.0, 2.0, 3);
  return {atoms.positions, test::shaken(test::moved(atoms, linear, shift), sd, 5).positions};
}

} // namespace

BOOST_AUTO_TEST_CASE(rigid_and_affine_maps_are_recovered) {
  const Mat3 r = test::rotation(70, -40, 130);
  const Vec3 t(1.0, -2.0, 3.0);
  const auto rigid = validation::fit_rigid(noisy_pairs(r, t, 0.0));
  BOOST_TEST((rigid.linear - r).norm() < 1e-12);
  BOOST_TEST((rigid.shift - t).norm() < 1e-11);
  Mat3 a = r;
  a.row(0) *= 1.03;
  a(0, 1) += 0.05;
  const auto affine = validation::fit_affine(noisy_pairs(a, t, 0.0));
  BOOST_TEST((affine.linear - a).norm() < 1e-12);
  BOOST_TEST((affine.shift - t).norm() < 1e-11);
}

BOOST_AUTO_TEST_CASE(no_neighbouring_transform_fits_better) {
  const auto pairs = noisy_pairs(test::rotation(20, 30, 40), {1, 1, 1}, 0.3);
  const auto rigid = validation::fit_rigid(pairs);
  const double best = mean_square(pairs, rigid);
  for (int axis = 0; axis < 3; ++axis) {
    for (const double step : {-1e-3, 1e-3}) {
      auto near = rigid;
      near.shift[axis] += step;
      BOOST_TEST(mean_square(pairs, near) > best);
      const double degree = step * 50.0;
      const Mat3 turn =
          test::rotation(axis == 0 ? degree : 0, axis == 1 ? degree : 0, axis == 2 ? degree : 0);
      near = {turn * rigid.linear, turn * rigid.shift};
      BOOST_TEST(mean_square(pairs, near) > best);
    }
  }
  BOOST_TEST(mean_square(pairs, validation::fit_affine(pairs)) < best);
  BOOST_TEST(mean_square(pairs, validation::fit_translation(pairs)) > best);
}

BOOST_AUTO_TEST_CASE(a_mirror_image_never_gives_an_improper_rotation) {
  const auto pairs = noisy_pairs(-Mat3::Identity(), Vec3::Zero(), 0.0);
  const auto rigid = validation::fit_rigid(pairs);
  BOOST_TEST(rigid.linear.determinant() == 1.0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(too_few_points) {
  BOOST_TEST((validation::fit_rigid({}).linear == Mat3::Identity()));
  const auto two = validation::fit_rigid({{{0, 0, 0}, {1, 0, 0}}, {{1, 1, 1}, {2, 1, 1}}});
  BOOST_TEST((two.linear == Mat3::Identity()));
  BOOST_TEST((two.shift - Vec3(1, 1, 1)).norm() < 1e-15);
  // Five points in a plane do not fix an affine map: it falls back to a rotation.
  const std::vector<Vec3> flat{{0, 0, 0}, {3, 0, 0}, {0, 2, 0}, {1, 1, 0}, {2, 3, 0}};
  const auto plane = validation::fit_affine({flat, flat});
  BOOST_TEST((plane.linear - Mat3::Identity()).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(angle_and_strain) {
  const Mat3 r = test::rotation(0, 12, 0);
  BOOST_TEST(validation::rotation_angle({r, {}}) == 12.0 * 3.14159265358979 / 180.0,
             boost::test_tools::tolerance(1e-9));
  BOOST_TEST(validation::largest_strain({r, {}}) < 1e-12);
  BOOST_TEST(validation::largest_strain({0.97 * r, {}}) == 0.03, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(validation::rotation_angle({-r, {}}) == 12.0 * 3.14159265358979 / 180.0,
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()
