// Weighted back-projection and shell correlation.
#include "recon/volume/back_projection.hpp"
#include "recon/volume/fourier_shell.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(baseline)

using namespace aet;

namespace {

core::Volume noise_volume(int n, std::uint64_t seed) {
  core::RandomStream random(seed, "noise volume");
  core::Volume v(n, n, n, 0.5);
  for (float& x : v.data)
    x = static_cast<float>(random.normal());
  return v;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_blob_is_projected_back_to_where_it_was) {
  // 60 angles over half a turn: textbook filtered back-projection gives the blob and its height, as far as
  // the angles resolve it (they do out to 19 pixels).
  const int n = 32;
  const std::vector<test::Blob> specimen{{{5.0, -3.0, 4.0}, 1.5, 1.0}};
  std::vector<core::Mat3> orientations;
  for (int i = 0; i < 60; ++i)
    orientations.push_back(core::tilt_rotation(core::pi * i / 60.0));
  const auto series = test::series_of(specimen, orientations, n, n);
  const auto result = recon::reconstruct_back_projection(series, {}, {2});
  const auto top = std::max_element(result.volume.data.begin(), result.volume.data.end());
  BOOST_TEST(static_cast<std::size_t>(top - result.volume.data.begin()) == result.volume.index(21, 13, 20));
  // The soft end of the ramp takes a little off the highest frequencies.
  BOOST_TEST(std::abs(*top - 1.0F) < 0.03F);
  BOOST_TEST(test::correlation(result.volume.data, test::volume_of(specimen, n).data) > 0.99);
}

BOOST_AUTO_TEST_CASE(the_axis_is_found_wherever_it_is) {
  const int n = 32;
  const auto specimen = test::blobs(n, 6, 1);
  const core::Mat3 turn = core::rotation_from_euler({0.6, 0.0, 0.0});
  std::vector<core::Mat3> orientations;
  for (int i = 0; i < 60; ++i)
    orientations.push_back(turn * core::tilt_rotation(core::pi * i / 60.0));
  const auto series = test::series_of(specimen, orientations, n, n);
  const auto result = recon::reconstruct_back_projection(series, {}, {1});
  BOOST_TEST(test::correlation(result.volume.data, test::volume_of(specimen, n).data) > 0.98);
}

BOOST_AUTO_TEST_CASE(bad_cutoffs_are_refused) {
  const auto series = test::series_of(test::blobs(32, 2, 1), test::single_axis(9, 60.0), 32, 32);
  for (const double cutoff : {0.0, 1.5}) {
    BOOST_CHECK_THROW((void)recon::reconstruct_back_projection(series, {cutoff, {}}, {1}), core::ConfigError);
  }
}

BOOST_AUTO_TEST_CASE(shell_correlation_of_equal_and_of_unrelated_volumes) {
  const core::Volume a = noise_volume(32, 1);
  const auto same = recon::shell_correlation(a, a, {1});
  BOOST_TEST(same.correlation.size() == 16U);
  for (const double c : same.correlation)
    BOOST_TEST(std::abs(c - 1.0) < 1e-6);
  BOOST_TEST(!same.resolution_05_a.has_value());
  const auto other = recon::shell_correlation(a, noise_volume(32, 2), {1});
  // Shell r has about 4 pi r^2 / 2 independent numbers; from shell 6 on, 5 standard deviations are below
  // 0.34.
  for (std::size_t s = 5; s < other.correlation.size(); ++s)
    BOOST_TEST(std::abs(other.correlation[s]) < 0.34);
  BOOST_TEST(!other.resolution_0143_a.has_value()); // nothing is resolved
  BOOST_TEST(!other.resolution_05_a.has_value());
}

BOOST_AUTO_TEST_CASE(noise_lowers_the_correlation_as_it_should) {
  // Noise of a power equal to the signal's, in one of the two: correlation 1 / sqrt(2).
  const core::Volume a = noise_volume(32, 3);
  core::Volume b = a;
  const core::Volume noise = noise_volume(32, 4);
  for (std::size_t i = 0; i < b.data.size(); ++i)
    b.data[i] += noise.data[i];
  const auto curve = recon::shell_correlation(a, b, {1});
  double mean = 0.0;
  for (std::size_t s = 4; s < 16; ++s)
    mean += curve.correlation[s] / 12.0;
  BOOST_TEST(std::abs(mean - std::sqrt(0.5)) < 0.03);
  // Half of some 4 pi r^2 points are independent.
  BOOST_TEST(std::abs(curve.chance[7] - 3.0 / std::sqrt(2.0 * core::pi * 64.0)) < 0.02);
  BOOST_TEST(std::abs(curve.frequency[7] - 8.0 / 16.0) < 1e-12); // 32 voxels of 0.5 A
}

BOOST_AUTO_TEST_CASE(halves_take_every_other_image) {
  const auto series = test::series_of(test::blobs(32, 4, 1), test::single_axis(31, 70.0), 32, 32);
  const auto [even, odd] = recon::halves(series);
  BOOST_TEST(even.size() == 16U);
  BOOST_TEST(odd.size() == 15U);
  BOOST_TEST((odd.orientations[0] == series.orientations[1]));
  const auto curve = recon::half_set_correlation(
      series, [](const core::TiltSeries& s) { return recon::reconstruct_back_projection(s, {}, {1}).volume; },
      {1});
  BOOST_TEST(curve.correlation[0] > 0.9);
  core::TiltSeries few = series;
  few.images.resize(5);
  few.orientations.resize(5);
  BOOST_TEST(test::message_of<core::DataError>([&] { (void)recon::halves(few); }).find("at least 6 images") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
