#include "recon/volume/nufft.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

BOOST_AUTO_TEST_SUITE(nufft)

using namespace aet;

namespace {

core::AlignedVector<core::Complex> random_modes(int n) {
  core::RandomStream random(3, "modes");
  core::AlignedVector<core::Complex> modes(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));
  for (auto& m : modes)
    m = {static_cast<float>(random.normal()), static_cast<float>(random.normal())};
  return modes;
}

std::vector<std::pair<double, double>> random_points(int count) {
  core::RandomStream random(5, "points");
  // The last points sit where indices wrap.
  std::vector<std::pair<double, double>> points{{0.0, 0.0}, {1.0, -1.0}, {-1e-17, 0.999999999}, {0.5, -0.5}};
  for (int i = 0; i < count; ++i)
    points.emplace_back(3.0 * random.uniform() - 1.5, 3.0 * random.uniform() - 1.5);
  return points;
}

test::Complexd plain_value(const core::AlignedVector<core::Complex>& modes, int n, double px, double py,
                           double sign) {
  test::Complexd sum = 0.0;
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      const auto m = static_cast<test::Complexd>(modes[static_cast<std::size_t>(y * n + x)]);
      sum += m * std::polar(1.0, sign * 2.0 * core::pi * (px * (x - n / 2) + py * (y - n / 2)));
    }
  }
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(type_2_equals_the_plain_sum) {
  for (const int n : {2, 10, 64}) {
    const recon::Nufft2 transform(n);
    const auto modes = random_modes(n);
    const auto grid = transform.prepare(modes.data());
    double worst = 0.0;
    for (const auto& [px, py] : random_points(60)) {
      const auto error =
          static_cast<test::Complexd>(transform.value(grid, px, py)) - plain_value(modes, n, px, py, -1.0);
      worst = std::max(worst, std::abs(error));
    }
    // Modes have variance 2, so values have standard deviation sqrt(2) n. Kernel error 1e-7, the rest is
    // rounding.
    BOOST_TEST(worst < 1e-6 * std::sqrt(2.0) * n, "n " << n << ": " << worst / (std::sqrt(2.0) * n));
    BOOST_TEST_MESSAGE("type 2, n " << n << ": largest error over rms value "
                                    << worst / (std::sqrt(2.0) * n));
  }
}

BOOST_AUTO_TEST_CASE(type_1_is_the_adjoint) {
  constexpr int n = 20;
  const recon::Nufft2 transform(n);
  const auto modes = random_modes(n);
  const auto points = random_points(50);
  core::RandomStream random(9, "values");
  const auto grid = transform.prepare(modes.data());
  auto spread = transform.make_grid();
  test::Complexd left = 0.0;
  double scale = 0.0;
  for (const auto& [px, py] : points) {
    const core::Complex f(static_cast<float>(random.normal()), static_cast<float>(random.normal()));
    const auto value = static_cast<test::Complexd>(transform.value(grid, px, py));
    left += value * std::conj(static_cast<test::Complexd>(f));
    scale += std::abs(value) * static_cast<double>(std::abs(f));
    transform.add(spread, px, py, f);
  }
  core::AlignedVector<core::Complex> back(modes.size());
  transform.finish(spread, back.data());
  test::Complexd right = 0.0;
  for (std::size_t i = 0; i < modes.size(); ++i) {
    right += static_cast<test::Complexd>(modes[i]) * std::conj(static_cast<test::Complexd>(back[i]));
  }
  BOOST_TEST(std::abs(left - right) < 1e-6 * scale);
}

BOOST_AUTO_TEST_CASE(type_1_equals_the_plain_sum) {
  constexpr int n = 12;
  const recon::Nufft2 transform(n);
  auto spread = transform.make_grid();
  const double px = 0.3337;
  const double py = -0.71;
  transform.add(spread, px, py, {2.0F, -1.0F});
  core::AlignedVector<core::Complex> modes(n * n);
  transform.finish(spread, modes.data());
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      const auto wanted =
          test::Complexd(2.0, -1.0) * std::polar(1.0, 2.0 * core::pi * (px * (x - n / 2) + py * (y - n / 2)));
      BOOST_TEST(std::abs(static_cast<test::Complexd>(modes[static_cast<std::size_t>(y * n + x)]) - wanted) <
                 2e-6);
    }
  }
}

BOOST_AUTO_TEST_CASE(kernel_polynomial_equals_the_kernel) {
  const recon::EsKernel kernel;
  for (double offset = -4.0; offset < -3.0; offset += 0.01) {
    float values[recon::EsKernel::width];
    kernel.evaluate(static_cast<float>(offset), values);
    for (int j = 0; j < recon::EsKernel::width; ++j) {
      const double wanted = recon::EsKernel::exact(static_cast<double>(static_cast<float>(offset)) + j);
      BOOST_TEST(std::abs(static_cast<double>(values[j]) - wanted) < 3e-7);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
