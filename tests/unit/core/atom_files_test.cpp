#include "sim/core/error.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/cif.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/lammps_dump.hpp"
#include "sim/core/units.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"

#include <Eigen/Core>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(atom_files)

using namespace aet::core;
using aet::test::contains;
using aet::test::message_of;
using aet::test::TemporaryFolder;

namespace {

Atoms three_atoms() {
  Atoms atoms;
  atoms.positions = {Vec3(1.25, -2.5, 0.125), Vec3(4.0, 5.0, 6.0), Vec3(-3.0, 0.0, 1.0)};
  atoms.atomic_numbers = {78, 26, 78};
  return atoms;
}

const char* const dump = R"(ITEM: TIMESTEP
10
ITEM: NUMBER OF ATOMS
2
ITEM: BOX BOUNDS pp ff pp
0 10
0 20
0 30
ITEM: ATOMS id type x y z c_pe
2 1 1 2 3 -5.5
1 2 4 5 6 -4.5
ITEM: TIMESTEP
20
ITEM: NUMBER OF ATOMS
2
ITEM: BOX BOUNDS xy xz yz pp pp pp
-1 13 2
0 21 1
0 30 1
ITEM: ATOMS id element xs ys zs
1 Pt 0.5 0.5 0.5
2 Fe 0 0 0
)";

// Rock salt, by the name of its space group: one Na and one Cl make eight atoms.
const char* const salt = R"(data_salt
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
_atom_site_U_iso_or_equiv
Na1 Na 0 0 0 1 0.01
Cl1 Cl 0.5 0.5 0.5 OCC 0.04
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

} // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const TemporaryFolder folder;
  Atoms atoms = three_atoms();
  for (const char* name : {"a.xyz", "a.extxyz", "a.dump", "a.dump.gz", "a.lammpstrj", "a.vasp", "POSCAR"}) {
    write_atoms(folder / name, atoms);
    const Atoms back = read_atoms(folder / name);
    BOOST_REQUIRE(back.size() == 3U);
    // POSCAR sorts by element and moves the origin: compare distances of the one iron atom to the platinum
    // ones.
    const auto fe = static_cast<std::size_t>(
        std::find(back.atomic_numbers.begin(), back.atomic_numbers.end(), 26) - back.atomic_numbers.begin());
    std::vector<double> distances;
    for (std::size_t i = 0; i < 3; ++i)
      distances.push_back((back.positions[i] - back.positions[fe]).norm());
    std::sort(distances.begin(), distances.end());
    BOOST_TEST(std::abs(distances[1] - (atoms.positions[0] - atoms.positions[1]).norm()) < 1e-7);
    BOOST_TEST(std::abs(distances[2] - (atoms.positions[2] - atoms.positions[1]).norm()) < 1e-7);
  }
  // With a tilted cell, nothing moves.
  Cell cell;
  cell.vectors << 10, 0, 0, -2, 12, 0, 1, 3, 9;
  cell.periodic = {true, false, true};
  atoms.cell = cell;
  for (const char* name : {"b.dump", "b.vasp"}) {
    write_atoms(folder / name, atoms);
    const Atoms back = read_atoms(folder / name);
    BOOST_TEST((back.cell->vectors - cell.vectors).norm() < 1e-7);
    BOOST_TEST((back.positions[0] - atoms.positions[name[2] == 'd' ? 0 : 1]).norm() < 1e-7);
  }
  BOOST_TEST(!read_atoms(folder / "b.dump").cell->periodic[1]);
}

