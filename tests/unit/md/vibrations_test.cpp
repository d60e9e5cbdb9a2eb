// Displacements at the moments of a trajectory: planted ones are found, and what is no vibration is refused.
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/md/fcc_sites.hpp"
#include "sim/md/vibrations.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(vibrations)

using namespace aet;
using aet::test::contains;
using aet::test::message_of;
using core::Vec3;

namespace {

core::Atoms particle() {
  core::Atoms atoms = md::fcc_sphere(78, 3.92, 150, 15.0);
  for (std::size_t i = 0; i < atoms.size(); i += 3)
    atoms.atomic_numbers[i] = 26;
  const Vec3 centre = core::centroid(atoms);
  for (Vec3& r : atoms.positions)
    r -= centre;
  return atoms;
}

/// Planted displacements whose mean over the frames is zero: frame f and f + 1 are opposite.
std::vector<std::vector<Vec3>> planted(std::size_t atoms, std::size_t frames) {
  core::RandomStream random(4, "test.vibrations");
  std::vector<std::vector<Vec3>> out(frames, std::vector<Vec3>(atoms));
  for (std::size_t f = 0; f < frames; f += 2) {
    for (std::size_t i = 0; i < atoms; ++i) {
      for (double& d : out[f][i])
        d = 0.08 * random.normal();
      out[f + 1][i] = -out[f][i];
    }
  }
  return out;
}

md::Trajectory trajectory_of(const core::Atoms& sites, const std::vector<std::vector<Vec3>>& u,
                             bool rigid_motion) {
  md::Trajectory out;
  out.atomic_numbers = sites.atomic_numbers;
  out.cell = *sites.cell;
  for (std::size_t f = 0; f < u.size(); ++f) {
    const double t = rigid_motion ? static_cast<double>(f) : 0.0;
    const core::Mat3 turn = core::rotation_from_euler({0.02 * t, -0.01 * t, 0.015 * t});
    md::Frame frame;
    frame.step = static_cast<long>(f);
    for (std::size_t i = 0; i < sites.size(); ++i)
      frame.positions.push_back(turn * (sites.positions[i] + u[f][i]) + t * Vec3(0.3, 0.7, -0.4));
    out.times_ps.push_back(static_cast<double>(f));
    out.frames.push_back(std::move(frame));
  }
  return out;
}

double worst_difference(const md::Vibrations& found, const std::vector<std::vector<Vec3>>& u, double factor) {
  double worst = 0.0;
  for (std::size_t f = 0; f < u.size(); ++f) {
    for (std::size_t i = 0; i < u[f].size(); ++i)
      worst = std::max(worst, (found.displacements[f][i] - factor * u[f][i]).norm());
  }
  return worst;
}

} // namespace

BOOST_AUTO_TEST_CASE(planted_displacements_are_found_whatever_the_whole_does) {
  const core::Atoms sites = particle();
  const auto u = planted(sites.size(), 12);
  const auto still = md::vibrations_about(sites, trajectory_of(sites, u, false), "still");
  const auto moved = md::vibrations_about(sites, trajectory_of(sites, u, true), "moved");
  BOOST_REQUIRE(still.size() == 12U);
  // Random displacements hold a shift and a rotation of the whole of sqrt(6 / 3N) = 0.115 of themselves,
  // which is taken off: up to 0.08 x 0.115 x some 4, enlarged.
  const double enlarged = std::sqrt(12.0 / 11.0);
  BOOST_TEST(worst_difference(still, u, enlarged) < 0.04);
  BOOST_TEST(worst_difference(still, u, 1.3) > 0.04);
  // Shift and rotation of a frame change nothing.
  BOOST_TEST(worst_difference(moved, still.displacements, 1.0) < 1e-3);
  // Zero mean, no shift of the whole, and the mean square of the motion less those 6 of 3N.
  Vec3 drift = Vec3::Zero();
  double square = 0.0;
  double planted_square = 0.0;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    for (const auto& frame : u)
      planted_square += frame[i].squaredNorm() / (3.0 * 12.0 * static_cast<double>(sites.size()));
    Vec3 mean = Vec3::Zero();
    for (const auto& snapshot : moved.displacements) {
      mean += snapshot[i];
      square += snapshot[i].squaredNorm() / (3.0 * 12.0 * static_cast<double>(sites.size()));
    }
    BOOST_TEST(mean.norm() < 1e-9);
    drift += moved.displacements[5][i];
  }
  BOOST_TEST(drift.norm() < 1e-9);
  // Opposite frames have no mean to be taken off, so it is the plain mean square, enlarged by 12 / 11, less
  // the share of the whole, which is 1.3 +- 0.3 % in six independent frames.
  BOOST_TEST(square == planted_square * (12.0 / 11.0) * (1.0 - 6.0 / 450.0),
             boost::test_tools::tolerance(0.012));
  const auto tensors = md::mean_squares(moved);
  const auto rms = md::rms_along_an_axis(moved);
  BOOST_TEST(rms[7] * rms[7] == tensors[7].trace() / 3.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(md::correlation_in_time(moved) < -0.4); // every second frame is the first turned round
  const core::Atoms there = md::displaced(sites, moved, 3);
  const core::Atoms back = md::displaced(there, moved, 3, -1.0);
  BOOST_TEST((there.positions[4] - sites.positions[4] - moved.displacements[3][4]).norm() < 1e-12);
  BOOST_TEST((back.positions[4] - sites.positions[4]).norm() < 1e-12);
  BOOST_TEST(contains(message_of<core::DataError>([&] { (void)md::displaced(sites, moved, 12); }),
                      "snapshot 12", "12 of 150"));
}

