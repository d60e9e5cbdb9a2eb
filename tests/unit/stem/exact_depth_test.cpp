// Atoms at their exact depth: the patch operator against its definition in Fourier space, and images with
// thick slices against images with thin ones.
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/exact_depth.hpp"
#include "sim/stem/image.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <complex>
#include <vector>

BOOST_AUTO_TEST_SUITE(exact_depths)

using namespace aet;
using namespace aet::stem;

namespace {

constexpr int n = 96;
constexpr double pixel = 0.085;
constexpr double slice = 2.0;
constexpr double signal = 1.6;

using Wave = std::vector<std::complex<double>>;

/// Plain discrete Fourier sums along x, then y: exp(-i pi lambda d k^2) for every frequency.
Wave propagate(const Wave& wave, double distance) {
  const double wavelength = core::electron_wavelength(200.0);
  // The kernel of one axis, by its sum over frequencies.
  std::vector<std::complex<double>> kernel(n);
  for (int x = 0; x < n; ++x) {
    for (int k = -n / 2; k < n / 2; ++k) {
      const double q = k / (n * pixel);
      kernel[static_cast<std::size_t>(x)] +=
          std::polar(1.0 / n, 2.0 * core::pi * k * x / n - core::pi * wavelength * distance * q * q);
    }
  }
  Wave out = wave;
  for (const bool along_x : {true, false}) {
    const Wave in = out;
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x) {
        std::complex<double> sum = 0.0;
        for (int j = 0; j < n; ++j) {
          const int from = along_x ? y * n + j : j * n + x;
          sum += kernel[static_cast<std::size_t>(((along_x ? x : y) - j + n) % n)] *
                 in[static_cast<std::size_t>(from)];
        }
        out[static_cast<std::size_t>(y * n + x)] = sum;
      }
    }
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_patch_is_scattered_at_its_own_plane) {
  const ExactDepth depth(pixel, core::electron_wavelength(200.0), 0.5 * slice, signal);
  const int side = depth.side();
  // A smooth wave: a few plane waves inside the counted frequencies, and an atom-like core.
  SplitWave wave{n, core::AlignedVector<float>(n * n), core::AlignedVector<float>(n * n)};
  core::RandomStream random(3, "waves", {0});
  for (int w = 0; w < 12; ++w) {
    const double kx = std::round((random.uniform() - 0.5) * 2.0 * n * pixel) / (n * pixel);
    const double ky = std::round((random.uniform() - 0.5) * 2.0 * n * pixel) / (n * pixel);
    const double phase = 6.28 * random.uniform();
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x) {
        const auto value = std::polar(1.0, 2.0 * core::pi * pixel * (kx * x + ky * y) + phase);
        wave.re[static_cast<std::size_t>(y * n + x)] += static_cast<float>(value.real());
        wave.im[static_cast<std::size_t>(y * n + x)] += static_cast<float>(value.imag());
      }
    }
  }
  const auto samples = static_cast<std::size_t>(side * side);
  std::vector<float> t(2 * samples);
  const int x0 = n / 2 - side / 2;
  Wave plain(n * n);
  Wave core_t(n * n);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double r = pixel * std::hypot(x - side / 2, y - side / 2);
      const auto value =
          ExactDepth::core_window(r) * (std::polar(1.0, 1.5 * std::exp(-0.5 * r * r / (0.2 * 0.2))) - 1.0);
      t[static_cast<std::size_t>(y * side + x)] = static_cast<float>(value.real());
      t[samples + static_cast<std::size_t>(y * side + x)] = static_cast<float>(value.imag());
      core_t[static_cast<std::size_t>((y + x0) * n + x + x0)] = value;
    }
  }
  for (std::size_t i = 0; i < plain.size(); ++i)
    plain[i] = {static_cast<double>(wave.re[i]), static_cast<double>(wave.im[i])};
  auto scratch = depth.scratch();
  SplitPatch out{core::AlignedVector<float>(samples), core::AlignedVector<float>(samples)};
  for (const double offset : {-1.0, -0.4, 0.6, 1.0}) {
    depth.correction(wave, x0, x0, t.data(), offset, out, scratch);
    Wave arrived = propagate(plain, offset);
    for (std::size_t i = 0; i < arrived.size(); ++i)
      arrived[i] *= core_t[i];
    Wave wanted = propagate(arrived, -offset);
    double difference = 0.0;
    double norm = 0.0;
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const auto i = static_cast<std::size_t>((y + x0) * n + x + x0);
        const auto j = static_cast<std::size_t>(y * side + x);
        const auto w = wanted[i] - core_t[i] * plain[i];
        const std::complex<double> got(static_cast<double>(out.re[j]), static_cast<double>(out.im[j]));
        difference += std::norm(got - w);
        norm += std::norm(w);
      }
    }
    // Frequencies below `signal` are carried to 1e-3, those up to three quarters of Nyquist to 0.1; the core
    // scatters mostly into the former.
    BOOST_TEST(std::sqrt(difference / norm) < 0.03);
  }
}

BOOST_AUTO_TEST_CASE(thick_slices_give_the_image_of_thin_ones) {
  // Three atoms of a tilted column, none on a slice plane.
  core::Atoms atoms;
  for (int i = 0; i < 8; ++i) {
    atoms.positions.emplace_back(0.13 * i - 0.5, 0.07 * i - 0.2, 2.77 * i - 9.4);
    atoms.atomic_numbers.push_back(78);
  }
  const Scan scan{16, 0.4};
  std::vector<std::size_t> pixels;
  for (std::size_t i = 0; i < 16 * 16; i += 3)
    pixels.push_back(i);
  StemOptions options;
  const auto image = [&](double thickness, double exact_depth) {
    options.slices.thickness_a = thickness;
    options.fast.exact_depth_a = exact_depth;
    return simulate_pixels({atoms, core::Mat3::Identity(), scan, {1, 0, 0}}, pixels, options,
                           core::Threads{1});
  };
  const auto thin = image(0.25, 0.0);
  const auto r1 = [&](const std::vector<float>& a) {
    double difference = 0.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      difference += std::abs(static_cast<double>(a[i] - thin[i]));
      sum += static_cast<double>(thin[i]);
    }
    return difference / sum;
  };
  const double plain = r1(image(2.0, 0.0));
  const double exact = r1(image(2.0, 1.2));
  BOOST_TEST_MESSAGE("2 A slices: " << plain << ", with exact depths " << exact);
  // What is left is mostly the 0.25 A slices themselves, whose atoms are moved by up to 0.125 A.
  BOOST_TEST(exact < 0.006);
  BOOST_TEST(exact < 0.4 * plain);
}

BOOST_AUTO_TEST_SUITE_END()
