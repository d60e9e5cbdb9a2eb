#include "recon/images/image_geometry.hpp"
#include "recon/images/series_noise.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_images/scenes.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

BOOST_AUTO_TEST_SUITE(image_geometry)

using namespace aet;
using namespace aet::recon;
using aet::test::contains;
using aet::test::message_of;

namespace {

/// Random counts; some pixels masked.
core::TiltSeries random_series(int nx, int ny, double mean, bool masked) {
  core::TiltSeries series;
  series.pixel_size = 0.25;
  series.intensity = core::Intensity::counts;
  core::RandomStream random(3, "test geometry");
  for (int t = 0; t < 3; ++t) {
    core::Image image(nx, ny);
    for (float& v : image.data)
      v = static_cast<float>(random.poisson(mean));
    series.images.push_back(std::move(image));
    series.orientations.push_back(core::tilt_rotation(0.2 * t));
    if (!masked) continue;
    series.masked.emplace_back();
    for (std::uint32_t i = 0; i < series.images.back().data.size(); ++i) {
      if (random.uniform() < 0.3) series.masked.back().push_back(i);
    }
  }
  return series;
}

bool is_masked(const core::TiltSeries& series, std::size_t t, int x, int y) {
  if (series.masked.empty()) return false;
  const auto& m = series.masked[t];
  return std::binary_search(m.begin(), m.end(), static_cast<std::uint32_t>(y * series.images[t].nx + x));
}

/// Where the rotation centre appears in the images [pixel].
core::Vec2 centre_of(const core::TiltSeries& series) {
  const core::Image& first = series.images.front();
  return core::Vec2(first.nx / 2, first.ny / 2) + shift_of(series, 0) / series.pixel_size;
}

double total(const core::Image& image) {
  double sum = 0.0;
  for (const float v : image.data)
    sum += static_cast<double>(v);
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_window_holds_the_pixels_that_were_there) {
  const core::TiltSeries before = random_series(23, 18, 9.0, true);
  const core::TiltSeries after = cropped(before, {Eigen::Vector2i(4, 3), 15, 11});
  for (std::size_t t = 0; t < before.size(); ++t) {
    BOOST_REQUIRE(after.images[t].nx == 15);
    BOOST_REQUIRE(after.images[t].ny == 11);
    for (int y = 0; y < 11; ++y) {
      for (int x = 0; x < 15; ++x) {
        BOOST_TEST(after.images[t].at(x, y) == before.images[t].at(x + 4, y + 3));
        BOOST_TEST(is_masked(after, t, x, y) == is_masked(before, t, x + 4, y + 3));
      }
    }
  }
  BOOST_TEST((centre_of(after) - (centre_of(before) - core::Vec2(4, 3))).norm() < 1e-12);
  // About the middle: pixel n/2 stays pixel n/2, and no shift is written.
  for (const int n : {8, 9, 17, 18}) {
    const core::TiltSeries middle = cropped(before, {std::nullopt, n, n});
    BOOST_TEST(middle.shifts.empty());
    BOOST_TEST(middle.images[1].at(n / 2, n / 2) == before.images[1].at(11, 9));
  }
}

BOOST_AUTO_TEST_CASE(sums_of_pixels_are_those_by_hand) {
  const int n = 3;
  const core::TiltSeries before = random_series(31, 29, 9.0, true); // a column over, two rows over
  const core::TiltSeries after = binned(before, n);
  for (std::size_t t = 0; t < before.size(); ++t) {
    BOOST_REQUIRE(after.images[t].nx == 10);
    BOOST_REQUIRE(after.images[t].ny == 9);
    for (int y = 0; y < 9; ++y) {
      for (int x = 0; x < 10; ++x) {
        double all = 0.0;
        double known = 0.0;
        int count = 0;
        for (int j = 0; j < n; ++j) {
          for (int i = 0; i < n; ++i) {
            const int ix = n * x + i;
            const int iy = n * y + j + 1; // of two rows over, one is cut off at either side
            const auto v = static_cast<double>(before.images[t].at(ix, iy));
            all += v;
            if (is_masked(before, t, ix, iy)) continue;
            known += v;
            ++count;
          }
        }
        BOOST_TEST(is_masked(after, t, x, y) == (count < 5));
        const double expected = count < 5 ? all : known * n * n / count;
        BOOST_TEST(after.images[t].at(x, y) == static_cast<float>(expected), // rounding of single precision
                   boost::test_tools::tolerance(1e-6F));
      }
    }
  }
  BOOST_TEST(after.pixel_size == 0.75);
  // The rotation centre, pixel (15, 14), is the middle of a sum: pixels 15 to 17 by 13 to 15.
  BOOST_TEST((centre_of(after) - core::Vec2((15 - 1.0) / 3.0, (14 - 2.0) / 3.0)).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(electrons_are_conserved_and_scatter_as_the_noise_model_says) {
  constexpr double mean = 5.0;
  core::TiltSeries series = random_series(240, 240, mean, false);
  series.microscope.gain = 7.0;
  series.microscope.readout_mean = 100.0;
  series.microscope.readout_sd = 3.0;
  core::RandomStream random(4, "test readout");
  for (core::Image& image : series.images) {
    for (float& v : image.data)
      v = static_cast<float>(100.0 + 7.0 * static_cast<double>(v) + 3.0 * random.normal());
  }
  for (const int n : {2, 3, 4}) {
    const core::TiltSeries sums = binned(series, n);
    const NoiseModel noise = noise_of(sums).exposure;
    BOOST_TEST(noise.gain == 7.0);
    BOOST_TEST(noise.offset == 100.0 * n * n);
    BOOST_TEST(noise.readout_variance == 9.0 * n * n, boost::test_tools::tolerance(1e-12));
    double average = 0.0;
    double square = 0.0;
    double pixels = 0.0;
    for (std::size_t t = 0; t < sums.size(); ++t) {
      BOOST_TEST(total(sums.images[t]) == total(series.images[t]), boost::test_tools::tolerance(1e-6));
      for (const float v : sums.images[t].data) {
        average += static_cast<double>(v);
        square += static_cast<double>(v) * static_cast<double>(v);
        pixels += 1.0;
      }
    }
    average /= pixels;
    const double variance = square / pixels - average * average;
    BOOST_TEST(average == (100.0 + 7.0 * mean) * n * n, boost::test_tools::tolerance(0.01));
    // The variance of so many values is known to sqrt(2 / pixels), 1.4 % for the fewest (10,800): 4 sd.
    BOOST_TEST(variance == noise.variance(average), boost::test_tools::tolerance(0.055));
  }
  // Fractions of the beam are no counts.
  series.intensity = core::Intensity::fraction;
  BOOST_TEST(total(binned(series, 2).images[0]) == total(series.images[0]) / 4.0,
             boost::test_tools::tolerance(1e-6));
  BOOST_TEST(binned(series, 2).microscope.readout_sd.value() == 1.5);
}

BOOST_AUTO_TEST_CASE(what_is_padded_is_masked_and_the_middle_stays) {
  for (const auto& [nx, ny, edge] : {std::tuple{12, 9, 16}, {9, 12, 13}, {11, 11, 11}}) {
    const core::TiltSeries before = random_series(nx, ny, 9.0, true);
    const core::TiltSeries after = padded(before, edge);
    BOOST_TEST((centre_of(after) - core::Vec2(edge / 2, edge / 2)).norm() < 1e-12);
    const int dx = edge / 2 - nx / 2;
    const int dy = edge / 2 - ny / 2;
    for (std::size_t t = 0; t < before.size(); ++t) {
      for (int y = 0; y < edge; ++y) {
        for (int x = 0; x < edge; ++x) {
          const bool inside = x >= dx && y >= dy && x < dx + nx && y < dy + ny;
          BOOST_TEST(is_masked(after, t, x, y) == (!inside || is_masked(before, t, x - dx, y - dy)));
          if (inside) BOOST_TEST(after.images[t].at(x, y) == before.images[t].at(x - dx, y - dy));
        }
      }
    }
    BOOST_CHECK_NO_THROW(core::validate(after, "padded"));
    // Cut back, it is what it was.
    const core::TiltSeries back = cropped(after, {std::nullopt, nx, ny});
    BOOST_TEST((back.images[1].data == before.images[1].data));
    BOOST_TEST((back.masked == before.masked));
  }
}

BOOST_AUTO_TEST_CASE(numbers_that_do_not_fit_are_refused_in_a_sentence) {
  const core::TiltSeries series = random_series(24, 20, 9.0, false);
  const auto why_not = [&](auto&& work) { return message_of<core::ConfigError>([&] { (void)work(); }); };
  BOOST_TEST(contains(why_not([&] {
                        return cropped(series, {Eigen::Vector2i(10, 0), 16, 16});
                      }),
                      "crop is 16 x 16 pixels from pixel (10, 0)", "24 x 20"));
  BOOST_TEST(contains(why_not([&] { return cropped(series, {Eigen::Vector2i(-1, 0), 16, 16}); }), "(-1, 0)"));
  BOOST_TEST(contains(why_not([&] { return cropped(series, {std::nullopt, 25, 16}); }), "25 x 16"));
  BOOST_TEST(contains(why_not([&] { return cropped(series, {std::nullopt, 0, 16}); }), "0 x 16"));
  BOOST_TEST(contains(why_not([&] { return binned(series, 0); }), "bin is 0", "1 to 2"));
  BOOST_TEST(contains(why_not([&] { return binned(series, 3); }), "bin is 3", "24 x 20"));
  BOOST_TEST(contains(why_not([&] { return padded(series, 23); }), "pad is 23", "24 to 32768"));
}

BOOST_AUTO_TEST_SUITE_END()
