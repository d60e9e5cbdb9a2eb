// The microscope's errors: geometry against images of moved atoms, drift against plain integrals, statistics
// of what is drawn, counts.
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/acquisition.hpp"
#include "sim/stem/kinematic.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <tuple>

BOOST_AUTO_TEST_SUITE(microscope)

using namespace aet;
using namespace aet::stem;

namespace {

constexpr core::Threads two{2};

core::Atoms cluster() {
  core::Atoms atoms;
  atoms.positions = {
      {0.31, -0.12, 0.4}, {2.9, 1.7, -3.0}, {-2.4, 3.3, 2.0}, {-1.2, -3.7, -1.0}, {3.1, -2.6, 1.6}};
  atoms.atomic_numbers = {78, 26, 78, 26, 78};
  return atoms;
}

/// Kinematic images stand for any: their band limit is the same, and sharp images are the hardest to
/// resample.
core::Image image_of(const core::Atoms& atoms, const Scan& scan) {
  StemOptions options;
  options.probe.focus_z_a = 0.0;
  return simulate_kinematic_image({atoms, core::Mat3::Identity(), scan}, options, {}, two);
}

double peak_of(const core::Image& image) {
  return static_cast<double>(*std::max_element(image.data.begin(), image.data.end()));
}

double worst_difference(const core::Image& a, const core::Image& b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(a.data[i] - b.data[i])));
  return worst;
}

/// The image of `atoms` at one place: sampled there by moving the atoms to the centre.
double at_place(const core::Atoms& atoms, const Vec2& place) {
  return static_cast<double>(image_of(shifted(atoms, core::Mat3::Identity(), -place), {2, 0.4}).at(1, 1));
}

std::vector<core::Mat3> many(std::size_t n) {
  return std::vector<core::Mat3>(n, core::tilt_rotation(0.3));
}

TiltSeriesOptions series_on(const Scan& scan, std::size_t tilts) {
  TiltSeriesOptions series;
  series.scan = scan;
  series.orientations = many(tilts);
  return series;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_moved_scan_shows_what_moved_atoms_show) {
  // Shift theorem: an image at displaced places by interpolation of a grid of 0.2 A (Nyquist 2.5/A, band
  // limit 2.39/A) against direct simulation with the atoms displaced the other way.
  const Scan scan{48, 0.4};
  const Scan fine{120, 0.2};
  const Vec2 move(0.173, -0.311);
  ExposureMap map;
  map.offset = move;
  const auto interpolated = resample(BandLimitedImage(image_of(cluster(), fine), fine.pixel_a), map, scan);
  const auto direct = image_of(shifted(cluster(), core::Mat3::Identity(), -move), scan);
  BOOST_TEST(worst_difference(interpolated, direct) < 1e-3 * peak_of(direct));
  // The same from the coarse grid is no longer exact: this is why the fine one is simulated.
  const auto coarse = resample(BandLimitedImage(image_of(cluster(), {60, 0.4}), 0.4), map, scan);
  BOOST_TEST(worst_difference(coarse, direct) > 0.02 * peak_of(direct));
}

BOOST_AUTO_TEST_CASE(a_distorted_scan_shows_what_each_place_shows) {
  ScanDistortion distortion;
  distortion.scale_x_percent = 2.0;
  distortion.scale_y_percent = -1.5;
  distortion.shear_deg = 1.0;
  distortion.rotation_deg = 5.0;
  const Scan scan{24, 0.4};
  const auto path = exposure_map(distortion_matrix(distortion), {0.2, -0.4}, {0.9, 0.3}, scan);
  const auto image = resample(BandLimitedImage(image_of(cluster(), {100, 0.2}), 0.2), path, scan);
  const double peak = peak_of(image);
  for (const auto& [ix, iy] : {std::pair{12, 12}, {13, 10}, {5, 19}, {20, 6}, {19, 16}}) {
    // Place of the probe, written out: distortion of the scan, minus where the specimen has drifted by then.
    const double passed = (iy + ix / 24.0) / 24.0;
    const Vec2 nominal(0.4 * (ix - 12), 0.4 * (iy - 12));
    const double rotation = 5.0 * core::radian_per_degree;
    const Vec2 sheared(1.02 * nominal.x() + std::tan(core::radian_per_degree) * 0.985 * nominal.y(),
                       0.985 * nominal.y());
    const Vec2 turned(std::cos(rotation) * sheared.x() - std::sin(rotation) * sheared.y(),
                      std::sin(rotation) * sheared.x() + std::cos(rotation) * sheared.y());
    const Vec2 place = turned - Vec2(0.2, -0.4) - passed * Vec2(0.7, 0.7);
    BOOST_TEST(std::abs(static_cast<double>(image.at(ix, iy)) - at_place(cluster(), place)) < 2e-3 * peak);
  }
}

