#include "recon/refine/evidence.hpp"
#include "recon/refine/odds.hpp"
#include "tests/support/crystals.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(odds)

using namespace aet;

namespace {

constexpr core::Threads one{1};

/// One atom, and images without noise of which a normal variance is nevertheless expected.
struct LoneAtom {
  recon::Scene scene;
  core::TiltSeries series;
  recon::PixelLikelihood normal{recon::NoiseModel{0.0, 0.0, 1.0}};

  LoneAtom() {
    scene.positions = {{0.2, -0.1, 0.3}};
    scene.species = {0};
    scene.profiles = {{{{1.0, 0.5}}}};
    scene.tilts = test::tilts_over(15, 170.0, 1.0);
    series = test::series_of(scene, 0.4, 24);
  }

  [[nodiscard]] double evidence_at(const core::Vec3& place) const {
    recon::Scene moved = scene;
    moved.positions[0] = place;
    return recon::atom_evidence(moved, {series, normal}, one, true)[0].presence;
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(even_odds_are_those_of_the_sum_over_all_places, LoneAtom) {
  // The plain way: mean of the likelihood ratio over the places of a grid.
  constexpr double step = 0.1;
  constexpr int reach = 12; // six or more standard errors
  const double best = evidence_at(scene.positions[0]);
  double sum = 0.0;
  for (int z = -reach; z <= reach; ++z) {
    for (int y = -reach; y <= reach; ++y) {
      for (int x = -reach; x <= reach; ++x)
        sum += std::exp(0.5 * (evidence_at(scene.positions[0] + step * core::Vec3(x, y, z)) - best));
    }
  }
  constexpr double volume = 20.0;
  const double plain = -2.0 * std::log(sum * step * step * step / volume);
  const recon::LinearModel model(scene, {series, normal}, {}, one);
  const double found = recon::evidence_at_even_odds(model, {volume}, 1.0)[0];
  // Laplace takes the peak for a Gaussian; what its shoulders add, 5 % here, moves a logarithm little.
  BOOST_TEST(found == plain, boost::test_tools::tolerance(0.05));
  BOOST_TEST(found > 5.0);
  // Ten times the space: 2 ln 10. Twice the variance: half the information, evidence counts half.
  BOOST_TEST(recon::evidence_at_even_odds(model, {10.0 * volume}, 1.0)[0] - found == 2.0 * std::log(10.0),
             boost::test_tools::tolerance(1e-9));
  BOOST_TEST(recon::evidence_at_even_odds(model, {volume}, 2.0)[0] == 2.0 * (found - 3.0 * std::log(2.0)),
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(the_space_of_an_atom_is_that_of_the_crystal) {
  // Platinum: a^3 / 4. Spheres of 5 angstrom hold 43 atoms of it where 34.7 would be the mean.
  const auto block = test::fcc(3.92, 6).positions;
  BOOST_TEST(recon::volume_per_atom(block) == 3.92 * 3.92 * 3.92 / 4.0, boost::test_tools::tolerance(0.25));
  BOOST_TEST(recon::volume_per_atom({core::Vec3::Zero()}) == 523.6, boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_SUITE_END()
