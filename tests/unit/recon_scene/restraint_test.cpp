#include "recon/scene/newton.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(restraint)

using namespace aet;

namespace {

constexpr core::Threads one{1};
const recon::PixelLikelihood poisson(recon::NoiseModel{1.0, 0.0, 0.0});

/// Atoms that are not where the images show them.
struct Displaced {
  recon::Scene scene = test::small_scene();
  core::TiltSeries series = test::series_of(scene, 0.3, 32, 5);
  recon::Restraint restraint;

  Displaced() {
    for (std::size_t a = 0; a < scene.size(); ++a)
      scene.positions[a] += core::Vec3(0.1, -0.05, 0.08 * (a % 2 == 0 ? 1.0 : -1.0));
    restraint.places = scene.positions;
  }

  [[nodiscard]] double moved(double precision) const {
    recon::Scene at = scene;
    recon::NewtonOptions newton;
    newton.restraint = {restraint.places, precision};
    double damping = 0.0;
    for (int i = 0; i < 6; ++i)
      static_cast<void>(recon::newton_step(at, {series, poisson}, {}, newton, damping, one));
    double square = 0.0;
    for (std::size_t a = 0; a < at.size(); ++a)
      square += (at.positions[a] - scene.positions[a]).squaredNorm();
    return std::sqrt(square / static_cast<double>(at.size()));
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(gradient_is_the_slope_of_the_loss, Displaced) {
  restraint.precision = 7.0;
  const core::Vec3 off(0.2, -0.1, 0.3);
  scene.positions[1] += off;
  recon::ParameterVector gradient = recon::ParameterVector::Zero(recon::tilt_index(scene.size(), 7));
  recon::add_restraint_gradient(restraint, scene.positions, gradient);
  BOOST_TEST(recon::restraint_loss(restraint, scene.positions) == 3.5 * off.squaredNorm(),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST((gradient.segment<3>(recon::atom_index(1)) - 7.0 * off).norm() < 1e-12);
  BOOST_TEST(std::abs(gradient.norm() - 7.0 * off.norm()) < 1e-12);
  BOOST_TEST(!recon::Restraint{}.active());
}

BOOST_FIXTURE_TEST_CASE(the_solution_fulfils_the_restrained_equations, Displaced) {
  restraint.precision = 400.0;
  const recon::LinearModel model(scene, {series, poisson}, {}, one);
  const recon::ParameterVector b = -model.gradient();
  const recon::ParameterVector x = recon::solve(model, b, 0.0, 1e-8, 200, restraint).x;
  recon::ParameterVector left = model.product(x);
  recon::add_restraint_product(restraint, x, left);
  BOOST_TEST((left - b).norm() < 1e-5 * b.norm());
}

BOOST_FIXTURE_TEST_CASE(atoms_move_less_the_firmer_they_are_held, Displaced) {
  const double free = moved(0.0);
  BOOST_TEST(free > 0.1); // 0.14 angstrom to where the images show them
  BOOST_TEST(moved(1e2) < free);
  BOOST_TEST(moved(1e4) < moved(1e2));
  BOOST_TEST(moved(1e8) < 1e-3);
}

BOOST_AUTO_TEST_SUITE_END()