BOOST_AUTO_TEST_CASE(the_mean_of_drifting_exposures_is_the_mean_over_their_places) {
  MicroscopeOptions options;
  options.exposures_per_tilt = 4;
  options.drift_a_per_exposure = {0.3, -0.1};
  options.drift_walk_sd_a = 0.2;
  options.seed = 3;
  const Scan scan{24, 0.4};
  auto series = series_on(scan, 1);
  series.orientations = {core::Mat3::Identity()};
  const auto truth = draw_truth(series.orientations, scan, options);
  const Scan fine = simulated_scan(truth, scan, series.stem, options);
  BOOST_TEST(fine.pixel_a ==
             2.0 * 0.093); // two pixels of the fast grid, within the 0.209 A of the band limit
  NoiseOptions noise;
  noise.gain = 2.0;
  noise.readout_mean = 10.0;
  const auto delivered = acquire({image_of(cluster(), fine)}, fine, truth, series, options, noise);
  BOOST_TEST(delivered.exposures.size() == 4U);
  const double scale = 2.0 * noise.dose_e_per_a2 / 4.0 * 0.16; // an exposure has a quarter of the dose
  const double peak = peak_of(delivered.expected[0]);
  Vec2 mean_drift = Vec2::Zero();
  for (const auto& exposure : truth[0].exposures)
    mean_drift += 0.5 * (exposure.start + exposure.end);
  BOOST_TEST(mean_drift.norm() < 1e-12);
  for (std::size_t f = 0; f + 1 < 4; ++f)
    BOOST_TEST((truth[0].exposures[f].end - truth[0].exposures[f + 1].start).norm() < 1e-12);
  for (const auto& [ix, iy] : {std::pair{12, 12}, {13, 11}, {19, 16}}) {
    double sum = 0.0;
    for (const auto& exposure : truth[0].exposures) {
      const double passed = (iy + ix / 24.0) / 24.0;
      const Vec2 place =
          Vec2(0.4 * (ix - 12), 0.4 * (iy - 12)) - exposure.start - passed * (exposure.end - exposure.start);
      sum += at_place(cluster(), place) / 4.0;
    }
    BOOST_TEST(std::abs(static_cast<double>(delivered.expected[0].at(ix, iy)) - (scale * sum + 10.0)) <
               2e-3 * peak);
  }
}

BOOST_AUTO_TEST_CASE(a_perfect_microscope_changes_nothing) {
  const Scan scan{24, 0.4};
  const auto series = series_on(scan, 2);
  const auto truth = draw_truth(series.orientations, scan, {});
  BOOST_TEST(!needs_resampling(truth, scan));
  BOOST_TEST(simulated_scan(truth, scan, series.stem, {}).n == 24);
  const std::vector<core::Image> images(2, image_of(cluster(), scan));
  NoiseOptions noise;
  const auto delivered = acquire(images, scan, truth, series, {}, noise);
  const auto plain = apply_noise(assemble_tilt_series(images, series), noise);
  for (std::size_t t = 0; t < 2; ++t) {
    BOOST_TEST((delivered.series.images[t].data == plain.images[t].data));
    BOOST_TEST((truth[t].orientation == series.orientations[t]));
  }
  BOOST_TEST(delivered.exposures.images.empty());
  BOOST_TEST(*delivered.series.microscope.gain == noise.gain);
}

