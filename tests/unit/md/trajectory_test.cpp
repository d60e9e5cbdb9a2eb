#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/random.hpp"
#include "sim/md/thermo.hpp"
#include "sim/md/trajectory.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(trajectory)

using namespace aet;
using aet::test::contains;
using aet::test::message_of;
using aet::test::TemporaryFolder;
using core::Vec3;

namespace {

core::Cell box(double edge) {
  core::Cell cell;
  cell.vectors = edge * core::Mat3::Identity();
  cell.periodic = {true, false, true};
  return cell;
}

md::Frame random_frame(core::RandomStream& random, long step, std::size_t atoms, bool velocities) {
  md::Frame frame;
  frame.step = step;
  for (std::size_t i = 0; i < atoms; ++i)
    frame.positions.emplace_back(random.normal(), 100.0 * random.normal(), random.uniform());
  if (velocities)
    for (std::size_t i = 0; i < atoms; ++i)
      frame.velocities.emplace_back(random.normal(), random.normal(), random.normal());
  return frame;
}

double largest_difference(const std::vector<Vec3>& a, const std::vector<Vec3>& b) {
  double worst = a.size() == b.size() ? 0.0 : 1e300;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    worst = std::max(worst, (a[i] - b[i]).cwiseAbs().maxCoeff());
  return worst;
}

const char* const hand_written =
    "ITEM: TIMESTEP\n500\nITEM: NUMBER OF ATOMS\n3\nITEM: BOX BOUNDS pp pp ff\n-5 5\n0 8\n0 9.5e0\n"
    "ITEM: ATOMS element z id x y\nPt 3 2 1 2\nFe 1.5e-1 1 -1 0\nPt 9 3 7 8\n";

} // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  const TemporaryFolder folder;
  for (const char* name : {"t.dump.gz", "t.dump"})
    for (const bool velocities : {true, false}) {
      core::RandomStream random(1, "test.trajectory");
      std::vector<md::Frame> frames;
      md::TrajectoryWriter writer(folder / name, {78, 26, 78, 78}, box(40.0));
      for (long f = 0; f < 3; ++f) {
        frames.push_back(random_frame(random, 500 * f, 4, velocities));
        writer.write(frames.back(), static_cast<double>(f) + 0.25);
      }
      writer.close();
      const auto read = md::read_trajectory(folder / name);
      BOOST_TEST_REQUIRE(read.size() == 3U);
      BOOST_TEST((read.atomic_numbers == std::vector<int>{78, 26, 78, 78}));
      BOOST_TEST((read.times_ps == std::vector<double>{0.25, 1.25, 2.25}));
      BOOST_TEST(read.cell.vectors(1, 1) == 40.0);
      BOOST_TEST((read.cell.periodic == std::array<bool, 3>{true, false, true}));
      for (std::size_t f = 0; f < 3; ++f) {
        BOOST_TEST(read.frames[f].step == 500 * static_cast<long>(f));
        BOOST_TEST(largest_difference(read.frames[f].positions, frames[f].positions) <=
                   0.51e-5); // five decimals
        BOOST_TEST(largest_difference(read.frames[f].velocities, frames[f].velocities) <= 0.51e-5);
      }
    }
  // The compressed file starts with gzip's magic number, and holds no time stamp (bytes 4 to 7).
  const std::string bytes = core::read_file(folder / "t.dump.gz");
  BOOST_TEST(bytes.substr(0, 2) == "\x1f\x8b");
  BOOST_TEST(bytes.substr(4, 4) == std::string(4, '\0'));
}

BOOST_AUTO_TEST_CASE(dumps_of_others_are_read_sorted_by_id) {
  const TemporaryFolder folder;
  core::write_file(folder / "a.dump", hand_written);
  const auto read = md::read_trajectory(folder / "a.dump", 0.002);
  BOOST_TEST((read.times_ps == std::vector<double>{1.0}));
  BOOST_TEST((read.atomic_numbers == std::vector<int>{26, 78, 78}));
  BOOST_TEST((read.frames[0].positions[0] == Vec3(-1.0, 0.0, 0.15)));
  BOOST_TEST((read.frames[0].positions[2] == Vec3(7.0, 8.0, 9.0)));
  BOOST_TEST(read.frames[0].velocities.empty());
  BOOST_TEST(read.cell.vectors(2, 2) == 9.5);
}

