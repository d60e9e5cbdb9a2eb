#include "recon/images/hot_pixels.hpp"
#include "recon/images/register.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_images/scenes.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(registration)

using namespace aet;
using namespace aet::recon;
using aet::test::columns;
using aet::test::columns_at;
using aet::test::contains;
using aet::test::message_of;
using aet::test::rms_difference;
using aet::test::with_noise;

namespace {

/// Shifts found, then the average, as for a series of this one tilt.
struct Registered {
  ExposureShifts found;
  RegisteredExposures made;
};
Registered register_exposures(const std::vector<core::Image>& exposures, const RegisterOptions& options) {
  const ExposureShifts found = find_exposure_shifts(exposures, options);
  return {found, average_exposures(exposures, found, drift_model({found}), options)};
}

constexpr int n = 96;
constexpr double height = 60.0;
constexpr double background = 2.0;

/// What a scan of the moving, distorted scene shows, by the definition: pixel after pixel, exposure after
/// exposure.
core::Image scanned(const Mat2& scan_matrix, const Vec2& start, const Vec2& end) {
  core::Image image(n, n);
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      const double time = (y + static_cast<double>(x) / n) / n;
      const Vec2 place = scan_matrix * Vec2(x - n / 2, y - n / 2) - (start + time * (end - start));
      image.at(x, y) = static_cast<float>(
          background + height * columns_at(place.x() + n / 2, place.y() + n / 2, n / 2, 30.0));
    }
  }
  return image;
}

core::Image still() {
  return scanned(Mat2::Identity(), Vec2::Zero(), Vec2::Zero());
}

} // namespace

BOOST_AUTO_TEST_CASE(fourier_shift_moves_a_scene_as_a_new_drawing_does) {
  const core::Image scene = columns(n, height, background);
  // Columns of sd 1.6 pixels carry exp(-(pi 1.6)^2 / 2) = 3e-6 of their amplitude at Nyquist.
  BOOST_TEST(rms_difference(fourier_shifted(scene, {2.3, -1.6}), columns(n, height, background, 2.3, -1.6)) <
             1e-3);
  BOOST_TEST(rms_difference(fourier_shifted(scene, {5.0, 0.0}), columns(n, height, background, 5.0, 0.0)) <
             1e-3);
}

BOOST_AUTO_TEST_CASE(affine_resampling_equals_a_new_drawing) {
  Mat2 matrix;
  matrix << 1.02, 0.03, -0.01, 0.97;
  const Vec2 offset(1.7, -0.4);
  const core::Image scene = still();
  const core::Image expected = scanned(matrix, -offset, -offset);
  // The interpolation's error, 1e-3 at half Nyquist, where these columns have e^-3 of their amplitude.
  BOOST_TEST(rms_difference(affine_resampled(scene, matrix, offset), expected) < 1e-4 * height);
  BOOST_TEST(rms_difference(affine_resampled(scene, Mat2::Identity(), Vec2::Zero()), scene) < 1e-5 * height);
  BOOST_TEST(contains(
      message_of<core::DataError>([&] { (void)affine_resampled(scene, Mat2::Zero(), offset); }), "inverted"));
}

