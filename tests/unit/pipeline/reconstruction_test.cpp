#include "recon/images/gaussian.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/recovery/descent_checkpoint.hpp"
#include "validation/recovery/pose_files.hpp"
#include "validation/recovery/volume_report.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>

BOOST_AUTO_TEST_SUITE(reconstruction)

using namespace aet;
using recon::Algorithm;
using test::contains;

namespace {

/// Two Gaussian blobs seen from all sides.
core::TiltSeries example(int n = 32, int tilts = 15) {
  core::TiltSeries series;
  series.pixel_size = 0.5;
  for (int j = 0; j < tilts; ++j) {
    series.orientations.push_back(
        core::tilt_rotation((-70.0 + 140.0 * j / (tilts - 1)) * core::radian_per_degree));
    core::Image image(n, n);
    for (const core::Vec3& centre : {core::Vec3(3.2, -1.0, 2.5), core::Vec3(-4.0, 2.2, -3.1)}) {
      const core::Vec3 p = series.orientations.back() * centre;
      for (int iy = 0; iy < n; ++iy) {
        for (int ix = 0; ix < n; ++ix)
          image.at(ix, iy) += static_cast<float>(
              std::exp(-0.2 * (std::pow(ix - n / 2 - p.x(), 2) + std::pow(iy - n / 2 - p.y(), 2))));
      }
    }
    series.images.push_back(std::move(image));
  }
  return series;
}

recon::ReconstructionOptions quick(Algorithm algorithm) {
  recon::ReconstructionOptions options;
  options.algorithm = algorithm;
  options.genfire.oversampling = 2.0;
  options.genfire.iterations = options.least_squares.iterations = 20;
  return options;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_algorithm_has_a_name) {
  for (const Algorithm a : {Algorithm::genfire, Algorithm::least_squares, Algorithm::wbp})
    BOOST_TEST((recon::algorithm_from(recon::algorithm_name(a)) == a));
  BOOST_TEST(contains(test::message_of<core::ConfigError>([] { (void)recon::algorithm_from("sirt"); }),
                      "'sirt' is unknown", "genfire, least_squares and wbp"));
}

BOOST_AUTO_TEST_CASE(half_sets_are_compared_and_written) {
  const test::TemporaryFolder folder;
  for (const Algorithm a : {Algorithm::genfire, Algorithm::least_squares, Algorithm::wbp}) {
    const auto options = quick(a);
    const auto made = recon::reconstruct_series(example(), options, {2});
    BOOST_TEST_REQUIRE(made.half_sets.has_value());
    // Halves of noise-free images agree where the blobs have power.
    BOOST_TEST(made.half_sets->correlation.front() > 0.9);
    validation::write_volume_report(folder.path() / "v.json", made, options);
    const auto report = nlohmann::json::parse(core::read_file(folder.path() / "v.json"));
    BOOST_TEST(report.at("half_set_fsc").at("correlation").size() == made.half_sets->correlation.size());
    BOOST_TEST(report.at("half_set_fsc").contains("resolution_0.143_a"));
  }
  auto options = quick(Algorithm::genfire);
  options.half_set_fsc = false;
  BOOST_TEST(!recon::reconstruct_series(example(), options, {1}).half_sets.has_value());
  options.half_set_fsc = true;
  const auto few = recon::reconstruct_series(example(32, 5), options, {1});
  BOOST_TEST(few.result.notes.back() == "Half-set FSC needs at least 6 images; there are 5.");
}

BOOST_AUTO_TEST_CASE(halves_of_noise_agree_nowhere) {
  // Noise with a blur, which the check of the images lets pass. Positivity made such halves alike to 6 A.
  core::TiltSeries noise = example(32, 23);
  for (std::size_t t = 0; t < noise.size(); ++t) {
    core::RandomStream random(5, "noise", {static_cast<std::uint32_t>(t)});
    for (float& v : noise.images[t].data)
      v = static_cast<float>(random.normal());
    noise.images[t] = recon::gaussian_smoothed(noise.images[t], 0.5);
  }
  for (const Algorithm a : {Algorithm::genfire, Algorithm::least_squares, Algorithm::wbp}) {
    const auto made = recon::reconstruct_series(noise, quick(a), {2});
    BOOST_TEST_REQUIRE(made.half_sets.has_value());
    BOOST_TEST(!made.half_sets->resolution_0143_a.has_value());
    BOOST_TEST(!made.half_sets->resolution_05_a.has_value());
    BOOST_TEST(contains(made.result.notes.back(), "no frequency beyond chance"));
  }
}

BOOST_AUTO_TEST_CASE(poses_that_halves_share_are_told) {
  auto series = example();
  const auto told = [](const recon::Reconstruction& made) {
    return std::any_of(made.result.notes.begin(), made.result.notes.end(),
                       [](const std::string& note) { return contains(note, "upper bound"); });
  };
  BOOST_TEST(!told(recon::reconstruct_series(series, quick(Algorithm::wbp), {1})));
  series.poses = core::PoseSource::aligned;
  BOOST_TEST(told(recon::reconstruct_series(series, quick(Algorithm::wbp), {1})));
}

BOOST_AUTO_TEST_CASE(too_little_memory_says_what_would_fit) {
  auto options = quick(Algorithm::genfire);
  options.genfire.oversampling = 4.0;
  options.memory_limit_bytes = 0.6 * recon::predicted_cost(32, 15, options).bytes;
  BOOST_TEST(contains(
      test::message_of<core::ConfigError>([&] { (void)recon::reconstruct_series(example(), options, {1}); }),
      "oversampling 4", "32-pixel images", "GB are allowed; oversampling ", "would fit"));
  options.algorithm = Algorithm::least_squares;
  options.memory_limit_bytes = 0.6 * recon::predicted_cost(32, 15, options).bytes;
  BOOST_TEST(contains(
      test::message_of<core::ConfigError>([&] { (void)recon::reconstruct_series(example(), options, {1}); }),
      "least_squares of 32-pixel images needs", "images of ", "pixels would fit: crop or bin them"));
}

BOOST_AUTO_TEST_CASE(a_stopped_reconstruction_goes_on_to_the_same_bytes) {
  const test::TemporaryFolder folder;
  const auto state = folder.path() / "v.state";
  for (const Algorithm a : {Algorithm::genfire, Algorithm::least_squares}) {
    const auto options = quick(a);
    const auto whole = recon::reconstruct_series(example(), options, {1});
    recon::ReconstructionEvents events;
    events.control = validation::checkpointed(state, recon::algorithm_name(a), 5);
    int calls = 0;
    const int stop_at = a == Algorithm::genfire ? 12 : 30; // least squares runs twice
    events.progress = [&](const core::Progress&) {
      if (++calls == stop_at) throw core::Interrupted("stop");
    };
    BOOST_CHECK_THROW((void)recon::reconstruct_series(example(), options, {1}, events), core::Interrupted);
    events = {};
    events.control = validation::checkpointed(state, recon::algorithm_name(a), 5);
    BOOST_TEST(!events.control.start.r_fitted.empty());
    const auto resumed = recon::reconstruct_series(example(), options, {2}, events);
    BOOST_TEST((resumed.result.volume.data == whole.result.volume.data));
    BOOST_TEST((resumed.result.r_k == whole.result.r_k));
  }
}

BOOST_AUTO_TEST_CASE(a_foreign_or_broken_state_is_not_used) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "v.state";
  recon::DescentState state;
  state.current.assign(8, 1.5F);
  state.point.assign(8, 2.5F);
  state.t = 3.25;
  state.r_fitted = {1.0, 0.5};
  state.r_withheld = {1.0, 0.75};
  validation::write_descent_state(path, "one", state);
  const auto same = validation::read_descent_state(path, "one");
  BOOST_TEST((same.current == state.current && same.point == state.point && same.t == state.t));
  BOOST_TEST((same.r_fitted == state.r_fitted && same.r_withheld == state.r_withheld));
  BOOST_TEST(validation::read_descent_state(path, "two").current.empty());
  BOOST_TEST(validation::read_descent_state(folder.path() / "none", "one").current.empty());
  std::string bytes = core::read_file(path);
  core::write_file(path, bytes.substr(0, bytes.size() - 9));
  BOOST_TEST(validation::read_descent_state(path, "one").current.empty());
  bytes[40] = static_cast<char>(bytes[40] ^ 1);
  core::write_file(path, bytes);
  BOOST_TEST(validation::read_descent_state(path, "one").current.empty());
}

