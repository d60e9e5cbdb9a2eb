#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "tests/support/message.hpp"
#include "validation/score/pose_residual.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(poses)

using namespace aet;
using validation::TiltPose;

namespace {

core::Mat3 turn(core::RandomStream& random, double degrees) {
  const auto angle = [&] { return degrees * core::radian_per_degree * random.normal(); };
  return core::rotation_from_euler({angle(), angle(), angle()});
}

std::vector<TiltPose> series(int tilts) {
  std::vector<TiltPose> out;
  core::RandomStream random(3, "poses");
  for (int j = 0; j < tilts; ++j) {
    const double angle = (-70.0 + 140.0 * j / (tilts - 1)) * core::radian_per_degree;
    out.push_back({turn(random, 0.6) * core::tilt_rotation(angle), {random.normal(), random.normal()}});
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_turn_and_a_shift_of_the_whole_specimen_do_not_count) {
  const std::vector<TiltPose> truth = series(15);
  core::RandomStream random(4, "specimen");
  const core::Mat3 q = turn(random, 3.0);
  const core::Vec3 offset(0.8, -1.3, 2.1);
  std::vector<TiltPose> same = truth;
  for (TiltPose& pose : same) {
    pose.orientation = pose.orientation * q.transpose();
    const core::Vec3 moved = pose.orientation * offset;
    pose.shift_px[0] += moved.x();
    pose.shift_px[1] += moved.y();
  }
  const auto r = validation::pose_residual(same, truth);
  BOOST_TEST(r.angle_rms_deg < 1e-6); // an angle from a rotation matrix is good to the root of its rounding
  BOOST_TEST(r.shift_rms_px < 1e-9);
  BOOST_TEST((r.turn - q.transpose()).norm() < 1e-9);
  BOOST_TEST((r.offset - offset).norm() < 1e-9);
}

BOOST_AUTO_TEST_CASE(errors_of_single_tilts_are_measured_an_axis) {
  const std::vector<TiltPose> truth = series(400);
  core::RandomStream random(5, "errors");
  std::vector<TiltPose> off = truth;
  for (TiltPose& pose : off) {
    pose.orientation = turn(random, 0.1) * pose.orientation;
    pose.shift_px[0] += 0.3 * random.normal();
    pose.shift_px[1] += 0.3 * random.normal();
  }
  const auto r = validation::pose_residual(off, truth);
  // Standard errors of an rms of 1,200 and 800 normal numbers: 2 and 2.5 %.
  BOOST_TEST(std::abs(r.angle_rms_deg / 0.1 - 1.0) < 0.08);
  BOOST_TEST(std::abs(r.shift_rms_px / 0.3 - 1.0) < 0.1);
  for (const double e : r.euler_rms_deg)
    BOOST_TEST((e > 0.08 && e < 0.25)); // at high tilt phi and psi trade, by up to 1 / cos 70 degrees
  BOOST_TEST(r.angle_max_deg > 0.2);
  BOOST_TEST(r.shift_max_px > 0.6);
}

BOOST_AUTO_TEST_CASE(lists_of_different_length_are_refused) {
  const std::string message =
      test::message_of<core::DataError>([] { (void)validation::pose_residual(series(5), series(6)); });
  BOOST_TEST(message ==
             "5 poses cannot be compared with 6 true ones; one for each tilt is needed in both lists.");
}

BOOST_AUTO_TEST_SUITE_END()
