// Real-space propagation against its definition, sample by sample.
#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/fresnel_filter.hpp"
#include "sim/stem/mode_overlaps.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <complex>
#include <vector>

BOOST_AUTO_TEST_SUITE(filters)

using namespace aet;
using namespace aet::stem;

namespace {

FresnelFilterTarget target(double pixel, double distance) {
  return {pixel, core::electron_wavelength(200.0), distance, 1.6, 0.75 * 0.5 / pixel};
}

using Wave = std::vector<std::complex<double>>;

/// filter along x and y of (t x wave), periodic, by the definition.
Wave plain_step(const SymmetricFilter& filter, const Wave& t, const Wave& wave, int n) {
  Wave product(wave.size());
  for (std::size_t i = 0; i < wave.size(); ++i)
    product[i] = t[i] * wave[i];
  for (const bool along_x : {true, false}) {
    Wave out(wave.size());
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x) {
        std::complex<double> sum = 0.0;
        for (int j = -filter.half_width(); j <= filter.half_width(); ++j) {
          const int fx = along_x ? (x + j + n) % n : x;
          const int fy = along_x ? y : (y + j + n) % n;
          sum += filter.c[static_cast<std::size_t>(std::abs(j))] *
                 product[static_cast<std::size_t>(fy * n + fx)];
        }
        out[static_cast<std::size_t>(y * n + x)] = sum;
      }
    }
    product = out;
  }
  return product;
}

} // namespace

BOOST_AUTO_TEST_CASE(chosen_filters_propagate_counted_electrons_exactly) {
  for (const double pixel : {0.08, 0.085, 0.1}) {
    for (const double distance : {0.5, 1.0, 2.0}) {
      const auto steps = cheapest_fresnel_steps(target(pixel, distance), 1e-5, 0.1);
      BOOST_TEST(steps.repeats == 1);
      const auto errors = filter_errors(steps.filter, target(pixel, distance));
      BOOST_TEST(errors.signal <= 1e-5);
      BOOST_TEST(errors.band <= 0.1);
      BOOST_TEST(errors.gain <= 1.005);
    }
  }
}

BOOST_AUTO_TEST_CASE(thick_slices_are_crossed_in_steps) {
  const auto steps = cheapest_fresnel_steps(target(0.05, 6.0), 1e-5, 0.1);
  BOOST_TEST(steps.repeats > 1);
  auto part = target(0.05, 6.0 / steps.repeats);
  BOOST_TEST(filter_errors(steps.filter, part).signal <= 1e-5);
}

BOOST_AUTO_TEST_CASE(streamed_slice_step_equals_the_definition) {
  constexpr int n = 32;
  constexpr int stride = 50;
  core::RandomStream random(3, "filter_test");
  for (int half_width = 1; half_width <= fresnel_filter_max_half_width; ++half_width) {
    const auto filter = design_fresnel_filter(target(0.085, 1.0), half_width);
    Wave wave(n * n);
    Wave t(n * n);
    SplitWave split{n, core::AlignedVector<float>(n * n), core::AlignedVector<float>(n * n)};
    std::vector<float> t_re(n * stride);
    std::vector<float> t_im(n * stride);
    for (std::size_t i = 0; i < wave.size(); ++i) {
      split.re[i] = static_cast<float>(random.normal());
      split.im[i] = static_cast<float>(random.normal());
      wave[i] = {split.re[i], split.im[i]};
      const std::size_t j = i / n * stride + i % n;
      t_re[j] = static_cast<float>(random.normal());
      t_im[j] = static_cast<float>(random.normal());
      t[i] = {t_re[j], t_im[j]};
    }
    FilterScratch scratch(n);
    SliceStep step(filter);
    // Patches over rows that are read twice, as periodic neighbours, and over each other.
    const std::vector<float> three(9, 0.5F);
    const std::vector<float> nine(81, -0.25F);
    const std::vector<WavePatch> added{{1, 0, 3, three.data(), nine.data()},
                                       {n - 9, n - 9, 9, nine.data(), nine.data()},
                                       {n - 12, n - 12, 9, nine.data(), nine.data()}};
    step({t_re.data(), t_im.data(), stride}, added, split, scratch);
    Wave transmitted(n * n);
    for (std::size_t i = 0; i < wave.size(); ++i)
      transmitted[i] = t[i] * wave[i];
    for (const WavePatch& patch : added) {
      for (int y = 0; y < patch.side; ++y) {
        for (int x = 0; x < patch.side; ++x) {
          const auto i = static_cast<std::size_t>(y * patch.side + x);
          transmitted[static_cast<std::size_t>((patch.y0 + y) * n + patch.x0 + x)] +=
              std::complex<double>(patch.re[i], patch.im[i]);
        }
      }
    }
    const Wave wanted = plain_step(filter, Wave(n * n, 1.0), transmitted, n);
    double worst = 0.0;
    for (std::size_t i = 0; i < wave.size(); ++i) {
      worst = std::max(worst, std::abs(wanted[i] - std::complex<double>(split.re[i], split.im[i])));
    }
    // Sums of up to 441 single-precision products of order one.
    BOOST_TEST(worst < 2e-5);
  }
}

BOOST_AUTO_TEST_CASE(overlaps_equal_plain_sums) {
  constexpr int n = 48;
  core::RandomStream random(5, "overlaps");
  SplitWave wave = vacuum_wave(n);
  for (std::size_t i = 0; i < n * n; ++i) {
    wave.re[i] = static_cast<float>(random.normal());
    wave.im[i] = static_cast<float>(random.normal());
  }
  for (const int patch : {3, 16, 27}) {
    const auto width = static_cast<std::size_t>(patch);
    core::AlignedVector<float> modes;
    const int x0 = n - patch; // in the last corner, where whole vectors reach past the wave
    double wanted = 0.0;
    for (int m = 0; m < 2; ++m) {
      core::AlignedVector<core::Complex> mode(width * width);
      std::complex<double> overlap = 0.0;
      for (std::size_t i = 0; i < mode.size(); ++i) {
        mode[i] = {static_cast<float>(random.normal()), static_cast<float>(random.normal())};
        const std::size_t w =
            (static_cast<std::size_t>(x0) + i / width) * n + static_cast<std::size_t>(x0) + i % width;
        overlap += std::conj(std::complex<double>(mode[i])) * std::complex<double>(wave.re[w], wave.im[w]);
      }
      append_mode(mode, patch, modes);
      wanted += std::norm(overlap);
    }
    BOOST_TEST(modes.size() == 2 * mode_size(patch));
    // Sums of up to 729 products of order one in single precision.
    BOOST_TEST(overlaps(modes.data(), 2, patch, wave, x0, x0) == wanted, boost::test_tools::tolerance(1e-4));
  }
}

BOOST_AUTO_TEST_CASE(lowpass_keeps_and_stops) {
  const auto filter = design_lowpass_filter(0.14, 0.36, 5);
  for (double f = 0.0; f <= 0.14; f += 0.01)
    BOOST_TEST(std::abs(filter.response(f)) > 0.85);
  for (double f = 0.36; f <= 0.5; f += 0.01)
    BOOST_TEST(std::abs(filter.response(f)) < 1e-3);
}

BOOST_AUTO_TEST_SUITE_END()
