#include "recon/images/denoise.hpp"
#include "recon/images/prepare_images.hpp"
#include "recon/images/series_noise.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_images/scenes.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(preparation)

using namespace aet;
using namespace aet::recon;
using aet::test::columns;
using aet::test::contains;
using aet::test::message_of;
using aet::test::rms_difference;
using aet::test::with_noise;

namespace {

constexpr int n = 64;
constexpr double dose = 30.0;

/// `tilts` tilts of the same scene with `exposures` exposures each, in counts.
core::TiltSeries series_of(int tilts, int exposures) {
  core::TiltSeries series;
  series.pixel_size = 0.4;
  series.intensity = core::Intensity::counts;
  for (int t = 0; t < tilts; ++t) {
    for (int f = 0; f < exposures; ++f) {
      const auto key = static_cast<std::uint32_t>(t * 16 + f);
      const core::Image scene = columns(n, dose, 1.0, f % 2 == 0 ? 0.7 : -0.7, 0.0);
      series.images.push_back(with_noise(exposures > 1 ? scene : columns(n, dose, 1.0), 1.0, 0.0, 0.0, key));
      series.orientations.push_back(core::tilt_rotation(0.1 * t));
    }
  }
  return series;
}

std::string why_not(const core::TiltSeries& series) {
  return message_of<core::DataError>([&] { (void)prepare_images(series, {}, {1}); });
}

} // namespace

BOOST_AUTO_TEST_CASE(by_default_single_images_pass_unchanged) {
  const core::TiltSeries series = series_of(3, 1);
  const PreparedImages prepared = prepare_images(series, {}, {1});
  for (std::size_t i = 0; i < series.size(); ++i)
    BOOST_TEST(rms_difference(prepared.series.images[i], series.images[i]) == 0.0);
  BOOST_TEST(prepared.notes.empty());
}

BOOST_AUTO_TEST_CASE(exposures_become_one_image_a_tilt) {
  core::TiltSeries series = series_of(3, 4);
  series.microscope.gain = 1.0;
  const PreparedImages prepared = prepare_images(series, {}, {2});
  BOOST_TEST(prepared.series.size() == 3U);
  BOOST_TEST(prepared.series.orientations.size() == 3U);
  BOOST_TEST(prepared.exposures == 12);
  BOOST_TEST(prepared.series.microscope.gain.value() == 1.0); // of an exposure
  BOOST_TEST((prepared.series.exposures == std::vector<int>{4, 4, 4}));
  // Places that not every exposure shows: a column either side, and what reaches over by a little.
  BOOST_TEST(prepared.series.masked[0].size() > static_cast<std::size_t>(2 * n - 1));
  BOOST_TEST(prepared.series.masked[0].size() < static_cast<std::size_t>(8 * n));
  BOOST_TEST(contains(prepared.notes.at(0), "12 registered", "3 images", "0.7"));
  const core::Image scene = columns(n, dose, 1.0);
  BOOST_TEST(rms_difference(prepared.series.images[0], scene) <
             0.6 * rms_difference(with_noise(scene, 1.0, 0.0, 0.0, 99), scene));
  // One tilt given twice is an error of the angles, not a pair of exposures: it is left for later checks.
  core::TiltSeries twice = series_of(3, 1);
  twice.orientations[1] = twice.orientations[0];
  BOOST_TEST(prepare_images(twice, {}, {1}).series.size() == 3U);
}

BOOST_AUTO_TEST_CASE(both_ways_of_denoising_help_and_say_so) {
  core::TiltSeries series = series_of(3, 1);
  const core::Image scene = columns(n, dose, 1.0);
  const double noisy = rms_difference(series.images[0], scene);
  DenoiseOptions options;
  std::vector<std::string> notes;
  BOOST_TEST((denoised(series, options, {1}, notes).images[0].data == series.images[0].data));
  BOOST_TEST(notes.empty());
  options.way = Denoising::gaussian;
  const core::TiltSeries gaussian = denoised(series, options, {1}, notes);
  BOOST_TEST(contains(notes.at(0), "Gaussian", "least estimated error"));
  BOOST_TEST(rms_difference(gaussian.images[0], scene) < noisy);
  options.way = Denoising::bm3d;
  const core::TiltSeries bm3d = denoised(series, options, {1}, notes);
  BOOST_TEST(contains(notes.at(1), "BM3D", "Poisson, from whole numbers"));
  BOOST_TEST(rms_difference(bm3d.images[0], scene) < rms_difference(gaussian.images[0], scene));
  series.microscope.gain = 1.0;
  (void)denoised(series, options, {1}, notes);
  BOOST_TEST(contains(notes.at(2), "recorded with the series"));
  options.gaussian_a = -1.0;
  BOOST_TEST(
      contains(message_of<core::ConfigError>([&] { (void)denoised(series, options, {1}, notes); }), "-1 A"));
}

