#include "recon/align/pose_refinement.hpp"
#include "sim/core/error.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <string>

BOOST_AUTO_TEST_SUITE(pose_refinement)

namespace {

using namespace aet;

struct Example {
  core::TiltSeries series; ///< with the orientations as an operator knows them
  std::vector<recon::Pose> truth;
};

Example example(int n, int tilts, double error_deg, double error_px) {
  const auto specimen = test::blobs(n, 60, 4);
  Example e;
  e.series.pixel_size = 0.6;
  e.series.orientations = test::single_axis(tilts, 70.0);
  core::RandomStream random(6, "test poses");
  for (const core::Mat3& r : e.series.orientations) {
    recon::PoseChange change;
    for (int p = 0; p < recon::pose_parameters; ++p)
      change[p] =
          random.normal() * (p < 3 ? error_deg * core::radian_per_degree : error_px * e.series.pixel_size);
    e.truth.push_back(recon::moved({r, Eigen::Vector2d::Zero()}, change));
    const Eigen::Vector2d shift_px = e.truth.back().shift / e.series.pixel_size;
    auto there = specimen;
    for (auto& b : there) {
      b.centre = e.truth.back().orientation * b.centre + core::Vec3(shift_px.x(), shift_px.y(), 0.0);
    }
    e.series.images.push_back(test::projection_of(there, core::Mat3::Identity(), n, n));
  }
  return e;
}

/// Rotations [degree] between neighbouring tilts, found against true: free of the common turn.
double neighbour_error(const std::vector<core::Mat3>& found, const std::vector<recon::Pose>& truth) {
  double square = 0.0;
  for (std::size_t j = 1; j < truth.size(); ++j) {
    const core::Mat3 step = found[j] * found[j - 1].transpose();
    const core::Mat3 wanted = truth[j].orientation * truth[j - 1].orientation.transpose();
    square += std::pow(core::rotation_angle_between(step, wanted) / core::radian_per_degree, 2);
  }
  return std::sqrt(square / static_cast<double>(truth.size() - 1));
}

recon::PoseRefinementOptions few_rounds() {
  recon::PoseRefinementOptions options;
  options.stages = {{1.2, false, 2}, {0.6, true, 3}, {0.0, true, 6}};
  options.volume_iterations = 30;
  return options;
}

} // namespace

BOOST_AUTO_TEST_CASE(poses_come_back) {
  const Example e = example(32, 25, 0.6, 1.0);
  int rounds = 0;
  const auto result = recon::refine_poses(
      e.series, few_rounds(), {2}, [&](const core::Progress& p) { rounds += p.unit == "rounds" ? 1 : 0; });
  const double before = neighbour_error(e.series.orientations, e.truth);
  const double after = neighbour_error(result.series.orientations, e.truth);
  BOOST_TEST_MESSAGE("angles between neighbours: " << before << " -> " << after << " degrees");
  BOOST_TEST(before > 1.0); // 0.6 degrees on three axes of both
  BOOST_TEST(after < 0.3 * before);
  // The fit with atoms is a round of its own, told in steps.
  BOOST_TEST((static_cast<int>(result.rounds.size()) - rounds) / 2 == 0);
  BOOST_TEST(result.tilts.size() == 25U);
  // No common turn is left in the result.
  core::Mat3 sum = core::Mat3::Zero();
  for (std::size_t j = 0; j < 25; ++j)
    sum += e.series.orientations[j].transpose() * result.series.orientations[j];
  BOOST_TEST((sum - sum.transpose()).norm() < 1e-3);
  BOOST_TEST(std::any_of(result.notes.begin(), result.notes.end(), [](const std::string& note) {
    return note.find("Poses were refined against reprojections") == 0U;
  }));
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_a_bit) {
  const Example e = example(32, 9, 0.3, 0.5);
  recon::PoseRefinementOptions options = few_rounds();
  options.stages = {{0.6, true, 2}};
  const auto one = recon::refine_poses(e.series, options, {1});
  const auto three = recon::refine_poses(e.series, options, {3});
  for (std::size_t j = 0; j < one.series.size(); ++j) {
    BOOST_TEST((one.series.orientations[j] == three.series.orientations[j]));
    BOOST_TEST((one.series.images[j].data == three.series.images[j].data));
  }
}

BOOST_AUTO_TEST_CASE(large_images_take_one_volume_at_full_resolution_first) {
  const Example e = example(32, 25, 0.6, 1.0);
  recon::PoseRefinementOptions options = few_rounds();
  options.large_images = 31;
  const auto result = recon::refine_poses(e.series, options, {2});
  // No atoms are told apart at this pixel, so that volumes without each image go on after the first round.
  BOOST_TEST(neighbour_error(result.series.orientations, e.truth) <
             0.3 * neighbour_error(e.series.orientations, e.truth));
  BOOST_TEST(result.rounds.size() == 2U + 3U + 6U);
}

BOOST_AUTO_TEST_CASE(what_was_stopped_keeps_the_poses_of_the_last_round) {
  const Example e = example(32, 25, 0.6, 1.0);
  const auto stopped = [&](bool keep) {
    recon::PoseRefinementOptions options = few_rounds();
    options.keep_when_stopped = keep;
    int rounds = 0;
    return recon::refine_poses(e.series, options, {2}, [&](const core::Progress&) {
      if (++rounds == 4) throw core::Interrupted("enough");
    });
  };
  const auto result = stopped(true);
  BOOST_TEST(result.stopped);
  BOOST_TEST(result.rounds.size() == 4U);
  BOOST_TEST(neighbour_error(result.series.orientations, e.truth) <
             neighbour_error(e.series.orientations, e.truth));
  BOOST_CHECK_THROW((void)stopped(false), core::Interrupted);
}

BOOST_AUTO_TEST_CASE(shifts_alone_leave_the_angles) {
  const Example e = example(32, 15, 0.0, 1.0);
  recon::PoseRefinementOptions options = few_rounds();
  options.turns = false;
  const auto result = recon::refine_poses(e.series, options, {2});
  for (std::size_t j = 0; j < e.truth.size(); ++j)
    BOOST_TEST(core::rotation_angle_between(result.series.orientations[j], e.series.orientations[j]) < 1e-7);
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused_in_clear_words) {
  const Example e = example(32, 5, 0.0, 0.0);
  const auto message = [&](const recon::PoseRefinementOptions& options) {
    try {
      (void)recon::refine_poses(e.series, options, {1});
    } catch (const core::ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  recon::PoseRefinementOptions options;
  options.stages.clear();
  BOOST_TEST(message(options).find("at least one stage") != std::string::npos);
  options = {};
  options.stages[0].blur_a = -1.0;
  BOOST_TEST(message(options).find("blur in [0, 20] A") != std::string::npos);
  options = {};
  options.volume_iterations = 0;
  BOOST_TEST(message(options).find("volume_iterations is 0") != std::string::npos);
  options = {};
  options.largest_turn_deg = 90.0;
  BOOST_TEST(message(options).find("(0, 45] degrees; it is 90") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
