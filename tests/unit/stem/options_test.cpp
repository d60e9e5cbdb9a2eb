// Messages of bad options: name, value, what is allowed.
#include "sim/core/error.hpp"
#include "sim/stem/options.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

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

BOOST_AUTO_TEST_SUITE(options)

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

BOOST_AUTO_TEST_CASE(scans) {
  BOOST_CHECK_THROW(validate(Scan{7, 0.4}), core::ConfigError);
  BOOST_CHECK_THROW(validate(Scan{0, 0.4}), core::ConfigError);
  BOOST_CHECK_THROW(validate(Scan{8, 0.0}), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
