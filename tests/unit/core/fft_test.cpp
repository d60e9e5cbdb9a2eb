#include "sim/core/fft.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <complex>

BOOST_AUTO_TEST_SUITE(fft)

using namespace aet::core;

namespace {

// The definition: sum over x of f(x) exp(-2 pi i k x / n), one output at a time.
std::complex<double> plain_dft(const AlignedVector<float>& f, int nx, int ny, int nz, int kx, int ky,
                               int kz) {
  std::complex<double> sum = 0.0;
  for (int z = 0; z < nz; ++z) {
    for (int y = 0; y < ny; ++y) {
      for (int x = 0; x < nx; ++x) {
        const double phase = -2.0 * pi *
                             (static_cast<double>(kx) * x / nx + static_cast<double>(ky) * y / ny +
                              static_cast<double>(kz) * z / nz);
        sum +=
            static_cast<double>(f[static_cast<std::size_t>((z * ny + y) * nx + x)]) * std::polar(1.0, phase);
      }
    }
  }
  return sum;
}

} // namespace

// Single precision: error of order log2(n) x 6e-8 of the signal's norm sqrt(n) x rms; 1e-5 is generous.
BOOST_AUTO_TEST_CASE(real_volume_against_the_sum) {
  const int nx = 6;
  const int ny = 5;
  const int nz = 4;
  const RealFft3 transform(nx, ny, nz);
  AlignedVector<float> f(transform.real_size());
  RandomStream stream(3, "fft");
  for (float& v : f)
    v = static_cast<float>(stream.normal());
  for (const int threads : {1, 3}) {
    AlignedVector<Complex> spectrum(transform.spectrum_size());
    transform.forward(f.data(), spectrum.data(), {threads});
    for (int kz = 0; kz < nz; ++kz) {
      for (int ky = 0; ky < ny; ++ky) {
        for (int kx = 0; kx <= nx / 2; ++kx) {
          const auto expected = plain_dft(f, nx, ny, nz, kx, ky, kz);
          const auto got = spectrum[static_cast<std::size_t>((kz * ny + ky) * (nx / 2 + 1) + kx)];
          BOOST_TEST(std::abs(std::complex<double>(got) - expected) < 1e-4);
        }
      }
    }
    AlignedVector<float> back(f.size());
    transform.backward(spectrum.data(), back.data(), {threads});
    for (std::size_t i = 0; i < f.size(); ++i) {
      BOOST_TEST(std::abs(back[i] / static_cast<float>(f.size()) - f[i]) < 1e-5F);
    }
  }
}

BOOST_AUTO_TEST_CASE(complex_image_against_the_sum) {
  const int nx = 4;
  const int ny = 6;
  const Fft2 transform(nx, ny, 2);
  AlignedVector<float> f(48);
  RandomStream stream(4, "fft");
  for (float& v : f)
    v = static_cast<float>(stream.normal());
  AlignedVector<Complex> data(48);
  for (std::size_t i = 0; i < 48; ++i)
    data[i] = f[i];
  transform.forward(data.data());
  const AlignedVector<float> second(f.begin() + 24, f.end());
  for (int ky = 0; ky < ny; ++ky) {
    for (int kx = 0; kx < nx; ++kx) {
      const auto got = data[static_cast<std::size_t>(24 + ky * nx + kx)];
      BOOST_TEST(std::abs(std::complex<double>(got) - plain_dft(second, nx, ny, 1, kx, ky, 0)) < 1e-4);
    }
  }
  transform.backward(data.data());
  for (std::size_t i = 0; i < 48; ++i)
    BOOST_TEST(std::abs(data[i] / 24.0F - f[i]) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(sizes_with_small_factors) {
  BOOST_TEST(good_fft_size(1) == 2);
  BOOST_TEST(good_fft_size(203) == 210);
  BOOST_TEST(good_fft_size(202) == 210); // 202 = 2 x 101, 204 = 2^2 x 3 x 17, 206, 208 = 2^4 x 13
  BOOST_TEST(good_fft_size(256) == 256);
}

BOOST_AUTO_TEST_SUITE_END()