BOOST_AUTO_TEST_CASE(poses_are_written_and_compared_with_the_truth) {
  const test::TemporaryFolder folder;
  const core::TiltSeries given = example(32, 7);
  recon::Alignment found{given, {}, {}, false, {}};
  found.series.shifts.assign(given.size(), core::Vec2::Zero());
  nlohmann::json truth{{"pixel_a", 0.5}, {"tilts", nlohmann::json::array()}};
  for (std::size_t j = 0; j < given.size(); ++j) {
    // True: turned about the beam to and fro by half a degree, shifted by one pixel of which half is drift.
    const double sign = j % 2 == 0 ? 1.0 : -1.0;
    const core::Mat3 r =
        core::rotation_from_euler({sign * 0.5 * core::radian_per_degree, 0.0, 0.0}) * given.orientations[j];
    nlohmann::json rows = nlohmann::json::array();
    for (int i = 0; i < 3; ++i)
      rows.push_back({r(i, 0), r(i, 1), r(i, 2)});
    truth["tilts"].push_back({{"orientation", rows},
                              {"shift_a", {0.25 * sign, 0.0}},
                              {j % 2 == 0 ? "exposures" : "frames", // new and old name
                               {{{"drift_start_a", {0.5 * sign, 0.0}}, {"drift_end_a", {0.0, 0.0}}}}}});
    found.tilts.push_back({{r, given.pixel_size * Eigen::Vector2d(sign, 0.0)}, 0.5, 1.0, 0.1});
    found.series.orientations[j] = r;
    found.series.shifts[j] = given.pixel_size * core::Vec2(sign, 0.0);
  }
  core::write_file(folder.path() / "truth.json", truth.dump());
  validation::write_alignment_report(folder.path() / "fit.json", found, given);
  const auto report = nlohmann::json::parse(core::read_file(folder.path() / "fit.json"));
  BOOST_TEST(report.at("tilts").at(1).at("shift_a").at(0).get<double>() == -0.5);
  BOOST_TEST(report.at("tilts").at(1).at("turn_deg").get<double>() == 0.5);
  const auto score = validation::score_poses(given, found.series, folder.path() / "truth.json");
  BOOST_TEST(score.after.angle_rms_deg < 1e-6);
  BOOST_TEST(score.after.shift_rms_px < 1e-9);
  BOOST_TEST(std::abs(score.before.angle_rms_deg - 0.5 / std::sqrt(3.0)) < 0.02);
  BOOST_TEST(std::abs(score.before.shift_rms_px - 1.0 / std::sqrt(2.0)) < 0.1);
  BOOST_TEST(contains(validation::sentence(score), "as given, and by 0.000 degrees"));
  core::write_file(folder.path() / "truth.json", "{}");
  BOOST_TEST(contains(test::message_of<core::DataError>([&] {
                        (void)validation::score_poses(given, found.series, folder.path() / "truth.json");
                      }),
                      "truth.json", "lacks what a comparison of poses needs"));
}

BOOST_AUTO_TEST_SUITE_END()
