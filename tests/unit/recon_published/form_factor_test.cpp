#include "recon/published/form_factor.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>

BOOST_AUTO_TEST_SUITE(form_factor)

using namespace aet;
using recon::published::FormFactor;
using recon::published::RadialProfile;

namespace {

double fourier_value(const FormFactor& f, double b, double q) {
  double sum = 0.0;
  for (std::size_t i = 0; i < f.weight.size(); ++i)
    sum += f.weight[i] * std::exp(-f.decay[i] * q * q);
  return sum * std::exp(-b * q * q);
}

/// 2 pi int f(q) exp(-B q^2) J0(2 pi q rho) q dq by the midpoint rule.
double hankel(const FormFactor& f, double b, double rho) {
  const int steps = 6000;
  const double step = 3.0 / steps;
  double sum = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double q = (i + 0.5) * step;
    sum += fourier_value(f, b, q) * std::cyl_bessel_j(0, 2.0 * std::numbers::pi * q * rho) * q * step;
  }
  return 2.0 * std::numbers::pi * sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(platinum_is_the_table) {
  // International Tables C, table 4.3.2.2: f_e(0) of Pt is the sum of 0.8836 ... ; normalised to one here.
  const FormFactor f = recon::published::electron_form_factor(78);
  double sum = 0.0;
  for (const double w : f.weight)
    sum += w;
  BOOST_TEST(std::abs(sum - 1.0) < 1e-12);
  BOOST_TEST(f.weight.size() == 5U);
  // Heavier atoms have relatively more at high angles.
  BOOST_TEST(fourier_value(f, 0, 1.0) > fourier_value(recon::published::electron_form_factor(26), 0, 1.0));
}

BOOST_AUTO_TEST_CASE(the_profile_is_the_inverse_fourier_transform) {
  for (const int element : {14, 26, 78}) {
    const FormFactor f = recon::published::electron_form_factor(element);
    const RadialProfile profile(f, 5.0);
    const double centre = profile(0.0).value;
    for (const double rho : {0.0, 0.3, 0.7, 1.2, 2.0}) {
      // Linear interpolation in a table of 4096 points: below 1e-6 of the centre.
      BOOST_TEST(std::abs(profile(rho * rho).value - hankel(f, 5.0, rho)) < 3e-6 * centre);
    }
  }
}

BOOST_AUTO_TEST_CASE(derivatives_are_those_of_the_values) {
  const FormFactor f = recon::published::electron_form_factor(26);
  const RadialProfile profile(f, 5.0);
  const RadialProfile more(f, 5.001);
  const RadialProfile less(f, 4.999);
  const double centre = profile(0.0).value;
  for (const double u : {0.05, 0.4, 1.5}) {
    const double by_u = (profile(u + 0.01).value - profile(u - 0.01).value) / 0.02;
    BOOST_TEST(std::abs(profile(u).by_u - by_u) < 1e-3 * centre);
    const double by_b = (more(u).value - less(u).value) / 0.002;
    BOOST_TEST(std::abs(profile(u).by_b - by_b) < 1e-3 * centre);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_element_is_named) {
  const auto message =
      test::message_of<core::DataError>([] { (void)recon::published::electron_form_factor(118); });
  BOOST_TEST(test::contains(message, "118", "1 to 98"));
}

BOOST_AUTO_TEST_SUITE_END()
