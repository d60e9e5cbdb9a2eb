#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"

#include <Eigen/Core>
#include <boost/test/unit_test.hpp>

#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(xyz)

using namespace aet::core;
using aet::test::contains;
using aet::test::message_of;
using aet::test::TemporaryFolder;

BOOST_AUTO_TEST_CASE(round_trip) {
  const TemporaryFolder folder;
  Atoms atoms;
  atoms.positions = {Vec3(1.25, -2.5, 0.125), Vec3(4.0, 5.0, 6.0)};
  atoms.atomic_numbers = {78, 26};
  atoms.columns["alpha"] = {0.5, 0.25};
  write_xyz(folder / "a.xyz", atoms);
  const Atoms back = read_xyz(folder / "a.xyz");
  BOOST_TEST((back.atomic_numbers == atoms.atomic_numbers));
  BOOST_TEST((back.positions[1] - atoms.positions[1]).norm() == 0.0);
  BOOST_TEST((back.columns.at("alpha") == atoms.columns.at("alpha")));
  BOOST_TEST(!back.cell->periodic[0]);
}

BOOST_AUTO_TEST_CASE(plain_and_foreign_files) {
  const TemporaryFolder folder;
  write_file(folder / "plain.xyz", "2\nany words\nPt 0 0 0\n26 1 2 3 extra\n");
  const Atoms plain = read_xyz(folder / "plain.xyz");
  BOOST_TEST(plain.atomic_numbers[1] == 26);
  BOOST_TEST(!plain.cell.has_value());
  write_file(
      folder / "ase.xyz",
      "1\nProperties=species:S:1:name:S:1:pos:R:3:forces:R:3 Lattice=\"1 0 0 0 2 0 0 0 3\" pbc=\"T F T\"\n"
      "Fe x 1 2 3 4 5 6\n");
  const Atoms ase = read_xyz(folder / "ase.xyz");
  BOOST_TEST(ase.columns.at("forces_2").at(0) == 6.0);
  BOOST_TEST(ase.cell->vectors(1, 1) == 2.0);
  BOOST_TEST(ase.cell->periodic[0]);
  BOOST_TEST(!ase.cell->periodic[1]);
}

BOOST_AUTO_TEST_CASE(frames_follow_each_other) {
  const TemporaryFolder folder;
  write_file(folder / "two.xyz", "1\nfirst\nPt 0 0 0\n2\nProperties=species:S:1:pos:R:3:u_aniso:R:6\n"
                                 "Fe 1 2 3 .1 .2 .3 .4 .5 .6\nPt 4 5 6 0 0 0 0 0 0\n\n");
  std::vector<Atoms> frames;
  BOOST_TEST(visit_xyz_frames(folder / "two.xyz", [&](Atoms a) { frames.push_back(std::move(a)); }) == 2U);
  BOOST_REQUIRE(frames.size() == 2U);
  BOOST_TEST(frames[0].size() == 1U);
  BOOST_TEST(frames[1].columns.at("u_aniso_5").at(0) == 0.6);
  BOOST_TEST(frames[1].atomic_numbers[1] == 78);
  BOOST_TEST(read_xyz(folder / "two.xyz").size() == 1U);
  write_file(folder / "cut.xyz", "1\n\nPt 0 0 0\n2\n\nPt 0 0 0\n");
  BOOST_TEST(
      contains(message_of<DataError>([&] { visit_xyz_frames(folder / "cut.xyz", [](const Atoms&) {}); }),
               "cut.xyz:7", "file ends"));
}

BOOST_AUTO_TEST_CASE(errors_name_file_and_line) {
  const TemporaryFolder folder;
  const auto message = [&](const char* text) {
    write_file(folder / "bad.xyz", text);
    return message_of<DataError>([&] { (void)read_xyz(folder / "bad.xyz"); });
  };
  BOOST_TEST(contains(message("two\n\n"), "bad.xyz:1", "'two'"));
  BOOST_TEST(contains(message("2\n\nPt 0 0 0\n"), "bad.xyz:4", "file ends"));
  BOOST_TEST(contains(message("1\n\nPt 0 0\n"), "bad.xyz:3", "too few"));
  BOOST_TEST(contains(message("1\n\nPt 0 0 x1\n"), "bad.xyz:3", "'x1'"));
  BOOST_TEST(contains(message("1\n\nXx 0 0 0\n"), "bad.xyz:3", "'Xx'"));
  BOOST_TEST(contains(message("1\n\nPt 0 0 nan\n"), "bad.xyz:3", "not finite"));
  BOOST_TEST(contains(message("1\nProperties=species:S:1:x:R:1\nPt 0\n"), "bad.xyz:2", "pos"));
  BOOST_TEST(contains(message(""), "bad.xyz:1", "file ends"));
}

BOOST_AUTO_TEST_SUITE_END()
