// Several detectors at once, diffraction rings, focal spread and astigmatism.
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/fast_multislice.hpp"
#include "sim/stem/image.hpp"
#include "tests/support/message.hpp"

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
  options.further.ranges = {{.inner_mrad = 38.0, .outer_mrad = 190.0},
                            {.inner_mrad = 0.0, .outer_mrad = 38.0},
                            {.inner_mrad = 38.0, .outer_mrad = 100.0},
                            {.inner_mrad = 100.0, .outer_mrad = 190.0}};
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
  options.further.ranges = {{.inner_mrad = 0.0, .outer_mrad = 15.0},
                            {.inner_mrad = 0.0, .outer_mrad = 30.0},
                            {.inner_mrad = 15.0, .outer_mrad = 38.0},
                            {.inner_mrad = 34.0, .outer_mrad = 190.0}};
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

BOOST_AUTO_TEST_CASE(fast_and_reference_agree_on_edges_inside_the_annulus) {
  StemOptions options = reference();
  options.further.ranges = {{.inner_mrad = 38.0, .outer_mrad = 55.0},
                            {.inner_mrad = 55.0, .outer_mrad = 190.0},
                            {.inner_mrad = 45.0, .outer_mrad = 70.0},
                            {.inner_mrad = 70.0, .outer_mrad = 190.0}};
  const Signals wanted = signals(options);
  options.method = Method::fast;
  options.fast.exact_depth_a = 0.0;
  options.fast.window_a = 12.0;
  options.fast.near_a = 6.0;
  const Signals fast = signals(options);
  for (std::size_t r = 0; r < 4; ++r) {
    const double difference = relative_difference(fast.ranges[r], wanted.ranges[r]);
    BOOST_TEST_MESSAGE(options.further.ranges[r].inner_mrad << " to " << options.further.ranges[r].outer_mrad
                                                            << " mrad: R1 " << difference);
    BOOST_TEST(difference < 0.015);
  }
  for (std::size_t i = 0; i < fast.annulus.data.size(); ++i) {
    BOOST_TEST(std::abs(fast.ranges[0].data[i] + fast.ranges[1].data[i] - fast.annulus.data[i]) < 1e-6F);
  }
  // Further detectors change nothing else but how exactly propagation follows what the first one counts.
  options.further = {};
  BOOST_TEST(relative_difference(signals(options).annulus, fast.annulus) < 1e-3);
}

BOOST_AUTO_TEST_CASE(segments_add_up_and_agree_between_methods) {
  constexpr int n = 4;
  constexpr double rotation = 20.0;
  StemOptions options = reference();
  options.further.ranges = {{.inner_mrad = 0.0, .outer_mrad = 30.0},
                            {.inner_mrad = 38.0, .outer_mrad = 60.0}};
  for (const AngleRange ring : {options.further.ranges[0], options.further.ranges[1]}) {
    for (int k = 0; k < n; ++k)
      options.further.ranges.push_back({ring.inner_mrad, ring.outer_mrad, n, k, rotation});
  }
  const Signals wanted = signals(options);
  options.method = Method::fast;
  options.fast.exact_depth_a = 0.0;
  options.fast.window_a = 12.0;
  options.fast.near_a = 6.0;
  const Signals fast = signals(options);
  for (const Signals* s : {&wanted, &fast}) {
    for (std::size_t ring = 0; ring < 2; ++ring) {
      for (std::size_t i = 0; i < s->annulus.data.size(); ++i) {
        double sum = 0.0;
        for (std::size_t k = 0; k < n; ++k)
          sum += static_cast<double>(s->ranges[2 + n * ring + k].data[i]);
        BOOST_TEST(std::abs(sum - static_cast<double>(s->ranges[ring].data[i])) < 2e-6); // rounding of floats
      }
    }
  }
  for (std::size_t r = 2; r < wanted.ranges.size(); ++r) {
    const double difference = relative_difference(fast.ranges[r], wanted.ranges[r]);
    BOOST_TEST_MESSAGE(options.further.ranges[r].outer_mrad << " mrad, segment " << (r - 2) % n << ": R1 "
                                                            << difference);
    BOOST_TEST(difference < 0.02);
  }
}

BOOST_AUTO_TEST_CASE(an_atom_draws_electrons_to_its_side) {
  // Beside an atom its potential deflects the beam towards it: of a segmented bright-field detector the
  // segment on its side holds more. Segment 0 begins at -45 degree, so that it looks along +x.
  core::Atoms atom;
  atom.positions = {core::Vec3(0.0, 0.0, 0.0)};
  atom.atomic_numbers = {14};
  for (const Method method : {Method::fast, Method::multislice}) {
    StemOptions options = reference();
    options.method = method;
    for (int k = 0; k < 4; ++k)
      options.further.ranges.push_back({0.0, 36.0, 4, k, -45.0});
    const Signals s =
        simulate_signals({atom, core::Mat3::Identity(), {8, 0.4}, {1, 0, 0}}, options, core::all_cores());
    const auto at = [&](std::size_t k, int x, int y) { return static_cast<double>(s.ranges[k].at(x, y)); };
    BOOST_TEST(at(0, 3, 4) - at(2, 3, 4) > 0.01); // the probe stands at -x, the atom lies along +x
    BOOST_TEST(at(0, 5, 4) - at(2, 5, 4) < -0.01);
    BOOST_TEST(at(1, 4, 3) - at(3, 4, 3) > 0.01); // and along +y
    // A turn by 90 degree turns segments and places; nothing is left over on the axis.
    BOOST_TEST(std::abs(at(0, 3, 4) - at(1, 4, 3)) < 1e-4);
    BOOST_TEST(std::abs(at(0, 4, 4) - at(2, 4, 4)) < 1e-4);
  }
}

