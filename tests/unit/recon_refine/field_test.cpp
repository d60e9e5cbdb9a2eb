#include "recon/refine/field.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(field)

using namespace aet;

BOOST_AUTO_TEST_CASE(an_atom_is_seen_by_the_images_that_hold_it) {
  recon::Scene scene;
  scene.positions = {{0.0, 0.0, 0.0}, {6.0, 0.0, 0.0}, {0.0, 6.0, 0.0}, {1.2, 0.0, 0.0}};
  scene.species = {0, 0, 0, 0};
  scene.profiles = {{{{3.0, 0.4}}}};
  scene.tilts = test::tilts_over(9, 135.0, 1.0);             // 0, +-15 ... +-60 degrees
  core::TiltSeries series = test::series_of(scene, 0.4, 24); // +-4.8 angstrom
  const std::vector<double> seen = recon::seen_parts(scene, series);
  BOOST_TEST(seen[0] == 1.0, boost::test_tools::tolerance(1e-12));
  // 6 cos(angle) is within 4.6 angstrom from 45 degrees on: four of nine.
  BOOST_TEST(seen[1] == 4.0 / 9.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(seen[2] == 0.0); // on the tilt axis, beyond its end
  series.masked.assign(series.size(), {});
  const core::Image& image = series.images[4]; // not tilted
  series.masked[4] = {static_cast<std::uint32_t>(image.index(12 + 3, 12))};
  BOOST_TEST(recon::seen_parts(scene, series)[3] == 8.0 / 9.0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
