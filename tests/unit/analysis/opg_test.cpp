#include "analysis/gradient/opg_energy.hpp"
#include "analysis/gradient/opg_fit.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "tests/support/crystals.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

BOOST_AUTO_TEST_SUITE(opg)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;
using core::pi;

namespace {

double profile_at(double r, double alpha0, double lambda, double beta, double background) {
  return alpha0 * std::exp(-std::pow(r / lambda, beta)) + background;
}

struct Law {
  Interface interface;
  double radius;
  double barrier; // in units of alpha0 gamma^3 / delta_g^2
  double (*f)(double);
  double (*df)(double);
};

const std::vector<Law>& laws() {
  static const std::vector<Law> all{
      {Interface::sharp, 2.0, 16.0 / 3.0 * pi, [](double) { return 1.0; }, [](double) { return 0.0; }},
      {Interface::linear, 8.0 / 3.0, 256.0 / 81.0 * pi, [](double s) { return 1.0 - s; },
       [](double) { return -1.0; }},
      {Interface::parabola_above, 2.5, 25.0 / 6.0 * pi, [](double s) { return 1.0 - s * s; },
       [](double s) { return -2.0 * s; }},
      {Interface::parabola_below, 10.0 / 3.0, 200.0 / 81.0 * pi,
       [](double s) { return (1.0 - s) * (1.0 - s); }, [](double s) { return -2.0 * (1.0 - s); }}};
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(closed_forms_are_the_exact_rationals) {
  for (const Law& law : laws()) {
    const Barrier unit = closed_form_barrier(law.interface, 1.0, {});
    BOOST_TEST(std::abs(unit.critical_radius - law.radius) < 1e-12);
    BOOST_TEST(std::abs(unit.energy - law.barrier) < 1e-12 * law.barrier);
    const Barrier other = closed_form_barrier(law.interface, 0.7, {.gamma = 0.1, .delta_g = 0.02});
    BOOST_TEST(std::abs(other.critical_radius - law.radius * 5.0) < 1e-12 * 20.0);
    BOOST_TEST(std::abs(other.energy - 0.7 * law.barrier * 1e-3 / 4e-4) < 1e-12 * other.energy);
  }
  // As printed in Zhou et al. 2019, eq. 16 to 22.
  BOOST_TEST(std::abs(closed_form_barrier(Interface::linear, 1, {}).energy - 9.9) < 0.05);
  BOOST_TEST(std::abs(closed_form_barrier(Interface::parabola_above, 1, {}).energy - 13.1) < 0.05);
  BOOST_TEST(std::abs(closed_form_barrier(Interface::parabola_below, 1, {}).energy - 7.8) < 0.05);
  BOOST_CHECK_EXCEPTION((void)closed_form_barrier(Interface::sharp, 1.0, {.gamma = -1.0}), core::ConfigError,
                        says("must be positive"));
}

BOOST_AUTO_TEST_CASE(the_general_equation_gives_the_closed_forms) {
  const NucleationEnergies energies{.gamma = 0.08, .delta_g = 0.03};
  for (const Law& law : laws()) {
    const ProfileFamily family{[&](double r, double at) { return 0.8 * law.f(at / r); },
                               [&](double r, double at) { return 0.8 * law.df(at / r) / r; }};
    const Barrier numeric = solve_barrier(family, energies, 0.5, 50.0);
    const Barrier exact = closed_form_barrier(law.interface, 0.8, energies);
    BOOST_TEST(std::abs(numeric.critical_radius / exact.critical_radius - 1.0) < 1e-6);
    BOOST_TEST(std::abs(numeric.energy / exact.energy - 1.0) < 1e-6);
  }
  for (const double beta : {1.0, 1.3, 2.0, 4.0}) {
    const ProfileFamily family{[&](double r, double at) { return 0.9 * std::exp(-std::pow(at / r, beta)); },
                               [&](double r, double at) {
                                 return -0.9 * beta / r * std::pow(at / r, beta - 1.0) *
                                        std::exp(-std::pow(at / r, beta));
                               },
                               std::pow(36.0, 1.0 / beta)}; // cut where the profile is 1e-16
    const Barrier numeric = solve_barrier(family, energies, 0.1, 50.0);
    const Barrier exact = generalised_gaussian_barrier(0.9, beta, energies);
    BOOST_TEST(std::abs(numeric.critical_radius / exact.critical_radius - 1.0) < 1e-6);
    BOOST_TEST(std::abs(numeric.energy / exact.energy - 1.0) < 1e-6);
  }
  const ProfileFamily flat{[](double, double) { return 1.0; }, [](double, double) { return 0.0; }};
  BOOST_CHECK_EXCEPTION((void)solve_barrier(flat, {}, 3.0, 9.0), core::NumericsError, says("no maximum"));
}

BOOST_AUTO_TEST_CASE(diffuse_interfaces_cost_less_than_sharp_ones) {
  // Zhou et al. 2019, inequality (24): [int (-alpha') r^2 dr]^(3/2) <= 3 int alpha r^2 dr for alpha falling
  // from <= 1 to 0. A random staircase: each step of height h at radius s adds h s^2 on the left and h s^3 on
  // the right.
  core::RandomStream random(1, "test.monotone");
  for (int trial = 0; trial < 10000; ++trial) {
    const int steps = 1 + static_cast<int>(random.uniform() * 12.0);
    std::vector<double> heights;
    double sum = 0.0;
    for (int k = 0; k < steps; ++k) {
      heights.push_back(random.uniform());
      sum += heights.back();
    }
    const double top = std::pow(random.uniform(), 0.3);
    double surface = 0.0;
    double volume = 0.0;
    for (const double h : heights) {
      const double s = 10.0 * random.uniform();
      surface += top * h / sum * s * s;
      volume += top * h / sum * s * s * s;
    }
    BOOST_REQUIRE(std::pow(surface, 1.5) <= volume * (1.0 + 1e-12));
  }
}

BOOST_AUTO_TEST_CASE(profiles_are_plain_shell_means) {
  const std::vector<double> r{0.0, 2.5, 2.9, 5.1, 0.4};
  const std::vector<double> v{1.0, 0.2, 0.4, 0.9, 0.8};
  const auto profile = radial_profile(r, v, 1.0);
  BOOST_REQUIRE(profile.size() == 3U); // empty shells left out; and it rises again at the end
  BOOST_TEST(std::abs(profile[0].r - 0.2) < 1e-15);
  BOOST_TEST(std::abs(profile[0].value - 0.9) < 1e-15);
  BOOST_TEST(profile[1].count == 2.0);
  BOOST_TEST(std::abs(profile[1].value - 0.3) < 1e-15);
  BOOST_TEST(profile[2].value == 0.9);
}

BOOST_AUTO_TEST_CASE(an_exact_profile_is_recovered) {
  for (const double lambda : {3.0, 6.0, 12.0})
    for (const double beta : {0.8, 1.3, 2.0, 4.0})
      for (const double background : {0.0, 0.25}) {
        std::vector<ProfilePoint> points;
        for (double r = 0.3; r < 2.5 * lambda; r += 0.7)
          points.push_back({r, profile_at(r, 0.6, lambda, beta, background), 1.0 + 4.0 * r * r});
        const ProfileFitResult result = fit_profile(points, {.background = background > 0.0});
        BOOST_REQUIRE(result.fit.has_value());
        BOOST_TEST(std::abs(result.fit->alpha0 - 0.6) < 1e-6);
        BOOST_TEST(std::abs(result.fit->lambda_a - lambda) < 1e-5 * lambda);
        BOOST_TEST(std::abs(result.fit->beta - beta) < 1e-5 * beta);
        BOOST_TEST(std::abs(result.fit->background - background) < 1e-6);
        BOOST_TEST(result.fit->r_squared > 1.0 - 1e-9);
      }
}

BOOST_AUTO_TEST_CASE(intervals_hold_what_they_promise) {
  // 200 noisy nuclei: each interval should hold the planted value in 95 % of them; 200 trials scatter by 1.5
  // %.
  constexpr int trials = 200;
  const double alpha0 = 0.6;
  const double lambda = 7.0;
  const double beta = 1.8;
  const double background = 0.2;
  const core::Atoms ball = fcc_ball(3.92, 16.0);
  std::array<int, 4> held{};
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    core::RandomStream random(2, "test.coverage", {trial});
    std::vector<double> distances;
    std::vector<double> values;
    const Vec3 core(random.normal(), random.normal(), random.normal());
    for (const Vec3& p : ball.positions) {
      distances.push_back((p - core).norm());
      values.push_back(profile_at(distances.back(), alpha0, lambda, beta, background) +
                       0.08 * random.normal());
    }
    const ProfileFitResult result = fit_profile(radial_profile(distances, values, 0.5));
    BOOST_REQUIRE(result.fit.has_value());
    const ProfileFit& f = *result.fit;
    const auto inside = [&](double value, const std::optional<double>& sd, double truth) {
      return sd && std::abs(value - truth) <= f.interval_factor * *sd ? 1 : 0;
    };
    held[0] += inside(f.alpha0, f.alpha0_sd, alpha0);
    held[1] += inside(f.lambda_a, f.lambda_sd_a, lambda);
    held[2] += inside(f.beta, f.beta_sd, beta);
    held[3] += inside(f.background, f.background_sd, background);
  }
  for (const int count : held) {
    BOOST_TEST(count >= 182); // 91 %
    BOOST_TEST(count <= 199);
  }
}

BOOST_AUTO_TEST_CASE(no_fit_has_a_reason) {
  std::vector<ProfilePoint> points;
  for (int k = 0; k < 5; ++k)
    points.push_back({k + 0.5, 1.0 - 0.1 * k, 3.0});
  BOOST_TEST(fit_profile(points).reason == "5 shells; a fit needs at least 6");
  std::vector<ProfilePoint> flat;
  std::vector<ProfilePoint> rising;
  for (int k = 0; k < 12; ++k) {
    flat.push_back({k + 0.5, 0.4, 3.0});
    rising.push_back({k + 0.5, 0.1 * k, 3.0});
  }
  BOOST_TEST(!fit_profile(flat).fit.has_value());
  BOOST_TEST(fit_profile(flat).reason == "the order parameter does not change with distance");
  const ProfileFitResult up = fit_profile(rising);
  BOOST_TEST(!up.reason.empty());
  flat[3].value = std::numeric_limits<double>::quiet_NaN();
  BOOST_CHECK_EXCEPTION((void)fit_profile(flat), core::DataError, says("not a number"));
  BOOST_CHECK_EXCEPTION((void)fit_profile(rising, {.beta_min = 2.0, .beta_max = 1.0}), core::ConfigError,
                        says("bounds of beta"));
}

BOOST_AUTO_TEST_SUITE_END()