BOOST_AUTO_TEST_CASE(unusable_files_are_named_with_their_line) {
  const TemporaryFolder folder;
  const std::string good = hand_written;
  const auto refused = [&](const std::string& text, double timestep = 0.002) {
    core::write_file(folder / "b.dump", text);
    return message_of<core::DataError>([&] { (void)md::read_trajectory(folder / "b.dump", timestep); });
  };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  BOOST_TEST(contains(message_of<core::DataError>([&] { (void)md::read_trajectory(folder / "none.dump"); }),
                      "none.dump", "cannot read"));
  BOOST_TEST(contains(refused(""), "no frame"));
  BOOST_TEST(contains(refused(good, 0.0), "no times", "time step"));
  BOOST_TEST(contains(refused(good.substr(0, good.size() - 11)), "b.dump:12", "the file ends before"));
  BOOST_TEST(contains(refused(good.substr(0, good.size() - 5)), "b.dump:12", "3 columns found, 5 announced"));
  BOOST_TEST(contains(refused(replaced("1.5e-1", "1.5e-1x")), "b.dump:11", "1.5e-1x"));
  BOOST_TEST(contains(refused(replaced(" element ", " symbol ")), "b.dump:9", "element"));
  BOOST_TEST(contains(refused(replaced("pp pp ff", "xy xz yz pp pp ff")), "too few numbers"));
  BOOST_TEST(contains(refused(replaced("ITEM: TIMESTEP", "ITEM: NONSENSE")), "b.dump:1", "NONSENSE"));
  BOOST_TEST(contains(refused(good + replaced("Fe", "Pt")), "other elements"));
  BOOST_TEST(contains(refused("hello\n"), "b.dump:1", "hello"));

  md::TrajectoryWriter writer(folder / "c.dump.gz", std::vector<int>(500, 78), box(10.0));
  core::RandomStream random(4, "test.cut");
  writer.write(random_frame(random, 0, 500, false), 0.0);
  writer.close();
  const std::string whole = core::read_file(folder / "c.dump.gz");
  core::write_file(folder / "c.dump.gz", whole.substr(0, whole.size() / 2));
  BOOST_TEST(contains(message_of<core::DataError>([&] { (void)md::read_trajectory(folder / "c.dump.gz"); }),
                      "c.dump.gz", "cut short"));
}

BOOST_AUTO_TEST_CASE(frames_with_another_number_of_atoms_are_not_written) {
  const TemporaryFolder folder;
  core::RandomStream random(4, "test.count");
  md::TrajectoryWriter writer(folder / "d.dump.gz", {78, 78}, box(10.0));
  BOOST_TEST(
      contains(message_of<core::DataError>([&] { writer.write(random_frame(random, 0, 3, false), 0.0); }),
               "3 atoms", "2"));
  BOOST_TEST(contains(
      message_of<core::ExternalError>([&] { md::TrajectoryWriter(folder / "no" / "e.gz", {78}, box(10.0)); }),
      "e.gz", "No such file"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error) {
  const TemporaryFolder folder;
  for (const char* name : {"full.dump", "full.dump.gz"}) {
    std::filesystem::create_symlink("/dev/full", folder / name);
    core::RandomStream random(4, "test.full");
    const auto message = message_of<core::ExternalError>([&] {
      md::TrajectoryWriter writer(folder / name, std::vector<int>(50, 78), box(10.0));
      writer.write(random_frame(random, 0, 50, false), 0.0);
      writer.close();
    });
    BOOST_TEST(contains(message, name, "No space left on device"));
  }
}

BOOST_AUTO_TEST_CASE(thermo_rows_read_back_exactly) {
  const TemporaryFolder folder;
  const md::ThermoRow row{1500, 3.0, 812.3456789012345, -5.1 / 3.0, -3012.1234567890123, -1e-7, "hold"};
  core::write_file(folder / "thermo.csv", md::thermo_header() + "\n" + md::thermo_line(row) + "\n");
  const auto rows = md::read_thermo(folder / "thermo.csv");
  BOOST_TEST_REQUIRE(rows.size() == 1U);
  BOOST_TEST(rows[0].step == row.step);
  BOOST_TEST(rows[0].temperature_k == row.temperature_k);
  BOOST_TEST(rows[0].potential_ev_per_atom == row.potential_ev_per_atom);
  BOOST_TEST(rows[0].total_ev == row.total_ev);
  BOOST_TEST(rows[0].pressure_bar == row.pressure_bar);
  BOOST_TEST(rows[0].stage == "hold");
  BOOST_TEST(md::rows_of_stage(rows, "melt").empty());
  core::write_file(folder / "bad.csv", md::thermo_header() + "\n1,2,3\n");
  BOOST_TEST(contains(message_of<core::DataError>([&] { (void)md::read_thermo(folder / "bad.csv"); }),
                      "bad.csv, line 2", "1,2,3"));
}

BOOST_AUTO_TEST_SUITE_END()
