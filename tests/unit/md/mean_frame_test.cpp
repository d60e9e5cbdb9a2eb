#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/md/droplet.hpp"
#include "sim/md/mean_frame.hpp"
#include "tests/support/message.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

BOOST_AUTO_TEST_SUITE(mean_frame)

using namespace aet;
using aet::test::contains;
using aet::test::message_of;
using core::Vec3;

namespace {

Vec3 normal_vector(core::RandomStream& random, double sigma) {
  const double x = random.normal();
  const double y = random.normal();
  const double z = random.normal();
  return sigma * Vec3(x, y, z);
}

core::Mat3 random_rotation(core::RandomStream& random) {
  return core::rotation_from_euler(
      {6.0 * random.uniform(), 3.0 * random.uniform() - 1.5, 6.0 * random.uniform()});
}

/// A small fcc particle of two elements, every second atom Fe.
core::Atoms particle() {
  core::Atoms atoms = md::fcc_sphere(78, 3.92, 200, 15.0);
  for (std::size_t i = 0; i < atoms.size(); i += 2)
    atoms.atomic_numbers[i] = 26;
  return atoms;
}

/// Sites plus independent Gaussian motion (sigma by element), each frame turned and moved as a whole.
md::Trajectory planted(const core::Atoms& sites, std::size_t frames, double sigma_pt, double sigma_fe,
                       bool rigid_motion) {
  md::Trajectory out;
  out.atomic_numbers = sites.atomic_numbers;
  out.cell = *sites.cell;
  core::RandomStream random(11, "test.planted");
  for (std::size_t f = 0; f < frames; ++f) {
    // A whole turn would carry atoms across the box; a droplet turns slowly.
    const core::Mat3 turn =
        rigid_motion
            ? core::rotation_from_euler({0.3 * random.normal(), 0.3 * random.normal(), 0.3 * random.normal()})
            : core::Mat3(core::Mat3::Identity());
    const Vec3 shift = rigid_motion ? normal_vector(random, 2.0) : Vec3(Vec3::Zero());
    md::Frame frame;
    frame.step = static_cast<long>(f);
    for (std::size_t i = 0; i < sites.size(); ++i) {
      const double sigma = sites.atomic_numbers[i] == 78 ? sigma_pt : sigma_fe;
      frame.positions.emplace_back(turn * (sites.positions[i] + normal_vector(random, sigma)) + shift);
    }
    out.frames.push_back(frame);
    out.times_ps.push_back(static_cast<double>(f));
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(rigid_motion_is_found_again_and_is_no_reflection) {
  core::RandomStream random(1, "test.kabsch");
  const auto sites = particle().positions;
  for (int repeat = 0; repeat < 10; ++repeat) {
    const core::Mat3 turn = random_rotation(random);
    const Vec3 shift = normal_vector(random, 5.0);
    std::vector<Vec3> moved;
    for (const Vec3& p : sites)
      moved.emplace_back(turn * p + shift);
    const auto found = md::best_rigid_motion(sites, moved);
    BOOST_TEST((found.rotation - turn).norm() < 1e-12);
    BOOST_TEST((found.translation - shift).norm() < 1e-11);
  }
  std::vector<Vec3> mirrored;
  for (const Vec3& p : sites)
    mirrored.emplace_back(p.x(), p.y(), -p.z());
  const core::Mat3 rotation = md::best_rigid_motion(sites, mirrored).rotation;
  BOOST_TEST((rotation * rotation.transpose() - core::Mat3::Identity()).norm() < 1e-12);
  BOOST_TEST(rotation.determinant() > 0.0);
}

BOOST_AUTO_TEST_CASE(planted_gaussian_motion_is_measured_per_axis) {
  const auto sites = particle();
  const std::size_t frames = 300;
  const auto mean = md::mean_frame(planted(sites, frames, 0.08, 0.13, true), 0, frames);
  // 100 atoms x 3 axes x 300 frames: 0.24 % statistical error of a standard deviation; taking out six rigid
  // motions of 600 coordinates lowers it by 0.5 %.
  for (const char* column : {"u_rms", "u_window"}) {
    BOOST_TEST(std::abs(md::rms_of_element(mean, column, 78) / 0.08 - 1.0) < 0.015);
    BOOST_TEST(std::abs(md::rms_of_element(mean, column, 26) / 0.13 - 1.0) < 0.015);
  }
  BOOST_TEST(core::centroid(mean).norm() < 1e-10);
  BOOST_TEST(!mean.cell.has_value());
  // Mean positions are the sites, to sigma / sqrt(frames) = 0.006 per axis.
  const auto onto = md::best_rigid_motion(mean.positions, sites.positions);
  double worst = 0.0;
  for (std::size_t i = 0; i < sites.size(); ++i)
    worst =
        std::max(worst, (onto.rotation * mean.positions[i] + onto.translation - sites.positions[i]).norm());
  BOOST_TEST(worst < 0.04);
}

BOOST_AUTO_TEST_CASE(a_jump_inflates_the_window_but_not_the_vibration) {
  const auto sites = particle();
  md::Trajectory trajectory = planted(sites, 10, 0.08, 0.08, false);
  for (std::size_t f = 5; f < 10; ++f)
    trajectory.frames[f].positions[17] += Vec3(2.0, 0.0, 0.0);
  const auto mean = md::mean_frame(trajectory, 0, 10);
  // Half the frames 2 A away: rms of one axis 1, of the three-axis mean 1/sqrt(3), times sqrt(10/9).
  BOOST_TEST(std::abs(mean.columns.at("u_window")[17] - 0.61) < 0.06);
  // One of nine differences is 2 A: sqrt(4 / 54) = 0.27.
  BOOST_TEST(mean.columns.at("u_rms")[17] < 0.33);
  BOOST_TEST(mean.columns.at("u_window")[18] < 0.15);
}

BOOST_AUTO_TEST_CASE(an_atom_that_jumped_is_on_a_site_of_the_middle_frame) {
  const auto sites = particle();
  md::Trajectory trajectory = planted(sites, 10, 0.08, 0.08, false);
  for (std::size_t f = 3; f < 10; ++f)
    trajectory.frames[f].positions[17] += Vec3(2.0, 0.0, 0.0);
  const auto plain = md::mean_frame(trajectory, 0, 10);
  const auto on_site = md::mean_frame(trajectory, 0, 10, md::Averaging::one_site);
  // Seven frames at 2 A: their mean, not 1.4 A; the others are the same. Both are centred: 200 atoms share
  // 0.6 A.
  const Vec3 jumped = sites.positions[17] + Vec3(2.0, 0.0, 0.0);
  BOOST_TEST((on_site.positions[17] - jumped).norm() < 4.0 * 0.08 / std::sqrt(7.0));
  BOOST_TEST((plain.positions[17] - jumped).norm() > 0.5);
  for (std::size_t i = 0; i < sites.size(); ++i)
    if (i != 17) BOOST_TEST((on_site.positions[i] - plain.positions[i]).norm() < 0.6 / 200 + 1e-12);
  BOOST_TEST(on_site.columns.at("u_window") == plain.columns.at("u_window"),
             boost::test_tools::per_element());
  const auto boxed = md::mean_in_box(trajectory, 0, 10, md::Averaging::one_site);
  BOOST_TEST((boxed.positions[17] - jumped).norm() < 4.0 * 0.08 / std::sqrt(7.0));
}

BOOST_AUTO_TEST_CASE(an_atom_across_the_periodic_face_is_brought_back) {
  const auto sites = particle();
  md::Trajectory trajectory = planted(sites, 4, 0.02, 0.02, false);
  for (md::Frame& frame : trajectory.frames)
    frame.positions[3].y() += trajectory.cell.vectors(1, 1);
  const auto mean = md::mean_frame(trajectory, 0, 4);
  BOOST_TEST((mean.positions[3] - sites.positions[3]).norm() < 0.1);
  BOOST_TEST((md::frame_atoms(trajectory, 2).positions[3] - sites.positions[3]).norm() < 0.2);
}

BOOST_AUTO_TEST_CASE(windows_outside_the_trajectory_are_refused) {
  const md::Trajectory trajectory = planted(particle(), 5, 0.1, 0.1, false);
  for (const auto& [first, count] :
       {std::pair<std::size_t, std::size_t>{0, 1}, {0, 6}, {4, 2}, {5, 2}, {~std::size_t{0}, 2}})
    BOOST_TEST(contains(message_of<core::DataError>([&] { (void)md::mean_frame(trajectory, first, count); }),
                        "5 frames", "at least 2"));
  const auto mean = md::mean_frame(trajectory, 0, 5);
  BOOST_TEST(
      contains(message_of<core::DataError>([&] { (void)md::rms_of_element(mean, "nope", 78); }), "\"nope\""));
}

BOOST_AUTO_TEST_CASE(sphere_has_the_count_asked_for_and_is_a_piece_of_crystal) {
  for (const int count : {13, 55, 600, 944}) {
    const auto atoms = md::fcc_sphere(78, 3.92, count, 15.0);
    BOOST_TEST(atoms.size() == static_cast<std::size_t>(count));
    BOOST_TEST(core::centroid(atoms).norm() < 1e-10);
    BOOST_TEST(std::abs(core::minimum_distance(atoms.positions) - 3.92 / std::sqrt(2.0)) < 1e-9);
    double farthest = 0.0;
    for (const Vec3& p : atoms.positions)
      farthest = std::max(farthest, p.norm());
    // A sphere of that volume, 4 atoms a cell, and no site farther out than a nearest-neighbour distance.
    BOOST_TEST(farthest < 3.92 * (std::cbrt(3.0 * count / (16.0 * 3.14159265)) + 0.75));
    BOOST_TEST(atoms.cell->vectors(0, 0) > 2.0 * 15.0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
