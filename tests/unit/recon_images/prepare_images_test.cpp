#include "recon/images/prepare_images.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_images/scenes.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

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

/// `tilts` tilts of the same scene with `frames` frames each, in counts.
core::TiltSeries series_of(int tilts, int frames) {
  core::TiltSeries series;
  series.pixel_size = 0.4;
  series.intensity = core::Intensity::counts;
  for (int t = 0; t < tilts; ++t) {
    for (int f = 0; f < frames; ++f) {
      const auto key = static_cast<std::uint32_t>(t * 16 + f);
      const core::Image scene = columns(n, dose, 1.0, f % 2 == 0 ? 0.7 : -0.7, 0.0);
      series.images.push_back(with_noise(frames > 1 ? scene : columns(n, dose, 1.0), 1.0, 0.0, 0.0, key));
      series.orientations.push_back(core::tilt_rotation(0.1 * t));
    }
  }
  return series;
}

std::string why_not(const core::TiltSeries& series) {
  return message_of<core::DataError>([&] { (void)prepare_images(series, {}, {1}); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(preparation)

BOOST_AUTO_TEST_CASE(by_default_single_images_pass_unchanged) {
  const core::TiltSeries series = series_of(3, 1);
  const PreparedImages prepared = prepare_images(series, {}, {1});
  for (std::size_t i = 0; i < series.size(); ++i)
    BOOST_TEST(rms_difference(prepared.series.images[i], series.images[i]) == 0.0);
  BOOST_TEST(prepared.notes.empty());
}

BOOST_AUTO_TEST_CASE(frames_become_one_image_a_tilt) {
  core::TiltSeries series = series_of(3, 4);
  series.microscope.gain = 1.0;
  const PreparedImages prepared = prepare_images(series, {}, {2});
  BOOST_TEST(prepared.series.size() == 3U);
  BOOST_TEST(prepared.series.orientations.size() == 3U);
  BOOST_TEST(prepared.frames == 12);
  BOOST_TEST(prepared.series.microscope.gain.value() == 0.25);
  BOOST_TEST(contains(prepared.notes.at(0), "12 registered", "3 images", "0.7"));
  const core::Image scene = columns(n, dose, 1.0);
  BOOST_TEST(rms_difference(prepared.series.images[0], scene) <
             0.6 * rms_difference(with_noise(scene, 1.0, 0.0, 0.0, 99), scene));
  // One tilt given twice is an error of the angles, not a pair of frames: it is left for later checks.
  core::TiltSeries twice = series_of(3, 1);
  twice.orientations[1] = twice.orientations[0];
  BOOST_TEST(prepare_images(twice, {}, {1}).series.size() == 3U);
}

BOOST_AUTO_TEST_CASE(both_ways_of_denoising_help_and_say_so) {
  const core::TiltSeries series = series_of(3, 1);
  const core::Image scene = columns(n, dose, 1.0);
  const double noisy = rms_difference(series.images[0], scene);
  ImageOptions options;
  options.denoising = Denoising::gaussian;
  const PreparedImages gaussian = prepare_images(series, options, {1});
  BOOST_TEST(contains(gaussian.notes.at(0), "Gaussian", "least estimated error"));
  BOOST_TEST(rms_difference(gaussian.series.images[0], scene) < noisy);
  options.denoising = Denoising::bm3d;
  const PreparedImages bm3d = prepare_images(series, options, {1});
  BOOST_TEST(contains(bm3d.notes.at(0), "BM3D", "estimated from them"));
  BOOST_TEST(rms_difference(bm3d.series.images[0], scene) < rms_difference(gaussian.series.images[0], scene));
  core::TiltSeries recorded = series;
  recorded.microscope.gain = 1.0;
  BOOST_TEST(contains(prepare_images(recorded, options, {1}).notes.at(0), "record"));
}

BOOST_AUTO_TEST_CASE(hot_pixels_are_counted) {
  core::TiltSeries series = series_of(3, 1);
  series.images[1].at(10, 12) = 500.0F;
  ImageOptions options;
  options.hot_pixels = true;
  const PreparedImages prepared = prepare_images(series, options, {1});
  BOOST_TEST(prepared.hot_pixels == 1);
  BOOST_TEST(contains(prepared.notes.at(0), "1 of 12288"));
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
  options.gaussian_a = -1.0;
  BOOST_TEST(contains(
      message_of<core::ConfigError>([&] { (void)prepare_images(series_of(3, 1), options, {1}); }), "-1 A"));
}

BOOST_AUTO_TEST_SUITE_END()
