#include "recon/atoms/polynomial_fit.hpp"
#include "sim/core/error.hpp"
#include "tests/unit/recon_atoms/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(polynomial_fit)

using namespace aet;

namespace {

/// Solves a x = b by Gauss-Jordan elimination with pivoting.
std::vector<double> solve(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t r = k; r < n; ++r)
      pivot = std::abs(a[r][k]) > std::abs(a[pivot][k]) ? r : pivot;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == k) continue;
      const double f = a[r][k] / a[k][k];
      for (std::size_t c = k; c < n; ++c)
        a[r][c] -= f * a[k][c];
      b[r] -= f * b[k];
    }
  }
  for (std::size_t k = 0; k < n; ++k)
    b[k] /= a[k][k];
  return b;
}

/// The weighted least squares fit written out: single spline values, all 35 monomials, normal equations.
/// Returns the coefficient of x^a0 y^b0 z^c0.
double plain_coefficient(const recon::SplineVolume& spline, const core::Vec3& centre, int factor, int a0,
                         int b0, int c0) {
  std::vector<std::vector<double>> normal(35, std::vector<double>(35, 0.0));
  std::vector<double> right(35, 0.0);
  std::size_t wanted = 0;
  for (int k = -3; k <= 3; ++k) {
    for (int j = -3; j <= 3; ++j) {
      for (int i = -3; i <= 3; ++i) {
        const double d2 = i * i + j * j + k * k;
        if (d2 > 3.5 * 3.5) continue;
        std::vector<double> row;
        for (int a = 0; a <= 4; ++a) {
          for (int b = 0; a + b <= 4; ++b) {
            for (int c = 0; a + b + c <= 4; ++c) {
              if (a == a0 && b == b0 && c == c0) wanted = row.size();
              row.push_back(std::pow(i, a) * std::pow(j, b) * std::pow(k, c));
            }
          }
        }
        BOOST_REQUIRE(row.size() == 35U);
        const double weight = std::exp(-d2 / 9.0);
        const double value = spline.value((centre + core::Vec3(i, j, k)) / factor);
        for (std::size_t r = 0; r < 35; ++r) {
          right[r] += weight * value * row[r];
          for (std::size_t c = 0; c < 35; ++c)
            normal[r][c] += weight * row[r] * row[c];
        }
      }
    }
  }
  return solve(normal, right)[wanted];
}

} // namespace

BOOST_AUTO_TEST_CASE(coefficients_agree_with_the_plain_fit) {
  core::Volume v(16, 16, 16, 0.35);
  test::add_atom(v, {0.1, -0.2, 0.05}, 1.0);
  test::add_noise(v, 0.05, 4);
  const recon::SplineVolume spline(v, {1});
  const recon::PolynomialPeakFitter fitter({}, 3);
  const core::Vec3 centre(24.3, 23.8, 24.4);
  const auto p = fitter.coefficients(spline, centre);
  const int exponents[10][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {2, 0, 0},
                                {0, 2, 0}, {0, 0, 2}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}};
  for (int i = 0; i < 10; ++i) {
    // Normal equations of unscaled monomials have a condition number near 1e7, hence 1e-8.
    BOOST_TEST(std::abs(p[i] - plain_coefficient(spline, centre, 3, exponents[i][0], exponents[i][1],
                                                 exponents[i][2])) < 1e-8);
  }
}