BOOST_AUTO_TEST_CASE(dumps_of_others_are_understood) {
  const TemporaryFolder folder;
  write_file(folder / "d.dump", dump);
  AtomFileOptions first;
  first.frame = 0;
  first.type_elements = {26, 78};
  const Atoms a = read_atoms(folder / "d.dump", first);
  BOOST_TEST((a.atomic_numbers == std::vector<int>{78, 26})); // sorted by id
  BOOST_TEST((a.positions[0] - Vec3(4, 5, 6)).norm() == 0.0);
  BOOST_TEST((a.columns.at("c_pe") == std::vector<double>{-4.5, -5.5}));
  BOOST_TEST(!a.cell->periodic[1]);
  // The last frame: scaled coordinates in a tilted box. xlo = -1 - min(0, 2, 1, 3) = -1, xhi = 13 - 3 = 10.
  const Atoms b = read_atoms(folder / "d.dump");
  BOOST_TEST((b.cell->vectors.row(1) - Eigen::RowVector3d(2, 20, 0)).norm() < 1e-12);
  BOOST_TEST((b.positions[1] - Vec3(-1, 0, 0)).norm() < 1e-12);
  BOOST_TEST((b.positions[0] - Vec3(-1 + 0.5 * (11 + 2 + 1), 0.5 * (20 + 1), 15)).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(all_frames_of_a_dump_are_visited_once) {
  const TemporaryFolder folder;
  write_file(folder / "d.dump", dump);
  AtomFileOptions options;
  options.type_elements = {78, 26};
  std::vector<Atoms> frames;
  const auto visit = [&](DumpFrame frame) { frames.push_back(std::move(frame.atoms)); };
  BOOST_TEST(visit_lammps_frames(folder / "d.dump", options, visit) == 2U);
  BOOST_REQUIRE_EQUAL(frames.size(), 2U);
  options.frame = 0;
  BOOST_TEST(frames[0].positions[1] == read_atoms(folder / "d.dump", options).positions[1]);
  BOOST_TEST(frames[1].positions[0] == read_atoms(folder / "d.dump").positions[0]);
  BOOST_TEST(frames[0].columns.contains("c_pe"));
  BOOST_TEST(!frames[1].columns.contains("c_pe"));
  const auto message = [&](const std::string& text) {
    write_file(folder / "d.dump", text);
    return message_of<DataError>([&] { (void)visit_lammps_frames(folder / "d.dump", options, visit); });
  };
  std::string other = dump;
  other.replace(other.find("2 Fe 0 0 0"), 10, "3 Fe 0 0 0");
  BOOST_TEST(contains(message(other), "frame 1 holds 2 atoms with other ids"));
  BOOST_TEST(contains(message("\n"), "no frame"));
}

BOOST_AUTO_TEST_CASE(broken_dumps_are_named_with_their_line) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& text, const AtomFileOptions& options = {}) {
    write_file(folder / "bad.dump", text);
    return message_of<DataError>([&] { (void)read_atoms(folder / "bad.dump", options); });
  };
  AtomFileOptions frame;
  frame.frame = 2;
  BOOST_TEST(contains(message(dump, frame), "frame 2", "there are 2"));
  frame.frame = -1;
  BOOST_TEST(contains(message(dump, frame), "no frame -1"));
  frame.frame = 0;
  BOOST_TEST(contains(message(dump, frame), "bad.dump:9", "--types"));
  frame.type_elements = {78};
  BOOST_TEST(contains(message(dump, frame), "type '2'", "1 are given"));
  BOOST_TEST(contains(message(""), "no frame"));
  BOOST_TEST(contains(message("hello\n"), "bad.dump:1", "'hello'"));
  BOOST_TEST(contains(message(std::string(dump).substr(0, std::string(dump).find("2 Fe"))), "file ends"));
  BOOST_TEST(contains(message(with(dump, "2 Fe 0 0 0", "1 Fe 0 0 0")), "id 1 occurs twice"));
  BOOST_TEST(contains(message(with(dump, "2 Fe 0 0 0", "2 Xx 0 0 0")), "bad.dump:22", "'Xx'"));
  BOOST_TEST(contains(message(with(dump, "2 Fe 0 0 0", "2 Fe 0 nan 0")), "not finite"));
  BOOST_TEST(contains(message(with(dump, "element xs", "element q")), "no positions"));
  BOOST_TEST(contains(message(with(dump, "ATOMS\n2\n", "ATOMS\n-2\n")), "bad.dump:4", "number of atoms"));
  Atoms atoms = three_atoms();
  write_atoms(folder / "cut.dump.gz", atoms);
  const std::string bytes = read_file(folder / "cut.dump.gz");
  write_file(folder / "cut.dump.gz", bytes.substr(0, bytes.size() / 2));
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_atoms(folder / "cut.dump.gz"); }), "cut short"));
  atoms.cell = Cell{};
  atoms.cell->vectors(0, 1) = 1.0;
  BOOST_TEST(contains(message_of<DataError>([&] { write_atoms(folder / "x.dump", atoms); }), "along x"));
}

