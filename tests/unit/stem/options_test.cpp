// Messages of bad options: name, value, what is allowed.
#include "sim/core/error.hpp"
#include "sim/stem/cost.hpp"
#include "sim/stem/options.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

BOOST_AUTO_TEST_SUITE(options)

using namespace aet;
using namespace aet::stem;

namespace {

void refused(const std::function<void(StemOptions&)>& spoil, const std::string& first,
             const std::string& second) {
  StemOptions options;
  spoil(options);
  BOOST_CHECK_EXCEPTION(validate(options), core::ConfigError, [&](const core::ConfigError& e) {
    const std::string text = e.what();
    BOOST_TEST_INFO(text);
    return text.find(first) != std::string::npos && text.find(second) != std::string::npos;
  });
}

} // namespace

BOOST_AUTO_TEST_CASE(defaults_are_allowed) {
  StemOptions options;
  BOOST_CHECK_NO_THROW(validate(options));
  options.method = Method::multislice;
  BOOST_CHECK_NO_THROW(validate(options));
  BOOST_CHECK_NO_THROW(validate(Scan{}));
}

BOOST_AUTO_TEST_CASE(each_mistake_is_named) {
  refused([](auto& o) { o.probe.energy_kv = 5.0; }, "energy_kv = 5", "20 to 1000");
  refused([](auto& o) { o.probe.convergence_mrad = 0.0; }, "convergence_mrad = 0", "1 to 100");
  refused([](auto& o) { o.detector.outer_mrad = 30.0; }, "detector_outer_mrad = 30",
          "detector_inner_mrad = 38");
  refused([](auto& o) { o.detector.inner_mrad = 20.0; }, "detector_inner_mrad = 20", "31 mrad");
  refused([](auto& o) { o.slices.thickness_a = 0.0; }, "slice_a = 0", "0.1 to 10");
  refused([](auto& o) { o.phonons.u_rms_a = 0.9; }, "u_rms_a = 0.9", "0 to 0.5");
  refused([](auto& o) { o.phonons.configurations = 0; }, "configurations = 0", "1 to 1000");
  refused([](auto& o) { o.fast.window_a = 2.0; }, "fast.window_a = 2", "8 to 64");
}

BOOST_AUTO_TEST_CASE(sampling_that_does_not_carry_the_detector_names_the_sampling_needed) {
  refused(
      [](auto& o) {
        o.method = Method::multislice;
        o.reference.pixel_a = 0.06;
      },
      "reference.pixel_a = 0.06", "0.0439");
}

BOOST_AUTO_TEST_CASE(kinematic_images_refuse_what_they_do_not_hold) {
  refused(
      [](auto& o) {
        o.method = Method::kinematic;
        o.probe.astigmatism_a = 30.0;
      },
      "astigmatism_a = 30", "fast or multislice");
  refused(
      [](auto& o) {
        o.method = Method::kinematic;
        o.further.ranges = {{.inner_mrad = 0.0, .outer_mrad = 30.0}};
      },
      "further detectors", "multislice");
}

BOOST_AUTO_TEST_CASE(too_little_memory_names_what_would_fit) {
  core::Atoms atoms;
  atoms.positions = {core::Vec3(0.0, 0.0, 0.0), core::Vec3(20.0, 20.0, 20.0)};
  atoms.atomic_numbers = {78, 78};
  TiltSeriesOptions series;
  series.orientations = single_axis_tilts({0.0});
  series.scan = {128, 0.4};
  series.stem.method = Method::multislice;
  const double needed = predicted_cost(atoms, series, core::Threads{1}).memory_bytes;
  BOOST_CHECK_NO_THROW(require_memory(atoms, series, core::Threads{1}, needed));
  BOOST_CHECK_EXCEPTION(require_memory(atoms, series, core::Threads{1}, 0.64 * needed), core::ConfigError,
                        [](const core::ConfigError& e) {
                          const std::string text = e.what();
                          // sqrt(0.64) of the field, or of the sampling: 0.0308 A / 0.8, still below 0.0440
                          // A.
                          return text.find("at most 102 pixels") != std::string::npos &&
                                 text.find("multislice.pixel_a = 0.038") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_CASE(a_smaller_error_never_takes_coarser_settings) {
  StemOptions coarse;
  set_accuracy(coarse, 0.1);
  for (const double r1 : {0.02, 0.01, 0.005, 0.003, 0.002}) {
    StemOptions fine;
    set_accuracy(fine, r1);
    BOOST_TEST(fine.fast.window_a >= coarse.fast.window_a);
    BOOST_TEST(fine.fast.pixel_a <= coarse.fast.pixel_a);
    BOOST_TEST(fine.slices.thickness_a <= coarse.slices.thickness_a);
    coarse = fine;
  }
  StemOptions standard;
  set_accuracy(standard, 0.005);
  BOOST_TEST(standard.fast.window_a == StemOptions{}.fast.window_a);
  BOOST_CHECK_THROW(set_accuracy(standard, 0.0), core::ConfigError);
}

BOOST_AUTO_TEST_CASE(scans) {
  BOOST_CHECK_THROW(validate(Scan{7, 0.4}), core::ConfigError);
  BOOST_CHECK_THROW(validate(Scan{0, 0.4}), core::ConfigError);
  BOOST_CHECK_THROW(validate(Scan{8, 0.0}), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