BOOST_AUTO_TEST_CASE(segments_share_out_every_pixel) {
  for (const DetectorEdge edge : {DetectorEdge::soft, DetectorEdge::sharp}) {
    DetectorOptions detector;
    detector.edge = edge;
    const double dq = 0.05;
    const Annulus annulus(ProbeOptions{}, detector, dq);
    for (const int segments : {2, 3, 4, 16}) {
      std::vector<double> total(static_cast<std::size_t>(segments), 0.0);
      for (int iy = -40; iy <= 40; ++iy) {
        for (int ix = -40; ix <= 40; ++ix) {
          double sum = 0.0;
          for (int k = 0; k < segments; ++k) {
            const double w = annulus.weight(ix * dq, iy * dq, {0.0, 45.0, segments, k, 37.0});
            BOOST_TEST((w >= 0.0 && w <= 1.0));
            total[static_cast<std::size_t>(k)] += w;
            sum += w;
          }
          const double ring = annulus.weight(ix * dq, iy * dq, {.inner_mrad = 0.0, .outer_mrad = 45.0});
          BOOST_TEST(std::abs(sum - ring) < 1e-12);
          // Well inside a segment all of the pixel is its own.
          const double turns = std::atan2(iy, ix) / (2.0 * core::pi) - 37.0 / 360.0;
          const double place = (turns - std::floor(turns)) * segments;
          const auto k = static_cast<int>(place);
          const double to_edge = std::min(place - k, k + 1 - place) / segments * 2.0 * core::pi;
          if (to_edge * std::hypot(ix, iy) > 0.51) {
            BOOST_TEST(std::abs(annulus.weight(ix * dq, iy * dq, {0.0, 45.0, segments, k, 37.0}) - ring) <
                       1e-12);
          }
        }
      }
      // The same number of pixels, but for those on edges: some 60 of 3,900 along each.
      for (const double t : total)
        BOOST_TEST(t == total[0], boost::test_tools::tolerance(segments < 16 ? 0.03 : 0.1));
    }
  }
}

BOOST_AUTO_TEST_CASE(edges_that_are_not_carried_are_refused) {
  const auto message = [](const StemOptions& options) {
    return test::message_of<core::ConfigError>([&] { (void)signals(options); });
  };
  StemOptions options;
  options.further.ranges = {{.inner_mrad = 38.0, .outer_mrad = 100.0}};
  // 1.3 (100 mrad / 0.02508 A + 1 / 9.6 A) must lie within 3/4 of the Nyquist frequency.
  BOOST_TEST(test::contains(message(options), "fast.pixel_a = 0.0857", "100", "at most 0.070"));
  options.fast.pixel_a = 0.07;
  BOOST_CHECK_NO_THROW((void)slice_propagation(fast_grid(scan, options.fast), 2.0, options));
  options = {};
  options.further.ranges = {{.inner_mrad = 38.0, .outer_mrad = 190.0, .segments = 4}};
  BOOST_TEST(test::contains(message(options), "which side", "multislice"));
  options.further.ranges = {{.inner_mrad = 38.0, .outer_mrad = 60.0, .segments = 4, .segment = 4}};
  BOOST_TEST(test::contains(message(options), "segment = 4", "0 to 3"));
  options.further.ranges = {{.inner_mrad = 0.0, .outer_mrad = 30.0}};
  options.phonons.sampling = PhononSampling::average;
  BOOST_TEST(test::contains(message(options), "phonons = average", "0 to 30 mrad"));
  options.further.ranges = {{.inner_mrad = 0.0, .outer_mrad = 38.0}};
  BOOST_CHECK_NO_THROW(validate(options));

  options = {};
  options.further.ranges = {{.inner_mrad = 0.0, .outer_mrad = 30.0},
                            {.inner_mrad = 30.0, .outer_mrad = 190.0}};
  BOOST_CHECK_NO_THROW(validate(options));
  options.further.pattern_bin_mrad = 1.0;
  BOOST_CHECK_THROW(validate(options), core::ConfigError);
  options = reference();
  options.further.ranges = {{.inner_mrad = 100.0, .outer_mrad = 250.0}};
  BOOST_CHECK_THROW(validate(options), core::ConfigError);
  options.further.ranges = {{.inner_mrad = 50.0, .outer_mrad = 40.0}};
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
