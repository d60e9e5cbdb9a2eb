#include "recon/refine/missing_atoms.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>

BOOST_AUTO_TEST_SUITE(missing_atoms)

using namespace aet;
using test::Cluster;

namespace {

constexpr core::Threads one{1};
const recon::PixelLikelihood poisson{{1.0, 0.0, 0.0}};

struct Sums {
  double residual = 0.0;
  double information = 0.0;
  [[nodiscard]] double evidence() const { return 2.0 * residual - information; }
};

/// The plain sums of the header, an atom's image by the formula of the scene.
Sums plain_sums(const recon::Scene& scene, const recon::LinearModel& model, int species,
                const core::Vec3& place, double pixel, int n) {
  recon::Scene single = scene;
  single.positions = {place};
  single.species = {species};
  Sums sums;
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    const std::vector<double> with = test::plain_image(single, t, pixel, n);
    for (std::size_t i = 0; i < with.size(); ++i) {
      const double value = with[i] - scene.tilts[t].background;
      sums.residual += value * model.residuals(t).data[i];
      sums.information += value * value * model.weights(t).data[i];
    }
  }
  return sums;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(sums_are_those_of_the_definition, Cluster) {
  constexpr double pixel = 0.3;
  constexpr int n = 60;
  for (const double spread : {0.0, 0.01}) {
    truth.depth.spread = spread;
    series = test::series_of(truth, pixel, n, 7);
    recon::Scene scene = truth;
    scene.positions.erase(scene.positions.begin() + 10);
    scene.species.erase(scene.species.begin() + 10);
    const recon::LinearModel model(scene, {series, poisson}, {}, one);
    recon::MissingAtomOptions options;
    options.least_evidence = 10.0;
    options.grid_a = 0.3;
    const auto found = recon::missing_atoms(scene, series, model, options, one);
    BOOST_TEST_REQUIRE(!found.empty());
    BOOST_TEST((found.front().position - truth.positions[10]).norm() < 0.3);
    for (const recon::MissingAtom& atom : found) {
      const Sums plain = plain_sums(scene, model, atom.species, atom.position, pixel, n);
      // Straight lines between pixels two thirds of a width apart lose up to (0.3 / 0.45)^2 / 8 = 6 % of a
      // peak; heights are rounded to 10 angstrom, here to 0 within 5.5, where sigma is underrated by a third
      // and more.
      const double part = spread > 0.0 ? 0.35 : 0.08;
      BOOST_TEST(std::abs(atom.evidence - plain.evidence()) < part * plain.information);
      BOOST_TEST(std::abs(atom.occupancy - plain.residual / plain.information) < 2.0 * part);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(threads_do_not_change_what_is_found, Cluster) {
  truth.depth.spread = 0.01;
  recon::Scene scene = truth;
  scene.positions.resize(scene.size() - 3);
  scene.species.resize(scene.size());
  const recon::LinearModel model(scene, {series, poisson}, {}, one);
  recon::MissingAtomOptions options;
  options.least_evidence = 10.0;
  const auto a = recon::missing_atoms(scene, series, model, options, one);
  const auto b = recon::missing_atoms(scene, series, model, options, core::Threads{3});
  BOOST_TEST_REQUIRE(a.size() == b.size());
  BOOST_TEST(a.size() >= 3U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    BOOST_TEST((a[i].position == b[i].position));
    BOOST_TEST(a[i].evidence == b[i].evidence);
  }
}

BOOST_AUTO_TEST_SUITE_END()