BOOST_AUTO_TEST_CASE(a_cif_is_expanded_to_its_cell) {
  const TemporaryFolder folder;
  const std::string full = with(salt, "OCC", "1");
  write_file(folder / "salt.cif", full);
  // The same cell with the operations of a primitive orthogonal group listed, which the name then does not
  // decide.
  write_file(folder / "listed.cif",
             with(full, "loop_", "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n'x+1/2,y+1/2,z'\nloop_"));
  const Atoms atoms = read_atoms(folder / "salt.cif");
  BOOST_TEST(atoms.size() == 8U);
  BOOST_TEST(std::count(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end(), 11) == 4);
  BOOST_TEST(std::abs(median_nearest_distance(atoms.positions) - 2.82) < 1e-9);
  BOOST_TEST(atoms.cell->vectors(2, 2) == 5.64);
  for (std::size_t i = 0; i < 8; ++i)
    BOOST_TEST(std::abs(atoms.columns.at("u_rms")[i] - (atoms.atomic_numbers[i] == 11 ? 0.1 : 0.2)) < 1e-12);
  BOOST_TEST(read_atoms(folder / "listed.cif").size() == 4U);
}

BOOST_AUTO_TEST_CASE(tensors_of_a_cif_follow_its_axes_and_symmetry) {
  const TemporaryFolder folder;
  const auto atoms_of = [&](const std::string& tensors) {
    write_file(
        folder / "h.cif",
        "data_h\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 6\n_cell_angle_alpha 90\n"
        "_cell_angle_beta 90\n_cell_angle_gamma 120\nloop_\n_space_group_symop_operation_xyz\nx,y,z\n"
        "-y,x-y,z\n-x+y,-x,z\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n"
        "_atom_site_fract_z\n_atom_site_U_iso_or_equiv\nFe1 0.3 0.1 0.2 0.01\nPt1 0 0 0.7 0.02\nloop_\n"
        "_atom_site_aniso_label\n_atom_site_aniso_U_11\n_atom_site_aniso_U_22\n_atom_site_aniso_U_33\n"
        "_atom_site_aniso_U_12\n_atom_site_aniso_U_13\n_atom_site_aniso_U_23\n" +
            tensors);
    return read_atoms(folder / "h.cif");
  };
  const auto tensor = [](const Atoms& atoms, std::size_t i) {
    const auto u = [&](int k) { return atoms.columns.at("u_aniso_" + std::to_string(k))[i]; };
    Mat3 m;
    m << u(0), u(3), u(4), u(3), u(1), u(5), u(4), u(5), u(2);
    return m;
  };
  // In hexagonal axes round motion has U12 = U11 / 2; a site without a tensor has U_iso along every axis.
  const Atoms round = atoms_of("Fe1 0.01 0.01 0.01 0.005 0 0\n");
  BOOST_REQUIRE(round.size() == 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const double u = round.atomic_numbers[i] == 26 ? 0.01 : 0.02;
    BOOST_TEST((tensor(round, i) - u * Mat3(Mat3::Identity())).norm() < 1e-9);
  }
  // U11 is the mean square along a*: 30 degrees from a, since a lies along x.
  const Atoms flat = atoms_of("Fe1 0.01 0.02 0.03 0.004 -0.003 0.002(1)\n");
  const Mat3 first = tensor(flat, 0);
  const Vec3 a_star(std::cos(pi / 6), std::sin(pi / 6), 0.0);
  BOOST_TEST(a_star.dot(first * a_star) == 0.01, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(first(1, 1) == 0.02, boost::test_tools::tolerance(1e-9)); // b* lies along y
  BOOST_TEST(a_star.dot(first.col(1)) == 0.004, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(first(2, 2) == 0.03, boost::test_tools::tolerance(1e-9));
  Mat3 third; // of a turn about z
  third << -0.5, -std::sqrt(0.75), 0, std::sqrt(0.75), -0.5, 0, 0, 0, 1;
  BOOST_TEST((tensor(flat, 1) - third * first * third.transpose()).norm() < 1e-9);
  BOOST_TEST((tensor(flat, 2) - third.transpose() * first * third).norm() < 1e-9);
  BOOST_TEST(
      contains(message_of<DataError>([&] { (void)atoms_of("Fe1 0.01 0.01 ? 0 0 0\n"); }), "'Fe1'", "U_33"));
}

BOOST_AUTO_TEST_CASE(partial_occupancy_is_an_error_or_drawn) {
  const TemporaryFolder folder;
  write_file(folder / "half.cif", with(salt, "OCC", "0.5"));
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_atoms(folder / "half.cif"); }), "half.cif",
                      "'Cl1'", "seed"));
  double chlorine = 0.0;
  constexpr int draws = 400;
  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    AtomFileOptions options;
    options.occupancy_seed = seed;
    const Atoms atoms = read_atoms(folder / "half.cif", options);
    chlorine += static_cast<double>(std::count(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end(), 17));
  }
  // 1,600 draws of one half: standard deviation 20.
  BOOST_TEST(std::abs(chlorine - 800.0) < 80.0);
  // A place that two elements share is never empty and never taken twice.
  write_file(folder / "shared.cif", with(salt, "OCC 0.04", "0.5 0.04\nBr1 Br 0.5 0.5 0.5 0.5 0.04"));
  AtomFileOptions options;
  options.occupancy_seed = 3;
  BOOST_TEST(read_atoms(folder / "shared.cif", options).size() == 8U);
}

