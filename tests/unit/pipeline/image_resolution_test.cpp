#include "recon/chain/image_resolution.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>

BOOST_AUTO_TEST_SUITE(image_resolution)

using namespace aet;

namespace {

constexpr int n = 96;
constexpr double pixel_a = 0.3;
constexpr double width_px = 2.0; ///< of an atom
constexpr double height = 3.0;
constexpr int atoms = 200;

/// Images of atoms thrown at random into a disc, so that their power is known without any image: that of one
/// atom, times their number.
core::TiltSeries scene(int images, double radius_px, double noise_sd, std::uint32_t key) {
  core::TiltSeries series;
  series.pixel_size = pixel_a;
  series.microscope.gain = 1e-9; // noise of the readout alone
  series.microscope.readout_mean = 0.0;
  series.microscope.readout_sd = noise_sd;
  for (int t = 0; t < images; ++t) {
    core::RandomStream random(1, "test resolution", {key, static_cast<std::uint32_t>(t)});
    core::Image image(n, n);
    for (int a = 0; a < atoms && radius_px > 0.0; ++a) {
      double x = 0.0;
      double y = 0.0;
      do {
        x = radius_px * (2.0 * random.uniform() - 1.0);
        y = radius_px * (2.0 * random.uniform() - 1.0);
      } while (std::hypot(x, y) > radius_px);
      for (int j = 0; j < n; ++j) {
        for (int i = 0; i < n; ++i) {
          const double r2 = std::pow(i - n / 2 - x, 2) + std::pow(j - n / 2 - y, 2);
          image.at(i, j) += static_cast<float>(height * std::exp(-0.5 * r2 / (width_px * width_px)));
        }
      }
    }
    for (float& value : image.data)
      value += static_cast<float>(noise_sd * random.normal());
    series.images.push_back(std::move(image));
    series.orientations.push_back(core::tilt_rotation(3.0 * t * core::radian_per_degree));
  }
  return series;
}

/// Power of the atoms in one image over that of the noise in the disc.
double expected_ratio(double frequency, double shadow_px, double noise_sd) {
  const double amplitude = height * 2.0 * std::numbers::pi * width_px * width_px *
                           std::exp(-2.0 * std::pow(std::numbers::pi * width_px * pixel_a * frequency, 2));
  return atoms * amplitude * amplitude /
         (noise_sd * noise_sd * std::numbers::pi * 0.25 * shadow_px * shadow_px);
}

} // namespace

BOOST_AUTO_TEST_CASE(the_ratio_is_that_of_known_powers) {
  constexpr double noise_sd = 6.0;
  const recon::ImageResolution found = recon::image_resolution(scene(12, 30.0, noise_sd, 1), {2});
  // The disc and the edges of its outermost atoms.
  BOOST_TEST(found.shadow_a > 2 * 30.0 * pixel_a);
  BOOST_TEST(found.shadow_a < 2 * (30.0 + 4.0 * width_px) * pixel_a);
  for (std::size_t k = 0; k < found.frequency.size(); ++k) {
    const double expected = expected_ratio(found.frequency[k], found.shadow_a / pixel_a, noise_sd);
    // Below, the shape of the disc; above, noise decides. The power of a shell of 12 images scatters by a few
    // percent, and 200 random places by 1 / sqrt(200), common to all shells of an image.
    if (found.frequency[k] < 0.35 || expected < 1.0) continue;
    BOOST_TEST(found.signal_to_noise[k] == expected, boost::test_tools::tolerance(0.25));
  }
  BOOST_REQUIRE(found.resolution_a.has_value());
  // The ratio falls by e within 0.05 / A there.
  BOOST_TEST(expected_ratio(1.0 / *found.resolution_a, found.shadow_a / pixel_a, noise_sd) < 0.6);
  BOOST_TEST(expected_ratio(1.0 / *found.resolution_a, found.shadow_a / pixel_a, noise_sd) > 0.2);
}

BOOST_AUTO_TEST_CASE(a_larger_field_and_more_images_of_a_small_specimen_say_so) {
  // A disc of 3.6 A: 60 images measure a place of its spectrum at 0.5 / A ten times.
  const recon::ImageResolution few = recon::image_resolution(scene(6, 6.0, 25.0, 2), {1});
  const recon::ImageResolution many = recon::image_resolution(scene(60, 6.0, 25.0, 2), {2});
  BOOST_REQUIRE(few.resolution_a.has_value());
  BOOST_REQUIRE(many.resolution_a.has_value());
  BOOST_TEST(*many.resolution_a < *few.resolution_a);
}

BOOST_AUTO_TEST_CASE(blobs_are_as_wide_as_atoms_within_bounds) {
  const auto with = [](double sd_a, double last) {
    recon::ImageResolution known;
    for (double k = 0.01; k < last; k += 0.01) {
      known.frequency.push_back(k);
      known.structure.push_back(1e4 * std::exp(-4.0 * std::pow(std::numbers::pi * sd_a * k, 2)));
    }
    known.resolution_a = 1.0 / last;
    return recon::blob_width(known).sd_a;
  };
  BOOST_TEST(with(0.37, 1.2) == 0.37, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(with(0.8, 1.2) == 0.5);
  BOOST_TEST(with(0.1, 1.2) == 0.3);
  BOOST_TEST(with(0.37, 0.5) == 0.4); // too little to tell
}

BOOST_AUTO_TEST_CASE(noise_alone_holds_nothing) {
  const recon::ImageResolution found = recon::image_resolution(scene(12, 0.0, 5.0, 3), {2});
  BOOST_TEST(!found.resolution_a.has_value());
  BOOST_TEST(recon::blob_width(found).note.find("no information") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