BOOST_AUTO_TEST_CASE(sites_cut_out_of_a_periodic_box_are_found_by_their_numbers) {
  core::Atoms all = particle();
  all.cell->periodic = {true, true, true};
  const auto u = planted(all.size(), 6);
  md::Trajectory trajectory = trajectory_of(all, u, false);
  // Atoms that went through a face of the box.
  for (md::Frame& frame : trajectory.frames)
    frame.positions[20].x() += trajectory.cell.vectors(0, 0);
  core::Atoms cut;
  for (std::size_t i = 10; i < 100; ++i) {
    cut.positions.push_back(all.positions[i]);
    cut.atomic_numbers.push_back(all.atomic_numbers[i]);
    cut.columns["id"].push_back(static_cast<double>(i + 1));
  }
  const auto found = md::vibrations_about(cut, trajectory, "box");
  BOOST_TEST((found.displacements[2][10] - std::sqrt(1.2) * u[2][20]).norm() < 0.05);
  cut.columns["id"][3] = 151.0;
  BOOST_TEST(
      contains(message_of<core::DataError>([&] { (void)md::vibrations_about(cut, trajectory, "box"); }),
               "box", "atom 4 is 151", "1 to 150"));
}

BOOST_AUTO_TEST_CASE(what_is_no_trajectory_of_the_specimen_is_refused) {
  const core::Atoms sites = particle();
  const auto u = planted(sites.size(), 4);
  const md::Trajectory good = trajectory_of(sites, u, true);
  const auto complaint = [&](const core::Atoms& of, const md::Trajectory& t) {
    return message_of<core::DataError>([&] { (void)md::vibrations_about(of, t, "moments.dump"); });
  };
  md::Trajectory bad = good;
  bad.frames.resize(1);
  bad.times_ps.resize(1);
  BOOST_TEST(contains(complaint(sites, bad), "moments.dump", "1 frame of", "at least two"));
  bad = good;
  bad.atomic_numbers.pop_back();
  BOOST_TEST(contains(complaint(sites, bad), "149", "150", "same order"));
  bad = good;
  bad.atomic_numbers[9] = 29;
  BOOST_TEST(contains(complaint(sites, bad), "atom 10", "Cu", "Fe"));
  bad = good; // two atoms change places for good
  for (md::Frame& frame : bad.frames)
    std::swap(frame.positions[1], frame.positions[2]);
  BOOST_TEST(contains(complaint(sites, bad), "in the mean", "atom 2", "order of atoms"));
  bad = good; // one atom jumps in one frame of four: its mean stays within half a distance, it does not
  bad.frames[2].positions[5] += Vec3(2.0, 0.5, 0.0);
  BOOST_TEST(contains(complaint(sites, bad), "frame 2", "atom 6", "left its site"));
}

BOOST_AUTO_TEST_CASE(moments_are_read_from_dumps_and_xyz) {
  const test::TemporaryFolder folder;
  const core::Atoms sites = particle();
  const auto u = planted(sites.size(), 4);
  const md::Trajectory given = trajectory_of(sites, u, false);
  md::TrajectoryWriter writer(folder / "a.dump.gz", given.atomic_numbers, given.cell);
  std::string xyz;
  for (std::size_t f = 0; f < given.size(); ++f) {
    writer.write(given.frames[f], given.times_ps[f]);
    xyz += fmt::format("{}\nframe {}\n", sites.size(), f);
    for (std::size_t i = 0; i < sites.size(); ++i) {
      const Vec3& r = given.frames[f].positions[i];
      xyz += fmt::format("{} {:.8f} {:.8f} {:.8f}\n", sites.atomic_numbers[i], r.x(), r.y(), r.z());
    }
  }
  writer.close();
  core::write_file(folder / "a.xyz", xyz);
  for (const char* name : {"a.dump.gz", "a.xyz"}) {
    const md::Trajectory read = md::read_snapshots(folder / name);
    BOOST_REQUIRE(read.size() == 4U);
    BOOST_TEST((read.frames[3].positions[149] - given.frames[3].positions[149]).norm() < 2e-5, name);
    BOOST_TEST(md::vibrations_about(sites, read, name).size() == 4U);
  }
  core::write_file(folder / "b.xyz", xyz + "150\n\nPt 0 0 0\n");
  BOOST_TEST(contains(message_of<core::DataError>([&] { (void)md::read_snapshots(folder / "b.xyz"); }),
                      "b.xyz:612", "file ends"));
  BOOST_TEST(contains(message_of<core::ConfigError>([&] { (void)md::read_snapshots(folder / "b.cif"); }),
                      "one structure", ".dump"));
}

BOOST_AUTO_TEST_SUITE_END()