BOOST_AUTO_TEST_CASE(shift_is_found_to_a_hundredth_of_a_pixel) {
  const core::Image fixed = columns(n, height, background);
  for (const Vec2& truth : {Vec2(0.0, 0.0), Vec2(3.37, -5.81), Vec2(-0.5, 0.25)}) {
    const core::Image moving = columns(n, height, background, truth.x(), truth.y());
    const ShiftEstimate e = find_shift(fixed, moving, {});
    BOOST_TEST((e.shift - truth).norm() < 0.01);
    BOOST_TEST(e.correlation > 0.95);
    BOOST_TEST(e.correlation < 1.0 + 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(noisy_exposures_are_brought_together) {
  const std::vector<Vec2> truth{{0.6, -1.2}, {-0.3, 0.9}, {1.4, 0.2}, {-1.7, 0.1}}; // sum zero
  std::vector<core::Image> exposures;
  for (std::size_t f = 0; f < truth.size(); ++f) {
    exposures.push_back(with_noise(columns(n, height, background, truth[f].x(), truth[f].y()), 1.0, 0.0, 0.0,
                                   static_cast<std::uint32_t>(f)));
  }
  RegisterOptions options;
  options.drift = false;
  const Registered result = register_exposures(exposures, options);
  for (std::size_t f = 0; f < truth.size(); ++f)
    BOOST_TEST((result.found.shifts[f] - truth[f]).norm() < 0.05);
  // The average has a quarter of the variance, sqrt(mean / 4); registration adds little to that.
  const core::Image scene = columns(n, height, background);
  double mean = 0.0;
  for (const float v : scene.data)
    mean += static_cast<double>(v) / (n * n);
  BOOST_TEST(rms_difference(result.made.average, scene) == std::sqrt(mean / 4.0),
             boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_CASE(linear_drift_is_taken_out_of_the_exposures) {
  const Vec2 speed(1.5, -0.8); // pixels an exposure
  std::vector<core::Image> exposures;
  for (int f = 0; f < 4; ++f)
    exposures.push_back(scanned(Mat2::Identity(), (f - 2.0) * speed, (f - 1.0) * speed));
  const Registered result = register_exposures(exposures, {});
  BOOST_TEST(result.made.drift_corrected);
  for (const Vec2& drift : result.made.drift)
    BOOST_TEST((drift - speed).norm() < 0.02);
  RegisterOptions uncorrected;
  uncorrected.drift = false;
  const double with = rms_difference(result.made.average, still());
  const double without = rms_difference(register_exposures(exposures, uncorrected).made.average, still());
  BOOST_TEST_MESSAGE("rms error, drift corrected " << with << ", not corrected " << without);
  BOOST_TEST(with < 0.01 * height);
  BOOST_TEST(without > 5.0 * with);
}

BOOST_AUTO_TEST_CASE(a_path_with_another_speed_in_every_exposure_is_followed) {
  // Places in the middle of the exposures sum up to zero, as those of the average do.
  const std::vector<Vec2> speeds{{1.5, -0.8}, {-1.0, 0.4}, {0.6, 1.0}, {2.1, 0.6}};
  Vec2 here = Vec2::Zero();
  Vec2 middle = Vec2::Zero();
  for (const Vec2& v : speeds) {
    middle += (here + 0.5 * v) / 4.0;
    here += v;
  }
  here = -middle;
  std::vector<core::Image> exposures;
  for (const Vec2& v : speeds) {
    exposures.push_back(scanned(Mat2::Identity(), here, here + v));
    here += v;
  }
  const Registered result = register_exposures(exposures, {});
  BOOST_TEST(result.made.drift_corrected);
  Vec2 mean = Vec2::Zero();
  for (std::size_t f = 0; f < 4; ++f)
    mean += (result.made.drift[f] - speeds[f]) / 4.0;
  // Which of two neighbours was the faster is not told by where they were; their mean is.
  BOOST_TEST(mean.norm() < 0.1);
  RegisterOptions uncorrected;
  uncorrected.drift = false;
  const double with = rms_difference(result.made.average, still());
  const double without = rms_difference(register_exposures(exposures, uncorrected).made.average, still());
  BOOST_TEST_MESSAGE("rms error, drift corrected " << with << ", not corrected " << without);
  BOOST_TEST(with < 0.5 * without);
}

BOOST_AUTO_TEST_CASE(scan_distortion_is_corrected_together_with_shifts) {
  Mat2 distortion;
  distortion << 1.03, 0.02, 0.0, 0.98;
  const std::vector<Vec2> shifts{{1.0, 0.5}, {-1.4, 0.7}, {0.4, -1.2}};
  std::vector<core::Image> exposures;
  for (const Vec2& s : shifts)
    exposures.push_back(scanned(distortion, s, s));
  RegisterOptions options;
  options.scan_matrix = distortion;
  options.drift = false;
  BOOST_TEST(rms_difference(register_exposures(exposures, options).made.average, still()) < 0.01 * height);
  // One exposure is put on true places as well.
  const core::Image one = scanned(distortion, Vec2::Zero(), Vec2::Zero());
  BOOST_TEST(rms_difference(register_exposures({one}, options).made.average, still()) < 1e-3 * height);
}

BOOST_AUTO_TEST_CASE(hot_pixels_go_and_atoms_stay) {
  const core::Image scene = columns(n, height, background);
  core::Image noisy = with_noise(scene, 1.0, 0.0, 0.5, 9);
  const NoiseModel noise{1.0, 0.0, 0.25};
  core::Image untouched = noisy;
  // 9216 pixels, 6 sd from both median and neighbour: none expected of a Gaussian, few of Poisson tails.
  BOOST_TEST(replace_hot_pixels(untouched, noise, {}).size() <= 2U);
  std::vector<std::pair<int, int>> hot{{5, 7}, {50, 48}, {0, 30}, {95, 95}, {60, 33}};
  for (const auto& [x, y] : hot)
    noisy.at(x, y) += 400.0F;
  const std::vector<std::uint32_t> replaced = replace_hot_pixels(noisy, noise, {});
  BOOST_TEST(replaced.size() >= 5U);
  BOOST_TEST(replaced.size() <= 7U);
  for (const auto& [x, y] : hot)
    BOOST_TEST(std::abs(noisy.at(x, y) - scene.at(x, y)) < 60.0F);
}

BOOST_AUTO_TEST_CASE(bad_exposures_are_named) {
  const core::Image scene = still();
  BOOST_TEST(contains(message_of<core::DataError>([] { (void)register_exposures({}, {}); }), "no exposures"));
  BOOST_TEST(contains(message_of<core::DataError>([&] {
                        (void)register_exposures({scene, core::Image(n, n + 1)}, {});
                      }),
                      "shape"));
  BOOST_TEST(contains(message_of<core::DataError>([&] {
                        (void)register_exposures({scene, core::Image(n, n, 3.0F)}, {});
                      }),
                      "one value everywhere"));
  RegisterOptions options;
  options.duty = 0.0;
  BOOST_TEST(contains(message_of<core::ConfigError>([&] {
                        (void)register_exposures({scene, scene}, options);
                      }),
                      "duty is 0"));
}

BOOST_AUTO_TEST_SUITE_END()