BOOST_AUTO_TEST_CASE(hot_pixels_are_replaced_and_masked) {
  core::TiltSeries series = series_of(3, 1);
  series.images[1].at(10, 12) = 500.0F;
  series.images[2].at(40, 20) = 600.0F; // two side by side
  series.images[2].at(41, 20) = 604.0F;
  ImageOptions options;
  options.hot_pixels = true;
  const PreparedImages prepared = prepare_images(series, options, {1});
  BOOST_TEST(prepared.hot_pixels == 3);
  BOOST_TEST(prepared.series.masked[0].empty());
  BOOST_TEST((prepared.series.masked[1] == std::vector<std::uint32_t>{12 * n + 10}));
  BOOST_TEST((prepared.series.masked[2] == std::vector<std::uint32_t>{20 * n + 40, 20 * n + 41}));
  BOOST_TEST(prepared.series.images[2].at(41, 20) < 200.0F);
  BOOST_TEST(contains(prepared.notes.at(0), "3 of 12288"));
  // In an average, what lies within a pixel of a hot one.
  core::TiltSeries exposures = series_of(3, 4);
  exposures.images[2].at(30, 30) = 500.0F;
  const PreparedImages averaged = prepare_images(exposures, options, {1});
  const auto& masked = averaged.series.masked[0];
  const auto is_masked = [&](int x, int y) {
    return std::binary_search(masked.begin(), masked.end(), static_cast<std::uint32_t>(y * n + x));
  };
  BOOST_TEST((is_masked(29, 30) || is_masked(30, 30)));
  BOOST_TEST(!is_masked(33, 30));
}

BOOST_AUTO_TEST_CASE(counts_times_a_gain_are_told_from_single_counts) {
  core::TiltSeries plain = series_of(6, 1);
  plain.microscope = {};
  BOOST_TEST(noise_of(plain).source == "Poisson, from whole numbers");
  for (const auto& [gain, offset, readout] :
       {std::tuple{40.0, 2000.0, 8.0}, {7.3, 500.0, 2.0}, {3.0, 0.0, 0.0}}) {
    core::TiltSeries scaled = plain;
    core::RandomStream random(1, "readout");
    for (core::Image& image : scaled.images) {
      for (float& v : image.data)
        v = static_cast<float>(
            std::round(offset + gain * static_cast<double>(v) + readout * random.normal()));
    }
    const SeriesNoise found = noise_of(scaled);
    BOOST_TEST_CONTEXT("gain " << gain << " offset " << offset << ": found " << found.exposure.gain << ", "
                               << found.exposure.offset) {
      BOOST_TEST(found.source == "estimated");
      // Some 700 pixels a class scatter by 5 % in variance, here two standard deviations; a limit goes with
      // the root of the gain.
      BOOST_TEST(found.exposure.gain == gain, boost::test_tools::tolerance(0.1));
      const double mean = offset + gain * dose;
      BOOST_TEST(found.exposure.variance(mean) == gain * gain * dose + readout * readout,
                 boost::test_tools::tolerance(0.1));
      BOOST_TEST(scaled.microscope.gain.has_value() == false);
      BOOST_TEST(prepare_images(scaled, {}, {1}).series.microscope.gain.value() == found.exposure.gain);
    }
  }
}

BOOST_AUTO_TEST_CASE(unusable_images_are_named) {
  core::TiltSeries series = series_of(3, 1);
  series.images[2] = core::Image(n, n);
  BOOST_TEST(contains(why_not(series), "image 2", "zero everywhere"));
  series.images[2] = core::Image(n, n, 5.0F);
  BOOST_TEST(contains(why_not(series), "image 2", "5 everywhere"));
  series = series_of(3, 1);
  for (float& v : series.images[1].data)
    v = std::min(v, 20.0F);
  BOOST_TEST(contains(why_not(series), "image 1", "saturated", "largest value, 20"));
  ImageOptions options;
  options.saturated_part = -1.0;
  BOOST_TEST(contains(
      message_of<core::ConfigError>([&] { (void)prepare_images(series_of(3, 1), options, {1}); }), "-1"));
}

BOOST_AUTO_TEST_SUITE_END()
