// Several detectors at once, diffraction rings, focal spread and astigmatism.
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/stem/image.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numeric>
#include <vector>

BOOST_AUTO_TEST_SUITE(further_signals)

using namespace aet;
using namespace aet::stem;

namespace {

core::Atoms small_particle() {
  core::Atoms atoms;
  for (int i = -1; i <= 1; ++i) {
    for (int j = -1; j <= 1; ++j) {
      for (int k = -1; k <= 1; ++k) {
        if ((i + j + k) % 2 != 0) continue;
        atoms.positions.emplace_back(1.96 * i + 0.1, 1.96 * j + 0.2, 1.96 * k);
        atoms.atomic_numbers.push_back(78);
      }
    }
  }
  return atoms;
}

const core::Mat3 tilt = core::tilt_rotation(0.3);
const Scan scan{12, 0.6};

StemOptions reference() {
  StemOptions options;
  options.method = Method::multislice;
  options.reference.padding_a = 5.0;
  return options;
}

Signals signals(const StemOptions& options) {
  return simulate_signals({small_particle(), tilt, scan, {1, 0, 0}}, options, core::all_cores());
}

double relative_difference(const core::Image& a, const core::Image& b) {
  double difference = 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i) {
    difference += std::abs(static_cast<double>(a.data[i]) - static_cast<double>(b.data[i]));
    sum += std::abs(static_cast<double>(b.data[i]));
  }
  return difference / sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(ranges_and_rings_add_up) {
  StemOptions options = reference();
  options.detector.edge = DetectorEdge::sharp;
  options.further.ranges = {{38.0, 190.0}, {0.0, 38.0}, {38.0, 100.0}, {100.0, 190.0}};
  options.further.pattern_bin_mrad = 19.0; // 190 and 38 mrad fall on edges of rings
  const Signals s = signals(options);
  BOOST_REQUIRE(s.ranges.size() == 4);
  BOOST_REQUIRE(s.pattern.size() == 10);
  for (std::size_t i = 0; i < s.annulus.data.size(); ++i) {
    const auto value = [&](const core::Image& image) { return static_cast<double>(image.data[i]); };
    // Equal but for the rounding of single-precision sums.
    BOOST_TEST(std::abs(value(s.annulus) - value(s.ranges[0])) < 1e-6);
    BOOST_TEST(std::abs(value(s.ranges[2]) + value(s.ranges[3]) - value(s.ranges[0])) < 1e-6);
    double rings = 0.0;
    for (const auto& ring : s.pattern)
      rings += value(ring);
    BOOST_TEST(std::abs(rings - value(s.ranges[0]) - value(s.ranges[1])) < 1e-5);
    BOOST_TEST(rings < 1.0);
  }
}

BOOST_AUTO_TEST_CASE(fast_and_reference_agree_on_bright_field) {
  StemOptions options = reference();
  options.further.ranges = {{0.0, 15.0}, {0.0, 30.0}, {15.0, 38.0}, {34.0, 190.0}};
  const Signals wanted = signals(options);
  options.method = Method::fast;
  options.fast.exact_depth_a = 0.0; // the reference puts atoms on slice planes
  options.fast.window_a = 12.0;     // what the stated widths of discs belong to
  options.fast.near_a = 6.0;
  const Signals fast = signals(options);
  // Discs hold most of the beam. An edge just outside the aperture (30 mrad) would count the soft border that
  // the beam has in any finite window (one Fourier pixel, 2 mrad at 12 A).
  BOOST_TEST(relative_difference(fast.ranges[0], wanted.ranges[0]) < 0.02);
  BOOST_TEST(relative_difference(fast.ranges[1], wanted.ranges[1]) < 0.02);
  BOOST_TEST(relative_difference(fast.ranges[2], wanted.ranges[2]) < 0.02);
  BOOST_TEST(relative_difference(fast.ranges[3], wanted.ranges[3]) < 0.05);
}

BOOST_AUTO_TEST_CASE(edges_that_are_not_carried_are_refused) {
  StemOptions options;
  options.further.ranges = {{38.0, 100.0}};
  BOOST_CHECK_THROW(validate(options), core::ConfigError);
  options.further.ranges = {{0.0, 30.0}, {30.0, 190.0}};
  BOOST_CHECK_NO_THROW(validate(options));
  options.further.pattern_bin_mrad = 1.0;
  BOOST_CHECK_THROW(validate(options), core::ConfigError);
  options = reference();
  options.further.ranges = {{100.0, 250.0}};
  BOOST_CHECK_THROW(validate(options), core::ConfigError);
  options.further.ranges = {{50.0, 40.0}};
  BOOST_CHECK_THROW(validate(options), core::ConfigError);
}

BOOST_AUTO_TEST_CASE(focal_spread_averages_defoci) {
  // Three Gauss-Hermite nodes: 0 and +-sqrt(3) standard deviations with weights 2/3 and 1/6.
  StemOptions options;
  const auto image = [&](double c1) {
    StemOptions o = options;
    o.probe.c1_a = c1;
    return signals(o).annulus;
  };
  const core::Image middle = image(0.0);
  const core::Image under = image(-40.0 * std::sqrt(3.0));
  const core::Image over = image(40.0 * std::sqrt(3.0));
  options.probe.focal_spread_a = 40.0;
  options.probe.focal_points = 3;
  const core::Image spread = signals(options).annulus;
  core::Image wanted = middle;
  for (std::size_t i = 0; i < wanted.data.size(); ++i)
    wanted.data[i] = (4.0F * middle.data[i] + under.data[i] + over.data[i]) / 6.0F;
  BOOST_TEST(relative_difference(spread, wanted) < 1e-5);
  BOOST_TEST(relative_difference(spread, middle) > 0.02);
}

BOOST_AUTO_TEST_CASE(astigmatism_turns_with_its_direction) {
  core::Atoms atom;
  atom.positions = {core::Vec3(0.0, 0.0, 0.0)};
  atom.atomic_numbers = {78};
  StemOptions options;
  options.probe.astigmatism_a = 40.0;
  options.probe.c1_a =
      20.0; // with C1 = 0 both directions look alike: |probe| does not see the sign of defocus
  const auto image = [&](double direction) {
    options.probe.astigmatism_deg = direction;
    return simulate_image({atom, core::Mat3::Identity(), scan, {1, 0, 0}}, options, core::all_cores());
  };
  const core::Image along_x = image(0.0);
  const core::Image along_y = image(90.0);
  double difference = 0.0;
  double asymmetry = 0.0;
  double peak = 0.0;
  for (int y = 1; y < scan.n; ++y) {
    for (int x = 1; x < scan.n; ++x) {
      const auto a = static_cast<double>(along_x.at(x, y));
      difference = std::max(difference, std::abs(a - static_cast<double>(along_y.at(y, x))));
      asymmetry = std::max(asymmetry, std::abs(a - static_cast<double>(along_x.at(y, x))));
      peak = std::max(peak, a);
    }
  }
  BOOST_TEST(difference < 1e-3 * peak);
  BOOST_TEST(asymmetry > 0.05 * peak);
}

BOOST_AUTO_TEST_SUITE_END()
