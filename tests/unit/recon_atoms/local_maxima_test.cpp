#include "recon/atoms/local_maxima.hpp"
#include "tests/unit/recon_atoms/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <tuple>

BOOST_AUTO_TEST_SUITE(local_maxima)

using namespace aet;

namespace {

using Place = std::tuple<int, int, int>;

/// Every interior point of the whole upsampled grid against all its neighbours, ties to the first in z, y, x
/// order.
std::set<Place> brute_force(const recon::SplineVolume& spline, int factor, bool faces_only, float floor) {
  const int wide = factor * (spline.nx() - 1) + 1;
  const int high = factor * (spline.ny() - 1) + 1;
  const int deep = factor * (spline.nz() - 1) + 1;
  std::vector<std::vector<float>> planes(deep);
  std::vector<float> scratch;
  for (int z = 0; z < deep; ++z)
    spline.upsampled_plane(z, factor, planes[z], scratch);
  std::set<Place> found;
  for (int z = 1; z + 1 < deep; ++z) {
    for (int y = 1; y + 1 < high; ++y) {
      for (int x = 1; x + 1 < wide; ++x) {
        const float v = planes[z][y * wide + x];
        bool highest = v > floor;
        for (int dz = -1; dz <= 1; ++dz) {
          for (int dy = -1; dy <= 1; ++dy) {
            for (int dx = -1; dx <= 1; ++dx) {
              if (dx == 0 && dy == 0 && dz == 0) continue;
              if (faces_only && std::abs(dx) + std::abs(dy) + std::abs(dz) != 1) continue;
              const float other = planes[z + dz][(y + dy) * wide + x + dx];
              const bool before = std::tuple(dz, dy, dx) < std::tuple(0, 0, 0);
              highest = highest && (before ? other < v : other <= v);
            }
          }
        }
        if (highest) found.insert({x, y, z});
      }
    }
  }
  return found;
}

std::set<Place> places(const std::vector<recon::GridMaximum>& maxima) {
  std::set<Place> set;
  for (const auto& m : maxima)
    set.insert({m.x, m.y, m.z});
  return set;
}

} // namespace

BOOST_AUTO_TEST_CASE(agrees_with_brute_force) {
  const core::Volume v = test::white_volume(12, 9, 21, 3); // 61 planes: several blocks
  const recon::SplineVolume spline(v, {1});
  for (const float floor : {0.0F, 0.8F}) {
    const auto cube = recon::find_local_maxima(spline, 3, recon::Neighbourhood::cube_26, floor, {2});
    BOOST_TEST(cube.size() > 10U);
    BOOST_TEST((places(cube) == brute_force(spline, 3, false, floor)));
    const auto faces = recon::find_local_maxima(spline, 3, recon::Neighbourhood::faces_6, floor, {2});
    BOOST_TEST((places(faces) == brute_force(spline, 3, true, floor)));
    BOOST_TEST(faces.size() >= cube.size());
  }
}

BOOST_AUTO_TEST_CASE(an_atom_between_grid_points_counts_once) {
  // Half way between voxels in all axes: without upsampling, eight voxels share the highest value.
  core::Volume v(16, 16, 16, 1.0);
  test::add_atom(v, {0.5, 0.5, 0.5}, 1.0, {1.2, 1.0});
  const recon::SplineVolume spline(v, {1});
  const auto maxima = recon::find_local_maxima(spline, 1, recon::Neighbourhood::cube_26, 0.1F, {1});
  BOOST_TEST(maxima.size() == 1U);
}

BOOST_AUTO_TEST_CASE(strongest_first_for_any_number_of_threads) {
  const core::Volume v = test::white_volume(15, 15, 40, 8);
  const recon::SplineVolume one(v, {1});
  const recon::SplineVolume three(v, {3});
  const auto a = recon::find_local_maxima(one, 3, recon::Neighbourhood::cube_26, 0.2F, {1});
  const auto b = recon::find_local_maxima(three, 3, recon::Neighbourhood::cube_26, 0.2F, {3});
  BOOST_REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    BOOST_REQUIRE((a[i].x == b[i].x && a[i].y == b[i].y && a[i].z == b[i].z && a[i].height == b[i].height));
    if (i > 0) BOOST_REQUIRE(a[i - 1].height >= a[i].height);
  }
}

BOOST_AUTO_TEST_SUITE_END()