BOOST_AUTO_TEST_CASE(broken_cifs_and_poscars_are_named) {
  const TemporaryFolder folder;
  const auto message = [&](const char* name, const std::string& text) {
    write_file(folder / name, text);
    return message_of<DataError>([&] { (void)read_atoms(folder / name); });
  };
  const std::string full = with(salt, "OCC", "1");
  BOOST_TEST(contains(message("a.cif", "data_x\nloop_\n_a\n"), "a.cif"));
  BOOST_TEST(contains(message("b.cif", "data_x\n_a 1\n"), "no data block"));
  BOOST_TEST(contains(message("c.cif", with(full, "F m -3 m", "Q q q")), "'Q q q'", "P 1"));
  BOOST_TEST(contains(message("d.cif", with(full, "_cell_length_a 5.64", "")), "unit cell"));
  BOOST_TEST(contains(message("e.cif", with(full, "Na1 Na 0", "Na1 Na ?")), "'Na1'", "coordinates"));
  BOOST_TEST(contains(message("f.cif", with(salt, "OCC", "1.5")), "'Cl1'", "1.5"));
  BOOST_TEST(contains(message("g.cif", with(full, "0.5 0.5 0.5", "0 0 0")), "'Na1'", "'Cl1'", "one place"));
  const std::string poscar = "x\n1\n4 0 0\n0 4 0\n0 0 4\nPt\n2\nDirect\n0 0 0\n0.5 0.5 0.5\n";
  write_file(folder / "POSCAR", poscar);
  BOOST_TEST((read_atoms(folder / "POSCAR").positions[1] - Vec3(2, 2, 2)).norm() < 1e-12);
  BOOST_TEST(contains(message("1.vasp", with(poscar, "Pt\n", "")), "1.vasp:6", "symbols"));
  BOOST_TEST(contains(message("2.vasp", with(poscar, "\n2\n", "\n3\n")), "file ends"));
  BOOST_TEST(contains(message("3.vasp", with(poscar, "0 4 0", "8 0 0")), "no volume"));
  BOOST_TEST(contains(message_of<ConfigError>([&] { (void)read_atoms(folder / "a.pdb"); }), "a.pdb", ".xyz"));
  BOOST_TEST(
      contains(message_of<ConfigError>([&] { write_atoms(folder / "a.cif", Atoms{}); }), "not written"));
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_atoms(folder / "none.cif"); }), "No such file"));
}

BOOST_AUTO_TEST_SUITE_END()
