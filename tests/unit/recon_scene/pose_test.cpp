#include "recon/scene/pose.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>

BOOST_AUTO_TEST_SUITE(pose)

using namespace aet;

BOOST_AUTO_TEST_CASE(turns_are_about_the_axes_of_the_image) {
  const recon::Pose pose{core::tilt_rotation(0.4), {0.1, 0.2}};
  recon::PoseChange change;
  change << 0.0, 0.0, 0.3, -1.0, 2.0;
  const recon::Pose there = recon::moved(pose, change);
  core::Mat3 beam; // by 0.3 from x' to y'
  beam << std::cos(0.3), -std::sin(0.3), 0.0, std::sin(0.3), std::cos(0.3), 0.0, 0.0, 0.0, 1.0;
  BOOST_TEST((there.orientation - beam * pose.orientation).norm() < 1e-14);
  BOOST_TEST((there.shift - Eigen::Vector2d(-0.9, 2.2)).norm() < 1e-14);
  BOOST_TEST((recon::rotation_vector(beam) - core::Vec3(0.0, 0.0, 0.3)).norm() < 1e-14);
}

BOOST_AUTO_TEST_CASE(what_all_poses_share_goes_and_images_stay) {
  std::vector<recon::Pose> reference;
  for (const recon::TiltState& tilt : test::tilts_over(9, 120.0, 0.0))
    reference.push_back({tilt.pose.orientation, {0.3, -0.1}});
  const core::Mat3 turn = core::rotation_from_euler({0.02, -0.03, 0.01});
  const core::Vec3 shift(0.4, -0.2, 0.7);
  std::vector<recon::Pose> poses = reference;
  for (recon::Pose& pose : poses) {
    pose.orientation = pose.orientation * turn;
    pose.shift += (pose.orientation * shift).head<2>();
  }
  const core::Vec3 atom(3.0, -2.0, 5.0);
  const std::vector<recon::Pose> before = poses;
  const recon::RigidMotion motion = recon::remove_common(poses, reference);
  const core::Vec3 there = motion.turn * atom + motion.shift;
  for (std::size_t t = 0; t < poses.size(); ++t) {
    BOOST_TEST((poses[t].orientation - reference[t].orientation).norm() < 1e-12);
    BOOST_TEST((poses[t].shift - reference[t].shift).norm() < 1e-11);
    const Eigen::Vector2d seen = (poses[t].orientation * there).head<2>() + poses[t].shift;
    BOOST_TEST((seen - (before[t].orientation * atom).head<2>() - before[t].shift).norm() < 1e-11);
  }
}

BOOST_AUTO_TEST_SUITE_END()
