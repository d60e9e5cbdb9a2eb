#include "recon/atoms/spline_volume.hpp"
#include "sim/core/error.hpp"
#include "tests/unit/recon_atoms/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(spline_volume)

using namespace aet;

BOOST_AUTO_TEST_CASE(weights_sum_to_one_and_reproduce_the_line) {
  for (const double t : {0.0, 0.1, 0.5, 0.93}) {
    const auto w = recon::cubic_bspline_weights(t);
    BOOST_TEST(w[0] + w[1] + w[2] + w[3] == 1.0, boost::test_tools::tolerance(1e-14));
    // Cubic B-splines reproduce x itself: sum of (k - 1) w_k = t.
    BOOST_TEST(std::abs(-w[0] + w[2] + 2.0 * w[3] - t) < 1e-14);
  }
}

BOOST_AUTO_TEST_CASE(goes_through_every_voxel) {
  // White noise is the worst case: single precision with a gain of 6 an axis leaves some 1e-5.
  const core::Volume v = test::white_volume(9, 14, 11, 5);
  const recon::SplineVolume spline(v, {2});
  double worst = 0.0;
  for (int z = 0; z < v.nz; ++z) {
    for (int y = 0; y < v.ny; ++y) {
      for (int x = 0; x < v.nx; ++x) {
        worst = std::max(worst,
                         std::abs(spline.value({double(x), double(y), double(z)}) - double(v.at(x, y, z))));
      }
    }
  }
  BOOST_TEST(worst < 3e-5);
}

BOOST_AUTO_TEST_CASE(reproduces_cubic_polynomials_away_from_the_faces) {
  // The mirrored continuation bends the function at the faces; its influence falls as 0.268^distance, 2e-7
  // at 12.
  const int n = 40;
  core::Volume v(n, n, n, 1.0);
  const auto f = [&](double x, double y, double z) {
    const double a = (x - 20.0) / 20.0;
    const double b = (y - 20.0) / 20.0;
    const double c = (z - 20.0) / 20.0;
    return 0.3 + a - 2.0 * a * b + a * a * c - 0.7 * c * c * c + 0.5 * a * b * c;
  };
  for (int z = 0; z < n; ++z) {
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x)
        v.at(x, y, z) = static_cast<float>(f(x, y, z));
    }
  }
  const recon::SplineVolume spline(v, {1});
  for (const core::Vec3& p : {core::Vec3(17.3, 22.7, 20.5), core::Vec3(14.1, 25.9, 18.33)}) {
    BOOST_TEST(std::abs(spline.value(p) - f(p.x(), p.y(), p.z())) < 5e-6);
  }
}

BOOST_AUTO_TEST_CASE(cube_and_planes_agree_with_single_values) {
  const core::Volume v = test::white_volume(8, 10, 9, 6);
  const recon::SplineVolume spline(v, {1});
  std::vector<double> cube;
  // Also reaching beyond the faces, where the continuation is mirrored.
  for (const core::Vec3& centre : {core::Vec3(3.17, 4.9, 4.0), core::Vec3(0.4, 9.0, 7.7)}) {
    spline.sample_cube(centre, 1.0 / 3.0, 3, cube);
    BOOST_REQUIRE(cube.size() == 343U);
    for (int k = 0; k < 7; ++k) {
      for (int j = 0; j < 7; ++j) {
        for (int i = 0; i < 7; ++i) {
          const core::Vec3 p = centre + core::Vec3(i - 3, j - 3, k - 3) / 3.0;
          BOOST_REQUIRE_SMALL(cube[(k * 7 + j) * 7 + i] - spline.value(p), 1e-12);
        }
      }
    }
  }
  std::vector<float> plane;
  std::vector<float> scratch;
  for (const int factor : {1, 2, 3}) {
    const int wide = factor * 7 + 1;
    const int high = factor * 9 + 1;
    for (const int uz : {0, 4, factor * 8}) {
      spline.upsampled_plane(uz, factor, plane, scratch);
      BOOST_REQUIRE(plane.size() == static_cast<std::size_t>(wide * high));
      for (int y = 0; y < high; ++y) {
        for (int x = 0; x < wide; ++x) {
          const core::Vec3 p = core::Vec3(x, y, uz) / factor;
          BOOST_REQUIRE_SMALL(double(plane[y * wide + x]) - spline.value(p), 1e-5);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(too_small_a_volume_is_an_error) {
  BOOST_CHECK_THROW(recon::SplineVolume(core::Volume(3, 8, 8, 1.0), {1}), core::DataError);
}

BOOST_AUTO_TEST_SUITE_END()
