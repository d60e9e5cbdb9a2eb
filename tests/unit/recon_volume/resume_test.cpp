#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(resume)

using namespace aet;

namespace {

core::TiltSeries phantom() {
  return test::series_of(test::blobs(32, 8, 2), test::single_axis(21, 70.0), 32, 32);
}

void resumed_equals_uninterrupted(const recon::GenfireOptions& options) {
  const core::TiltSeries series = phantom();
  std::vector<recon::DescentState> kept;
  recon::DescentControl control;
  control.keep_every = 7;
  control.keep = [&](const recon::DescentState& s) { kept.push_back(s); };
  const auto whole = recon::reconstruct(series, options, {1}, {}, control);
  BOOST_TEST_REQUIRE(kept.size() >= 2U);
  control = {};
  control.start = kept[1];
  const auto resumed = recon::reconstruct(series, options, {2}, {}, control);
  BOOST_TEST((resumed.volume.data == whole.volume.data));
  BOOST_TEST((resumed.r_k == whole.r_k));
  BOOST_TEST((resumed.r_free == whole.r_free));
  BOOST_TEST(resumed.iterations == whole.iterations);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_resumed_reconstruction_gives_the_same_bytes) {
  recon::GenfireOptions options;
  options.oversampling = 2.0;
  options.iterations = 20;
  resumed_equals_uninterrupted(options);
  options.momentum = true;
  resumed_equals_uninterrupted(options);
  options.momentum = false;
  options.schedule = recon::ResolutionSchedule::extension_suppression;
  resumed_equals_uninterrupted(options);
}

BOOST_AUTO_TEST_CASE(resuming_a_finished_reconstruction_changes_nothing) {
  recon::GenfireOptions options;
  options.oversampling = 2.0;
  options.iterations = 6;
  recon::DescentState last;
  recon::DescentControl control;
  control.keep_every = 6;
  control.keep = [&](const recon::DescentState& s) { last = s; };
  const auto whole = recon::reconstruct(phantom(), options, {1}, {}, control);
  control.keep = {};
  control.start = last;
  const auto again = recon::reconstruct(phantom(), options, {1}, {}, control);
  BOOST_TEST((again.volume.data == whole.volume.data));
  BOOST_TEST(again.iterations == 6);
}

BOOST_AUTO_TEST_CASE(least_squares_resumes_its_final_run) {
  recon::LeastSquaresOptions options;
  options.iterations = 20;
  options.withheld_every = 0;
  recon::DescentState kept;
  recon::DescentControl control;
  control.keep_every = 10;
  control.keep = [&](const recon::DescentState& s) {
    if (s.r_fitted.size() == 10) kept = s;
  };
  const auto whole = recon::reconstruct_least_squares(phantom(), options, {1}, {}, control);
  control = {};
  control.start = kept;
  const auto resumed = recon::reconstruct_least_squares(phantom(), options, {1}, {}, control);
  BOOST_TEST((resumed.volume.data == whole.volume.data));
}

BOOST_AUTO_TEST_CASE(a_state_of_another_size_is_refused) {
  recon::GenfireOptions options;
  options.oversampling = 2.0;
  recon::DescentControl control;
  control.start.current.resize(8);
  const std::string message = test::message_of<core::ConfigError>(
      [&] { (void)recon::reconstruct(phantom(), options, {1}, {}, control); });
  BOOST_TEST(message == "the state to go on from has 8 voxels, the volume 32768.");
}

BOOST_AUTO_TEST_SUITE_END()
