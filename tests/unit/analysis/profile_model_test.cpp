#include "analysis/gradient/opg_nucleus.hpp"
#include "analysis/gradient/profile_model.hpp"
#include "analysis/order/directions.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "tests/support/crystals.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(profile_laws)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;
using core::pi;

namespace {

/// Shell means of a law with normal scatter of each atom.
std::vector<ProfilePoint> sampled(const ProfileModel& law, const std::vector<double>& p, double scatter,
                                  std::uint32_t trial) {
  core::RandomStream random(3, "test.profile", {trial});
  const core::Atoms ball = fcc_ball(3.92, 18.0);
  std::vector<double> distances;
  std::vector<double> values;
  const Vec3 core(random.normal(), random.normal(), random.normal());
  for (const Vec3& r : ball.positions) {
    distances.push_back((r - core).norm());
    values.push_back(law.value(p, distances.back()) + scatter * random.normal());
  }
  return radial_profile(distances, values, 0.5);
}

std::vector<ProfilePoint> exact(const ProfileModel& law, const std::vector<double>& p) {
  std::vector<ProfilePoint> points;
  for (int k = 0; k < 40; ++k) {
    const double r = 0.25 + 0.5 * k;
    points.push_back({r, law.value(p, r), 1.0 + k * k});
  }
  return points;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_law_is_recovered_and_told_from_the_others) {
  struct Planted {
    ProfileModel law;
    std::vector<double> p;
  };
  const std::vector<Planted> all{{generalised_gaussian_model(), {0.7, 7.0, 1.4, 0.2}},
                                 {linear_model(), {0.7, 11.0, 0.2}},
                                 {parabola_above_model(), {0.7, 11.0, 0.2}},
                                 {parabola_below_model(), {0.7, 14.0, 0.2}},
                                 {tanh_model(), {0.7, 8.0, 3.0, 0.2}}};
  for (const Planted& truth : all) {
    BOOST_TEST_CONTEXT(truth.law.name) {
      const ModelFitResult exact_fit = fit_model(exact(truth.law, truth.p), truth.law);
      BOOST_REQUIRE(!exact_fit.fit.empty());
      for (std::size_t k = 0; k < truth.p.size(); ++k)
        BOOST_TEST(std::abs(exact_fit.fit[0].parameters[k] - truth.p[k]) < 1e-5);
      const auto points = sampled(truth.law, truth.p, 0.03, 1);
      std::string best;
      double lowest = 1e300;
      for (const Planted& tried : all) {
        const ModelFitResult fit = fit_model(points, tried.law);
        if (fit.fit.empty() || fit.fit[0].aic >= lowest) continue;
        lowest = fit.fit[0].aic;
        best = tried.law.name;
      }
      // The generalised Gaussian bends nearly like the tanh, so either may describe one noisy sample of it.
      if (truth.law.name != "tanh" && truth.law.name != "parabola below the line")
        BOOST_TEST(best == truth.law.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_law_of_ones_own_needs_no_derivatives) {
  ProfileModel law;
  law.name = "Lorentzian";
  law.parameters = {"height", "width"};
  law.low = {0.0, 0.1};
  law.high = {2.0, 50.0};
  law.value = [](std::span<const double> p, double r) { return p[0] / (1.0 + std::pow(r / p[1], 2)); };
  law.starts = {{0.5, 5.0}};
  const ModelFitResult fit = fit_model(exact(law, {0.8, 6.5}), law);
  BOOST_REQUIRE(!fit.fit.empty());
  BOOST_TEST(std::abs(fit.fit[0].parameters[1] - 6.5) < 1e-6);
  law.starts = {{0.5}};
  BOOST_CHECK_EXCEPTION((void)fit_model(exact(law, {0.8, 6.5}), law), core::ConfigError,
                        says("1 numbers for 2"));
}

BOOST_AUTO_TEST_CASE(covariance_is_the_scatter_of_many_fits) {
  const ProfileModel law = generalised_gaussian_model();
  const std::vector<double> p{0.6, 7.0, 1.8, 0.2};
  constexpr int trials = 200;
  Eigen::Matrix3d measured = Eigen::Matrix3d::Zero();
  Eigen::Matrix3d stated = Eigen::Matrix3d::Zero();
  double p_values = 0.0;
  for (int t = 0; t < trials; ++t) {
    const ModelFitResult fit = fit_model(sampled(law, p, 0.08, static_cast<std::uint32_t>(t)), law);
    BOOST_REQUIRE(!fit.fit.empty());
    p_values += fit.fit[0].p_value / trials;
    Vec3 off;
    for (std::size_t a = 0; a < 3; ++a) {
      off[static_cast<Eigen::Index>(a)] = fit.fit[0].parameters[a] - p[a];
      for (std::size_t b = 0; b < 3; ++b)
        stated(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b)) +=
            fit.fit[0].covariance[a * 4 + b] / trials;
    }
    measured += off * off.transpose() / trials;
  }
  // 200 trials know a variance to 10 %; four times that.
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b)
      BOOST_TEST(std::abs(measured(a, b) - stated(a, b)) < 0.4 * std::sqrt(stated(a, a) * stated(b, b)));
  // Uniform if the law is true: mean 1/2, standard deviation 0.29 / sqrt(200) = 0.02.
  BOOST_TEST(std::abs(p_values - 0.5) < 0.08);
  const ModelFitResult wrong = fit_model(sampled(law, p, 0.08, 1), linear_model());
  BOOST_TEST(wrong.fit[0].p_value < 1e-3);
}

BOOST_AUTO_TEST_CASE(robust_fits_forgive_outliers) {
  const ProfileModel law = generalised_gaussian_model();
  const std::vector<double> p{0.6, 7.0, 1.8, 0.2};
  double plain = 0.0;
  double robust = 0.0;
  for (std::uint32_t t = 0; t < 20; ++t) {
    auto points = sampled(law, p, 0.05, t);
    for (std::size_t k = 4; k < points.size(); k += 9)
      points[k].value += 0.4; // a neighbouring crystal touches every ninth shell
    const ModelFitResult a = fit_model(points, law);
    const ModelFitResult b = fit_model(points, law, {.robust = true});
    BOOST_REQUIRE(!b.fit.empty());
    plain += a.fit.empty() ? 10.0 : std::abs(a.fit[0].parameters[1] - p[1]) / 20.0;
    robust += std::abs(b.fit[0].parameters[1] - p[1]) / 20.0;
    BOOST_TEST(b.fit[0].weights[4] < 0.2);
  }
  BOOST_TEST(robust < 0.35);
  BOOST_TEST(robust < 0.6 * plain);
}

BOOST_AUTO_TEST_CASE(directions_are_looked_along) {
  BOOST_TEST(cubic_family({1, 0, 0}).size() == 6U);
  BOOST_TEST(cubic_family({1, 1, 0}).size() == 12U);
  BOOST_TEST(cubic_family({1, 1, 1}).size() == 8U);
  BOOST_TEST(cubic_family({1, 2, 3}).size() == 48U);
  const core::Mat3 turn = core::rotation_from_euler({0.3, 1.1, -0.4});
  const core::Atoms ball = fcc_ball(3.92, 16.0);
  std::vector<Vec3> places;
  std::vector<double> values;
  for (const Vec3& r : ball.positions) { // longer along <111> than along <100>
    const Vec3 u = r.norm() > 0.0 ? Vec3(r / r.norm()) : Vec3::UnitX();
    const double quartic = u.array().pow(4).sum(); // 1 along <100>, 1/3 along <111>
    places.push_back(turn * r);
    values.push_back(std::exp(-std::pow(r.norm() / (10.0 - 4.0 * (quartic - 1.0 / 3.0)), 2)));
  }
  const auto along = [&](const Vec3& v) {
    const auto family = cubic_family(v, turn.transpose());
    return fit_profile(directional_profile(places, values, family, 0.2, 1.0), {.background = false})
        .fit->lambda_a;
  };
  BOOST_TEST(std::abs(along({1, 1, 1}) - 10.0) < 0.4);
  BOOST_TEST(std::abs(along({1, 0, 0}) - 7.33) < 0.4);
  BOOST_CHECK_EXCEPTION((void)directional_profile(places, values, {}, 3.0, 1.0), core::ConfigError,
                        says("half angle"));
}

BOOST_AUTO_TEST_CASE(barriers_of_fitted_nuclei) {
  ProfileFit fit;
  fit.alpha0 = 0.8;
  fit.lambda_a = 12.0;
  fit.beta = 1.6;
  const NucleationEnergies energies{0.05, 0.01};
  const NucleusBarrier barrier = nucleus_barrier(fit, energies);
  BOOST_TEST(!barrier.energy_sd.has_value());
  BOOST_TEST(barrier.opg.energy < barrier.classical.energy);
  // The general equation, by the family of the same law.
  const ProfileFamily family =
      family_of(generalised_gaussian_model({}, 0.3, 8.0), {0.8, 12.0, 1.6, 0.3}, 1, 8.0);
  const Barrier general = solve_barrier(family, energies, 1.0, 80.0);
  BOOST_TEST(std::abs(general.energy / barrier.opg.energy - 1.0) < 1e-6);
  BOOST_TEST(std::abs(general.critical_radius / barrier.opg.critical_radius - 1.0) < 1e-6);
  BOOST_TEST(std::abs(nucleus_free_energy(family, 12.0, energies) / barrier.free_energy - 1.0) < 1e-6);
  // A steep edge is a sharp interface.
  fit.beta = 400.0;
  BOOST_TEST(std::abs(nucleus_barrier(fit, energies).opg.energy / barrier.classical.energy - 1.0) < 0.01);
  // Error propagation against a Monte Carlo of correlated parameters.
  fit.beta = 1.6;
  fit.alpha0_sd = 0.02;
  fit.beta_sd = 0.05;
  fit.covariance[0] = 4e-4;
  fit.covariance[10] = 2.5e-3;
  fit.covariance[2] = fit.covariance[8] = -6e-4;
  core::RandomStream random(9, "test.barrier");
  double squares = 0.0;
  constexpr int trials = 20000;
  for (int t = 0; t < trials; ++t) {
    const double x = random.normal();
    const double y = -0.6 * x + 0.8 * random.normal();
    squares += std::pow(generalised_gaussian_barrier(0.8 + 0.02 * x, 1.6 + 0.05 * y, energies).energy -
                            barrier.opg.energy,
                        2);
  }
  BOOST_TEST(std::abs(*nucleus_barrier(fit, energies).energy_sd / std::sqrt(squares / trials) - 1.0) < 0.05);
}

BOOST_AUTO_TEST_SUITE_END()
