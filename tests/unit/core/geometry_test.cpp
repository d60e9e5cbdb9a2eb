#include "sim/core/atoms.hpp"
#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/tilt_series.hpp"
#include "sim/core/units.hpp"
#include "tests/support/message.hpp"

#include <Eigen/Core>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

BOOST_AUTO_TEST_SUITE(geometry)

using namespace aet::core;
using aet::test::contains;
using aet::test::message_of;

BOOST_AUTO_TEST_CASE(tilt_turns_z_towards_x) {
  const Vec3 r = tilt_rotation(pi / 2.0) * Vec3(0.0, 5.0, 1.0);
  BOOST_TEST((r - Vec3(1.0, 5.0, 0.0)).norm() < 1e-15);
  BOOST_TEST(std::abs(tilt_degrees(tilt_rotation(-63.1 * radian_per_degree)) + 63.1) < 1e-12);
}

// The single rotations written out, multiplied in the stated order.
BOOST_AUTO_TEST_CASE(euler_angles_against_written_out_matrices) {
  const Euler e{0.3, -0.8, 1.9};
  Mat3 rz;
  rz << std::cos(e.phi), -std::sin(e.phi), 0, std::sin(e.phi), std::cos(e.phi), 0, 0, 0, 1;
  Mat3 ry;
  ry << std::cos(e.theta), 0, std::sin(e.theta), 0, 1, 0, -std::sin(e.theta), 0, std::cos(e.theta);
  Mat3 rx;
  rx << 1, 0, 0, 0, std::cos(e.psi), -std::sin(e.psi), 0, std::sin(e.psi), std::cos(e.psi);
  BOOST_TEST((rotation_from_euler(e) - rz * ry * rx).norm() < 1e-15);
  BOOST_TEST((rotation_from_published_euler(e) - (rz * ry * rx).transpose()).norm() < 1e-15);
}

BOOST_AUTO_TEST_CASE(euler_angles_round_trip) {
  RandomStream stream(1, "euler");
  for (int i = 0; i < 200; ++i) {
    const Euler e{2.0 * pi * stream.uniform(), pi * (stream.uniform() - 0.5), 2.0 * pi * stream.uniform()};
    const Mat3 r = rotation_from_euler(e);
    BOOST_TEST((rotation_from_euler(euler_from_rotation(r)) - r).norm() < 1e-12);
  }
  for (const double theta : {pi / 2.0, -pi / 2.0}) { // gimbal lock
    const Mat3 r = rotation_from_euler({0.4, theta, 0.9});
    BOOST_TEST((rotation_from_euler(euler_from_rotation(r)) - r).norm() < 1e-7);
  }
}

BOOST_AUTO_TEST_CASE(angle_between_rotations) {
  const Mat3 base = rotation_from_euler({0.3, 0.2, 0.1});
  for (const double angle : {1e-9, 0.01, 1.5, 3.1}) {
    BOOST_TEST(std::abs(rotation_angle_between(base, base * tilt_rotation(angle)) - angle) <
               1e-12 + 1e-8 * angle);
  }
}

BOOST_AUTO_TEST_CASE(electron_optics) { // Kirkland's textbook tables; five digits are given there
  BOOST_TEST(std::abs(electron_wavelength(200.0) - 0.0250793) < 1e-7);
  BOOST_TEST(std::abs(electron_wavelength(300.0) - 0.0196875) < 1e-7);
  BOOST_TEST(std::abs(interaction_constant(200.0) - 7.2884e-4) < 1e-8);
  BOOST_TEST(std::abs(interaction_constant(300.0) - 6.5262e-4) < 1e-8);
}

BOOST_AUTO_TEST_CASE(elements) {
  BOOST_TEST(element_symbol(78) == "Pt");
  BOOST_TEST(atomic_number("Fe") == 26);
  BOOST_TEST(atomic_number("PT") == 78);
  BOOST_TEST(std::abs(atomic_mass(78) - 195.084) < 0.01);
  BOOST_TEST(contains(message_of<DataError>([] { (void)atomic_number("Qq"); }), "'Qq'", "Pt"));
  BOOST_TEST(contains(message_of<DataError>([] { (void)element_symbol(0); }), "0", "1 to 118"));
}

BOOST_AUTO_TEST_CASE(nearest_distance_against_all_pairs) {
  RandomStream stream(2, "points");
  std::vector<Vec3> points;
  for (int i = 0; i < 101; ++i)
    points.emplace_back(stream.normal(), stream.normal(), stream.normal());
  std::vector<double> nearest;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (i != j) best = std::min(best, (points[i] - points[j]).norm());
    }
    nearest.push_back(best);
  }
  std::sort(nearest.begin(), nearest.end());
  BOOST_TEST(std::abs(median_nearest_distance(points) - nearest[50]) < 1e-12);
  BOOST_TEST(
      contains(message_of<DataError>([] { (void)median_nearest_distance({Vec3::Zero()}); }), "at least 2"));
}

BOOST_AUTO_TEST_CASE(bad_series_and_atoms_are_refused) {
  TiltSeries series;
  BOOST_TEST(contains(message_of<DataError>([&] { validate(series, "a.mrc"); }), "a.mrc", "no images"));
  series.images.assign(2, Image(4, 4));
  series.orientations.assign(1, Mat3::Identity());
  BOOST_TEST(
      contains(message_of<DataError>([&] { validate(series, "a.mrc"); }), "2 images", "1 tilt angles"));
  series.orientations.assign(2, Mat3::Identity());
  series.images[1].at(3, 2) = std::numeric_limits<float>::quiet_NaN();
  BOOST_TEST(contains(message_of<DataError>([&] { validate(series, "a.mrc"); }), "image 1", "nan", "(3, 2)"));
  series.images[1] = Image(4, 2);
  BOOST_TEST(contains(message_of<DataError>([&] { validate(series, "a.mrc"); }), "4 x 2"));
  series.images[1] = Image(4, 4);
  series.orientations[1] = -Mat3::Identity();
  BOOST_TEST(contains(message_of<DataError>([&] { validate(series, "a.mrc"); }), "orientation 1"));
  Atoms atoms;
  atoms.positions = {Vec3::Zero()};
  BOOST_TEST(
      contains(message_of<DataError>([&] { validate(atoms, "a.xyz"); }), "1 positions but 0 elements"));
}

BOOST_AUTO_TEST_SUITE_END()
