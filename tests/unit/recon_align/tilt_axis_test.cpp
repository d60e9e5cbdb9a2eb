#include "recon/align/tilt_axis.hpp"
#include "sim/core/error.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(tilt_axis)

namespace {

using namespace aet;

struct Example {
  recon::Projections series;
  std::vector<std::array<double, 2>> shifts;
  std::vector<double> levels;
};

/// A specimen whose centre of mass is the rotation centre, shifted in each image.
Example example(int n, double level, bool neighbour) {
  auto specimen = test::blobs(n, 40, 5);
  core::Vec3 centre = core::Vec3::Zero();
  double weight = 0.0;
  for (const auto& b : specimen) {
    centre += b.weight * b.centre;
    weight += b.weight;
  }
  for (auto& b : specimen)
    b.centre -= centre / weight;
  Example e;
  e.series.n = n;
  e.series.pixel_size = 1.0;
  e.series.orientations = test::single_axis(15, 65.0);
  core::RandomStream random(2, "test shifts");
  for (const core::Mat3& r : e.series.orientations) {
    const std::array<double, 2> s{1.5 * random.normal(), 1.5 * random.normal()};
    auto there = specimen;
    for (auto& b : there)
      b.centre = r * b.centre + core::Vec3(s[0], s[1], 0.0);
    if (neighbour && r(0, 2) > 0.5) there.push_back({{0.5 * n - 2.0, 3.0, 0.0}, 1.5, 3.0});
    core::Image image = test::projection_of(there, core::Mat3::Identity(), n, n);
    e.levels.push_back(level * (1.0 + 0.3 * random.normal()));
    for (float& v : image.data)
      v += static_cast<float>(e.levels.back());
    e.series.images.push_back(std::move(image));
    e.shifts.push_back(s);
  }
  return e;
}

/// Largest deviations along x and y, the common shift along y taken off (nothing tells it).
std::array<double, 2> errors(const Example& e, const recon::TiltAxisResult& found) {
  double mean = 0.0;
  const auto n = static_cast<double>(e.shifts.size());
  for (std::size_t j = 0; j < e.shifts.size(); ++j)
    mean += (found.shifts[j][1] - e.shifts[j][1]) / n;
  std::array<double, 2> out{};
  for (std::size_t j = 0; j < e.shifts.size(); ++j) {
    out[0] = std::max(out[0], std::abs(found.shifts[j][0] - e.shifts[j][0]));
    out[1] = std::max(out[1], std::abs(found.shifts[j][1] - e.shifts[j][1] - mean));
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(shifts_are_found_to_hundredths_of_a_pixel) {
  const Example e = example(48, 0.0, false);
  recon::TiltAxisOptions options;
  options.background = false;
  options.mask_level = 0.02; // without noise the mask may reach far down
  const auto worst = errors(e, recon::align_on_tilt_axis(e.series, options, {2}));
  BOOST_TEST(worst[1] < 0.02); // cubic interpolation of curves blurred by 1.8 pixels
  BOOST_TEST(worst[0] < 0.05); // what the mask cuts off
}

BOOST_AUTO_TEST_CASE(backgrounds_of_single_images_are_found) {
  const Example e = example(48, 0.5, false);
  const auto found = recon::align_on_tilt_axis(e.series, {}, {1});
  BOOST_TEST(errors(e, found)[1] < 0.05); // the specimen fills the image: its ends pass for a slope
  // The background common to all comes from the borders, where the specimen's outskirts may reach.
  for (std::size_t j = 0; j < e.levels.size(); ++j)
    BOOST_TEST(std::abs(found.backgrounds[j] - e.levels[j]) < 0.02);
}

BOOST_AUTO_TEST_CASE(a_neighbour_does_not_move_the_centre_of_mass) {
  const Example e = example(48, 0.0, true);
  recon::TiltAxisOptions options;
  options.background = false;
  options.mask_level = 0.1;
  const auto found = recon::align_on_tilt_axis(e.series, options, {1});
  BOOST_TEST(errors(e, found)[0] < 0.3); // its tail overlaps the specimen's; a plain mean is off by pixels
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_a_bit) {
  const Example e = example(32, 0.2, false);
  BOOST_TEST((recon::align_on_tilt_axis(e.series, {}, {1}).shifts ==
              recon::align_on_tilt_axis(e.series, {}, {3}).shifts));
}

BOOST_AUTO_TEST_CASE(other_axes_are_refused) {
  Example e = example(32, 0.0, false);
  e.series.orientations[3] = core::rotation_from_euler({0.5, 0.0, 0.0});
  BOOST_CHECK_EXCEPTION(
      (void)recon::align_on_tilt_axis(e.series, {}, {1}), core::DataError, [](const core::DataError& error) {
        return std::string(error.what()).find("image 3 is more than 10 degrees off that of the others") !=
               std::string::npos;
      });
}

BOOST_AUTO_TEST_SUITE_END()
