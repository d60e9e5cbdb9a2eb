// The reference method: one step against plain sums, norm, vacuum.
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/multislice.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <complex>
#include <vector>

BOOST_AUTO_TEST_SUITE(multislice)

using namespace aet;
using namespace aet::stem;

namespace {

core::AlignedVector<core::Complex> random_wave(int n) {
  core::RandomStream random(5, "multislice_test");
  core::AlignedVector<core::Complex> wave(square(n));
  for (auto& value : wave)
    value = {static_cast<float>(random.normal()), static_cast<float>(random.normal())};
  return wave;
}

double norm(const core::AlignedVector<core::Complex>& wave) {
  double sum = 0.0;
  for (const auto& value : wave)
    sum += static_cast<double>(power(value));
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(one_step_equals_plain_sums) {
  // psi(r) -> sum over q of psi(q) exp(-i pi lambda dz q^2) exp(2 pi i q r), every transform written out.
  constexpr int n = 16;
  const double side = 2.0;
  const double lambda = 0.025;
  const double dz = 2.0;
  const double limit = 2.6;
  auto wave = random_wave(n);
  const auto before = wave;
  const core::Fft2 fft(n, n);
  const FresnelPropagator step(n, side, lambda, dz, limit);
  fft.forward(wave.data());
  step.apply(wave.data());
  fft.backward(wave.data());
  double worst = 0.0;
  for (int y = 0; y < n; y += 3) {
    for (int x = 0; x < n; x += 5) {
      std::complex<double> sum = 0.0;
      for (int ky = -n / 2; ky < n / 2; ++ky) {
        for (int kx = -n / 2; kx < n / 2; ++kx) {
          const double q2 = (kx * kx + ky * ky) / (side * side);
          if (q2 > limit * limit) continue;
          std::complex<double> component = 0.0;
          for (int j = 0; j < n; ++j) {
            for (int i = 0; i < n; ++i) {
              const auto v = before[static_cast<std::size_t>(j * n + i)];
              component += std::complex<double>(v.real(), v.imag()) *
                           std::polar(1.0, -2.0 * core::pi * (kx * i + ky * j) / n);
            }
          }
          sum += component * std::polar(1.0 / (n * n),
                                        2.0 * core::pi * (kx * x + ky * y) / n - core::pi * lambda * dz * q2);
        }
      }
      const auto ours = wave[static_cast<std::size_t>(y * n + x)];
      worst = std::max(worst, std::abs(sum - std::complex<double>(ours.real(), ours.imag())));
    }
  }
  BOOST_TEST(worst < 1e-5);
}

BOOST_AUTO_TEST_CASE(propagation_conserves_the_norm) {
  constexpr int n = 128;
  const double side = 10.0;
  const core::Fft2 fft(n, n);
  const FresnelPropagator limit(n, side, 0.025, 0.0, 4.0);
  const FresnelPropagator step(n, side, 0.025, 2.0, 4.0);
  auto wave = random_wave(n);
  fft.forward(wave.data());
  limit.apply(wave.data());
  fft.backward(wave.data());
  const double before = norm(wave);
  for (int i = 0; i < 30; ++i) {
    fft.forward(wave.data());
    step.apply(wave.data());
    fft.backward(wave.data());
  }
  BOOST_TEST(norm(wave) == before, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(no_electron_is_lost_inside_the_band) {
  // Hydrogen scatters so weakly that next to nothing leaves a band of 400 mrad: the whole beam must be found,
  // after twenty slices, to 1e-5.
  SlicedSpecimen specimen;
  specimen.thickness = 1.0;
  specimen.entrance_z = -10.0;
  for (int s = 0; s < 20; ++s)
    specimen.slices.push_back({{1, 0.3 * s - 3.0, 0.2}});
  StemOptions options;
  options.method = Method::multislice;
  options.reference.cell_a = 14.0;
  options.reference.pixel_a = 0.02;
  const ReferenceImager imager(specimen, {2, 1.0}, options, core::Threads{1});
  auto workspace = imager.workspace();
  const auto result = imager.probe(0.0, 0.0, workspace);
  BOOST_TEST(result.total == 1.0, boost::test_tools::tolerance(1e-5));
  BOOST_TEST(result.annulus > 0.0);
  BOOST_TEST(result.inside + result.annulus <= 1.0 + 1e-6);
}

BOOST_AUTO_TEST_CASE(gridded_and_exact_transmission_agree) {
  // Two ways to the same transmission function: atom by atom from radial quadrature, and exp(i sigma V) of
  // the summed potential on a grid of 0.01 A. They differ by how the grid meets the singular nucleus.
  SlicedSpecimen specimen;
  specimen.thickness = 2.0;
  specimen.entrance_z = -2.0;
  specimen.slices = {{{26, 0.21, 0.13}, {78, 1.7, -0.6}}, {{78, -0.4, 1.3}}};
  StemOptions options;
  options.method = Method::multislice;
  options.reference.cell_a = 10.0;
  options.reference.pixel_a = 0.04;
  double signal[2];
  for (int i = 0; i < 2; ++i) {
    options.reference.oversampling = 4 * i;
    const ReferenceImager imager(specimen, {2, 1.0}, options, core::Threads{1});
    auto workspace = imager.workspace();
    signal[i] = imager.probe(0.6, 0.2, workspace).annulus;
  }
  BOOST_TEST(signal[0] == signal[1], boost::test_tools::tolerance(0.01));
}

BOOST_AUTO_TEST_SUITE_END()