BOOST_AUTO_TEST_CASE(finds_the_maximum_of_one_atom_wherever_it_lies) {
  // A lone Gaussian is symmetric, so the fit's stationary point is its centre up to the error of the cubic
  // spline, which falls at least as the fourth power of voxel / sigma: 0.4 pm at sigma = 1.43 voxels, less
  // than 0.1 pm at 2.2.
  for (const auto& [sigma, bound] : {std::pair(0.5, 0.0045), std::pair(0.77, 0.0009)}) {
    core::RandomStream random(3, "test.positions");
    recon::PeakFitOptions options;
    options.small_step = 1e-4;
    const recon::PolynomialPeakFitter fitter(options, 3);
    for (int trial = 0; trial < 20; ++trial) {
      const core::Vec3 truth(0.4 * random.uniform(), 0.4 * random.uniform(), 0.4 * random.uniform());
      core::Volume v(32, 32, 32, 0.35);
      test::add_atom(v, truth, 1.0, {sigma, 1.0});
      const recon::SplineVolume spline(v, {1});
      const core::Vec3 exact = 3.0 * (truth / 0.35 + core::Vec3(16, 16, 16));
      const core::Vec3 start = exact.array().round().matrix();
      const recon::PeakFit fit = fitter.fit(spline, start);
      BOOST_TEST((fit.outcome == recon::FitOutcome::converged));
      BOOST_TEST((fit.centre - exact).norm() * 0.35 / 3.0 < bound);
      BOOST_TEST(std::abs(fit.height - 1.0) < 0.01);
      BOOST_TEST(fit.iterations < 10);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_stationary_point_is_the_polynomials) {
  core::Volume v(20, 20, 20, 0.35);
  test::add_atom(v, {0.1, 0.2, 0.3}, 1.0);
  test::add_atom(v, {1.5, 0.2, -0.9}, 0.8); // an overlapping neighbour makes the peak lopsided
  const recon::SplineVolume spline(v, {1});
  recon::PeakFitOptions options;
  options.small_step = 1e-9;
  const recon::PolynomialPeakFitter fitter(options, 3);
  const recon::PeakFit fit = fitter.fit(spline, {31, 32, 33});
  BOOST_REQUIRE((fit.outcome == recon::FitOutcome::converged));
  for (const auto& e : {core::Vec3(1, 0, 0), core::Vec3(0, 1, 0), core::Vec3(0, 0, 1)}) {
    BOOST_TEST(std::abs(plain_coefficient(spline, fit.centre, 3, int(e.x()), int(e.y()), int(e.z()))) < 1e-7);
  }
}

BOOST_AUTO_TEST_CASE(rejections) {
  core::Volume v(24, 24, 24, 0.35);
  test::add_atom(v, core::Vec3::Zero(), 1.0);
  const recon::SplineVolume spline(v, {1});
  const recon::PolynomialPeakFitter fitter({}, 3);
  // 5 upsampled voxels up the flank, still concave: walks to the peak, farther than 3.
  BOOST_TEST((fitter.fit(spline, {36, 36, 40}).outcome == recon::FitOutcome::drifted));
  // Beyond the inflection point at sigma = 4.3 upsampled voxels the flank is convex.
  BOOST_TEST((fitter.fit(spline, {36, 36, 44}).outcome == recon::FitOutcome::no_maximum));
  BOOST_TEST((fitter.fit(spline, {36, 36, 3}).outcome == recon::FitOutcome::at_edge));
  recon::PeakFitOptions hasty;
  hasty.settle_steps = 2;
  hasty.max_iterations = 2;
  BOOST_TEST((recon::PolynomialPeakFitter(hasty, 3).fit(spline, {36, 36, 38}).outcome ==
              recon::FitOutcome::not_converged));
}

BOOST_AUTO_TEST_CASE(integral_of_a_gaussian) {
  // Sum over the lattice in the sphere of 3.5 against the integral of a Gaussian: the count of points (179)
  // differs from the sphere's volume (179.6) by 0.3 %, the surface of the sphere by about 1 %.
  core::Volume v(24, 24, 24, 1.0);
  test::add_atom(v, core::Vec3::Zero(), 2.0, {1.4, 1.0});
  const recon::SplineVolume spline(v, {1});
  const double got = recon::PolynomialPeakFitter({}, 3).integrate(spline, {36, 36, 36});
  const double r = 3.5 / 3.0;
  double exact = 0.0;
  for (int i = 0; i < 1000; ++i) {
    const double x = (i + 0.5) * r / 1000.0;
    exact += 4.0 * 3.14159265358979 * x * x * 2.0 * std::exp(-0.5 * x * x / 1.96) * r / 1000.0;
  }
  BOOST_TEST(got == exact, boost::test_tools::tolerance(0.015));
}

BOOST_AUTO_TEST_CASE(options_out_of_range) {
  recon::PeakFitOptions options;
  options.radius = 1.0;
  BOOST_CHECK_THROW(recon::PolynomialPeakFitter(options, 3), core::ConfigError);
  options = {};
  options.max_step = 0.0;
  BOOST_CHECK_THROW(recon::PolynomialPeakFitter(options, 3), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