BOOST_AUTO_TEST_CASE(angle_errors_are_in_the_truth_and_not_in_the_series) {
  MicroscopeOptions options;
  options.angle_error_sd_deg = {0.5, 0.7, 0.6};
  options.seed = 5;
  const Scan scan{24, 0.4};
  const std::size_t count = 2000;
  const auto nominal = many(count);
  const auto truth = draw_truth(nominal, scan, options);
  std::array<double, 3> square{};
  for (const auto& tilt : truth) {
    const auto& e = tilt.angle_error_deg;
    const core::Mat3 wanted =
        core::rotation_from_euler({e[0] * core::radian_per_degree, e[1] * core::radian_per_degree,
                                   e[2] * core::radian_per_degree}) *
        nominal[0];
    BOOST_TEST((tilt.orientation - wanted).norm() < 1e-12);
    for (std::size_t i = 0; i < 3; ++i)
      square[i] += e[i] * e[i] / static_cast<double>(count);
  }
  // The sd of an sd from 2,000 draws is 1.6 %: five of them.
  for (std::size_t i = 0; i < 3; ++i)
    BOOST_TEST(std::sqrt(square[i]) == options.angle_error_sd_deg[i], boost::test_tools::tolerance(0.08));

  auto series = series_on(scan, 2);
  const std::vector<TiltTruth> first(truth.begin(), truth.begin() + 2);
  const auto delivered = acquire({image_of(cluster(), scan), image_of(cluster(), scan)}, scan, first, series,
                                 options, NoiseOptions{});
  BOOST_TEST((delivered.series.orientations == series.orientations));
  // The image is that of the true orientation, shift and focus.
  TiltTruth one = first[0];
  one.shift = {0.5, -0.3};
  one.defocus_error_a = 30.0;
  series.scan = {20, 0.5};
  const auto image = simulate_true_image(cluster(), {series, one, 0, series.scan}, two);
  auto moved = series;
  moved.orientations = {one.orientation};
  moved.stem.probe.c1_a = 30.0;
  const auto wanted = simulate_tilt_image(shifted(cluster(), one.orientation, one.shift), moved, 0, two);
  BOOST_TEST((image.data == wanted.data));
  const core::Vec3 was = one.orientation * cluster().positions[1];
  const core::Vec3 is = one.orientation * shifted(cluster(), one.orientation, one.shift).positions[1];
  BOOST_TEST((is - was - core::Vec3(0.5, -0.3, 0.0)).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(counts_of_exposures_have_the_recorded_mean_and_variance) {
  MicroscopeOptions options;
  options.exposures_per_tilt = 5;
  options.background.film_fraction = 0.02;
  const Scan scan{200, 0.4};
  auto series = series_on(scan, 1);
  series.orientations = {core::tilt_rotation(60.0 * core::radian_per_degree)};
  const auto truth = draw_truth(series.orientations, scan, options);
  NoiseOptions noise;
  noise.dose_e_per_a2 = 5000.0;
  noise.gain = 3.0;
  noise.readout_mean = 20.0;
  noise.readout_sd = 4.0;
  const auto delivered = acquire({core::Image(200, 200, 0.05F)}, scan, truth, series, options, noise);
  // The film looks twice as thick at 60 degrees.
  const double electrons = 5000.0 * 0.16 * (0.05 + 0.04);
  const auto& microscope = delivered.series.microscope;
  const double wanted_mean = 3.0 / 5.0 * electrons + 20.0;
  const double wanted_variance =
      std::pow(*microscope.gain, 2.0) * electrons + std::pow(*microscope.readout_sd, 2.0);
  double mean = 0.0;
  double square = 0.0;
  const auto& data = delivered.series.images[0].data;
  const auto n = static_cast<double>(data.size());
  for (const float v : data) {
    mean += static_cast<double>(v) / n;
    square += static_cast<double>(v) * static_cast<double>(v) / n;
  }
  BOOST_TEST(std::abs(mean - wanted_mean) < 5.0 * std::sqrt(wanted_variance / n));
  BOOST_TEST(std::abs(square - mean * mean - wanted_variance) < 5.0 * wanted_variance * std::sqrt(2.1 / n));
  BOOST_TEST(static_cast<double>(delivered.expected[0].data[7]) == wanted_mean,
             boost::test_tools::tolerance(1e-5));
  BOOST_TEST(static_cast<double>(delivered.background[0].data[7]) == 20.0 + 3.0 / 5.0 * 5000.0 * 0.16 * 0.04,
             boost::test_tools::tolerance(1e-5));
  BOOST_TEST(*delivered.exposures.microscope.dose_e_per_a2 == 1000.0);
}

BOOST_AUTO_TEST_CASE(spikes_and_saturation) {
  MicroscopeOptions options;
  options.hot_pixel_fraction = 0.01;
  options.hot_pixel_counts = 1e5;
  const Scan scan{200, 0.4};
  const auto series = series_on(scan, 1);
  const auto truth = draw_truth(series.orientations, scan, options);
  const auto count_above = [&](float level) {
    const auto delivered =
        acquire({core::Image(200, 200, 0.05F)}, scan, truth, series, options, NoiseOptions{});
    const auto& data = delivered.series.images[0].data;
    return std::count_if(data.begin(), data.end(), [level](float v) { return v > level; });
  };
  // 400 pixels expected, of which exp(-0.1) rise by more than 1e4; the background is at 120.
  const auto hot = static_cast<double>(count_above(1e4F));
  BOOST_TEST(std::abs(hot - 362.0) < 5.0 * std::sqrt(362.0));
  options.saturation_counts = 5000.0;
  BOOST_TEST(count_above(5000.0F) == 0);
}

BOOST_AUTO_TEST_CASE(background_shapes) {
  BackgroundOptions options;
  options.neighbour_fraction = 0.1;
  options.neighbour_depth_a = 4.0;
  options.neighbour_edge_a = 1.0;
  const auto image =
      smooth_background_image({}, options, 40, 0.5); // enters at +y: its edge is 6 A from the centre
  BOOST_TEST(static_cast<double>(image.at(20, 32)) == 0.05, boost::test_tools::tolerance(1e-5));
  BOOST_TEST(static_cast<double>(image.at(3, 39)) > 0.0999);
  BOOST_TEST(static_cast<double>(image.at(20, 20)) < 1e-8);
  core::RandomStream random(1, "test");
  const auto grain = film_grain(0.01, 1.5, 128, 0.4, random);
  double mean = 0.0;
  double variance = 0.0;
  double neighbour = 0.0;
  for (int iy = 0; iy < 128; ++iy) {
    for (int ix = 0; ix < 124; ++ix) {
      const auto v = static_cast<double>(grain.at(ix, iy));
      mean += v;
      variance += v * v;
      neighbour += v * static_cast<double>(grain.at(ix + 4, iy));
    }
  }
  const double n = 128.0 * 124.0;
  // Some (51 A)^2 / (4 pi 1.5^2 A^2) = 92 independent patches: the variance is known to 15 %.
  BOOST_TEST(std::sqrt(variance / n) == 0.01, boost::test_tools::tolerance(0.2));
  BOOST_TEST(std::abs(mean / n) < 0.004);
  // Autocorrelation of Gaussian-filtered noise: exp(-d^2 / 4 s^2) at d = 1.6 A.
  BOOST_TEST(neighbour / variance == std::exp(-1.6 * 1.6 / 9.0), boost::test_tools::tolerance(0.1));
}

BOOST_AUTO_TEST_CASE(absurd_settings_are_refused) {
  using test::contains;
  const Scan scan{64, 0.4};
  const auto message = [&](const MicroscopeOptions& o) {
    return test::message_of<core::ConfigError>([&] { validate(o, scan); });
  };
  MicroscopeOptions o;
  o.scan_matrix = Mat2{{1.0, 2.0}, {0.5, 1.0}};
  BOOST_TEST(contains(message(o), "invertible"));
  o = {};
  o.exposures_per_tilt = 10;
  o.drift_a_per_exposure = {2.0, 0.0};
  BOOST_TEST(contains(message(o), "leaves the field of 25.6 A"));
  o = {};
  o.exposures_per_tilt = 0;
  BOOST_TEST(contains(message(o), "exposures_per_tilt = 0"));
  o = {};
  o.saturation_counts = 0.0;
  BOOST_TEST(contains(message(o), "saturation_counts"));
  o = {};
  o.background.film_fraction = -0.1;
  BOOST_TEST(contains(message(o), "film_fraction"));
  o = {};
  o.shift_sd_a = 20.0;
  const auto truth = draw_truth(many(5), scan, o);
  BOOST_TEST(
      contains(test::message_of<core::ConfigError>([&] { require_inside_exposures(cluster(), truth, scan); }),
               "pixels", "tilt"));
}

BOOST_AUTO_TEST_SUITE_END()
