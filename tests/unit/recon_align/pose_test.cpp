#include "recon/align/pose_fit.hpp"
#include "recon/align/reprojector.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(pose)

namespace {

using namespace aet;

const int n = 40;

core::Image by_formula(const std::vector<test::Blob>& specimen, const recon::Pose& pose, double blur = 0.0) {
  std::vector<test::Blob> there = specimen;
  for (test::Blob& b : there) {
    b.centre = pose.orientation * b.centre + core::Vec3(pose.shift[0], pose.shift[1], 0.0);
    // A blurred line integral keeps its sum, which is as weight * sigma^3; the beam direction is not blurred.
    const double wide = std::hypot(b.sigma, blur);
    b.weight *= std::pow(b.sigma / wide, 3);
    b.sigma = wide;
  }
  return test::projection_of(there, core::Mat3::Identity(), n, n);
}

double largest_difference(const core::Image& a, const core::Image& b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    worst = std::max(worst, static_cast<double>(std::abs(a.data[i] - b.data[i])));
  return worst;
}

const recon::Pose odd_pose{core::rotation_from_euler({0.3, -0.7, 0.2}),
                           {1.3, -0.4}}; // a pixel is an angstrom here

} // namespace

BOOST_AUTO_TEST_CASE(reprojection_equals_the_formula) {
  const auto specimen = test::blobs(n, 12, 1);
  const core::Volume volume = test::volume_of(specimen, n);
  const recon::Reprojector reproject(n);
  // As in projector_test: voxel sampling of blobs aliases 1.5e-5 of their height, of which a dozen overlap.
  BOOST_TEST(largest_difference(reproject(volume, odd_pose, 0.0).image, by_formula(specimen, odd_pose)) <
             1e-3);
  BOOST_TEST(largest_difference(reproject(volume, odd_pose, 2.0).image, by_formula(specimen, odd_pose, 2.0)) <
             1e-3);
}

BOOST_AUTO_TEST_CASE(derivatives_equal_finite_differences) {
  const core::Volume volume = test::volume_of(test::blobs(n, 12, 2), n);
  const recon::Reprojector reproject(n);
  for (const double blur : {0.0, 1.5}) {
    const recon::Reprojection at = reproject(volume, odd_pose, blur);
    for (int p = 0; p < recon::pose_parameters; ++p) {
      // Central differences: truncation h^2/6 of the third derivative (below 1e-4 of the first for these
      // steps and blobs), rounding 1e-6 * 10 / h.
      const double h = p < 3 ? 2e-3 : 3e-2;
      recon::PoseChange change = recon::PoseChange::Zero();
      change[p] = h;
      const core::Image after = reproject(volume, recon::moved(odd_pose, change), blur).image;
      change[p] = -h;
      const core::Image before = reproject(volume, recon::moved(odd_pose, change), blur).image;
      double worst = 0.0;
      double top = 0.0;
      for (std::size_t i = 0; i < after.data.size(); ++i) {
        const double d = static_cast<double>(after.data[i] - before.data[i]) / (2.0 * h);
        worst = std::max(
            worst, std::abs(d - static_cast<double>(at.derivatives[static_cast<std::size_t>(p)].data[i])));
        top = std::max(top, std::abs(d));
      }
      BOOST_TEST(worst < 3e-3 * top,
                 "parameter " << p << ", blur " << blur << ": " << worst << " of " << top);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pose_is_found_again) {
  const auto specimen = test::blobs(n, 30, 3);
  const core::Volume volume = test::volume_of(specimen, n);
  const recon::Reprojector reproject(n);
  core::Image image = by_formula(specimen, odd_pose);
  for (float& v : image.data)
    v *= 1.7F;
  const recon::Pose start = recon::moved(odd_pose, {0.01, -0.015, 0.012, 0.4, -0.3});
  recon::PoseFitOptions options;
  options.steps = 8;
  const recon::PoseFit found = recon::fit_pose(reproject, volume, image, start, options);
  BOOST_TEST(core::rotation_angle_between(found.pose.orientation, odd_pose.orientation) < 2e-4);
  BOOST_TEST(std::abs(found.pose.shift[0] - odd_pose.shift[0]) < 1e-3);
  BOOST_TEST(std::abs(found.pose.shift[1] - odd_pose.shift[1]) < 1e-3);
  BOOST_TEST(std::abs(found.scale - 1.7) < 1e-3);
  BOOST_TEST(found.misfit < 1e-3);

  options.turns = false;
  const recon::PoseFit only_shifted = recon::fit_pose(reproject, volume, image, start, options);
  BOOST_TEST(core::rotation_angle_between(only_shifted.pose.orientation, start.orientation) == 0.0);
  BOOST_TEST(std::abs(only_shifted.pose.shift[0] - odd_pose.shift[0]) < 0.2);
}

BOOST_AUTO_TEST_CASE(an_empty_volume_leaves_the_pose) {
  const recon::Reprojector reproject(n);
  const recon::PoseFit found = recon::fit_pose(reproject, core::Volume(n, n, n, 1.0), test::noise_image(n, 1),
                                               odd_pose, recon::PoseFitOptions{});
  BOOST_TEST((found.pose.orientation == odd_pose.orientation));
  BOOST_TEST(found.misfit == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
