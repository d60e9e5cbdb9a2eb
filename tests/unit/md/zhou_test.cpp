// The Zhou-Johnson-Wadley potentials: what the paper fitted, and LAMMPS' reading of our tables against plain
// sums.
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/thermo.hpp"
#include "sim/md/zhou_eam.hpp"
#include "tests/support/lattice_sums.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/md/worker_support.hpp"

#include <boost/test/unit_test.hpp>

#include <numbers>

BOOST_AUTO_TEST_SUITE(zhou)

using namespace aet;
using namespace aet::test;

namespace {

/// Per atom, by the worker with the potential file.
double lammps_energy(const core::Atoms& atoms, const md::PotentialFile& potential,
                     const TemporaryFolder& folder) {
  md::Stage stage = nve_stage(0.0, 0, 1);
  stage.draw.reset();
  stage.frame_every = 0;
  md::Job job = job_of(atoms, stage);
  job.style = potential.style;
  md::run_job(job, potential, folder / "static", worker(1));
  return md::read_thermo(folder / "static" / md::thermo_name).at(0).potential_ev_per_atom;
}

} // namespace

BOOST_AUTO_TEST_CASE(platinum_and_iron_are_what_they_were_fitted_to) {
  // Zhou, Johnson, Wadley, Phys. Rev. B 69, 144113 (2004): lattice constants follow from re (3.9200, 2.8659
  // A), cohesive energies 5.77 and 4.29 eV. The constants have six digits and the sums end smoothly, so the
  // fit is met to about a thousandth.
  // The functions fade but do not end; the authors' tables end just at the fifth shell of fcc Pt, over whose
  // edge a strained crystal would step.
  constexpr double cutoff = 9.0;
  const auto fcc = [&](double a) {
    return zhou_energy(md::fcc_cell(78), a * core::Mat3::Identity(), cutoff);
  };
  const auto bcc = [&](double a) {
    return zhou_energy(md::bcc_cell(26), a * core::Mat3::Identity(), cutoff);
  };
  const Minimum platinum = minimise(fcc, 3.92, 0.02);
  const Minimum iron = minimise(bcc, 2.866, 0.02);
  BOOST_TEST_MESSAGE("Pt " << platinum.x << " A " << platinum.value << " eV, Fe " << iron.x << " A "
                           << iron.value << " eV");
  BOOST_TEST(std::abs(platinum.x - 3.920) < 0.002);
  BOOST_TEST(std::abs(platinum.value + 5.77) < 0.005);
  BOOST_TEST(std::abs(iron.x - 2.866) < 0.002);
  BOOST_TEST(std::abs(iron.value + 4.29) < 0.005);
  // Fitted too: the elastic constants of the elements at room temperature (Simmons and Wang 1971), GPa.
  const Elastic pt = elastic(md::fcc_cell(78), platinum.x, cutoff);
  const Elastic fe = elastic(md::bcc_cell(26), iron.x, cutoff);
  BOOST_TEST_MESSAGE("Pt C11 " << pt.c11 << " C12 " << pt.c12 << " C44 " << pt.c44 << ", Fe " << fe.c11 << " "
                               << fe.c12 << " " << fe.c44);
  BOOST_TEST(std::abs(pt.c11 / 347.0 - 1.0) < 0.05);
  BOOST_TEST(std::abs(pt.c12 / 251.0 - 1.0) < 0.05);
  BOOST_TEST(std::abs(pt.c44 / 76.5 - 1.0) < 0.05);
  BOOST_TEST(std::abs(fe.c11 / 230.0 - 1.0) < 0.05);
  BOOST_TEST(std::abs(fe.c12 / 135.0 - 1.0) < 0.05);
  BOOST_TEST(std::abs(fe.c44 / 117.0 - 1.0) < 0.05);
}

BOOST_AUTO_TEST_CASE(the_embedding_energy_has_no_steps) {
  // The branches were fitted to join; the printed digits leave steps below 1e-4 eV.
  for (const int z : {26, 78}) {
    const md::ZhouElement& e = md::zhou_element(z);
    for (const double at : {e.rho_low * e.rho_e, e.rho_e, e.rho_high * e.rho_e}) {
      const double step = md::zhou_embedding(e, at * (1.0 + 1e-9)) - md::zhou_embedding(e, at * (1.0 - 1e-9));
      BOOST_TEST(std::abs(step) < 2e-4);
    }
    BOOST_TEST(md::zhou_embedding(e, 0.0) == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(lammps_reads_from_the_tables_what_the_functions_say) {
  const TemporaryFolder folder;
  core::write_file(folder / "FePt.eam.alloy", md::zhou_setfl({26, 78}));
  core::write_file(folder / "PtFe.eam.alloy", md::zhou_setfl({78, 26}));
  const md::PotentialFile potential{folder / "FePt.eam.alloy", md::PotentialStyle::eam_alloy};
  BOOST_TEST((md::read_potential_info(potential).atomic_numbers == std::vector<int>{26, 78}));
  const double cutoff = md::zhou_cutoff({26, 78});
  struct Crystal {
    std::vector<md::CellAtom> basis;
    core::Vec3 edges;
  };
  const std::vector<Crystal> crystals{{md::fcc_cell(78), core::Vec3::Constant(3.92)},
                                      {md::bcc_cell(26), core::Vec3::Constant(2.87)},
                                      {md::l1_cell(26, 26, 78), {3.86, 3.86, 3.72}},
                                      {md::l1_cell(26, 78, 78), core::Vec3::Constant(3.87)},
                                      {md::l1_cell(78, 26, 26), core::Vec3::Constant(3.74)}};
  for (const Crystal& c : crystals) {
    const double plain = zhou_energy(c.basis, c.edges.asDiagonal(), cutoff);
    const core::Atoms atoms = md::bulk(c.basis, c.edges, {4, 4, 4});
    const double tabled = lammps_energy(atoms, potential, folder);
    // Cubic splines through 2000 points 3 mA apart; the table's end at the cut-off rounds by as much.
    BOOST_TEST(std::abs(tabled - plain) < 2e-4);
    BOOST_TEST_MESSAGE("plain " << plain << " LAMMPS " << tabled);
  }
  // The order of elements in the file is mapped by name, not by place.
  const core::Atoms l12 = md::bulk(crystals[3].basis, crystals[3].edges, {4, 4, 4});
  BOOST_TEST(std::abs(lammps_energy(l12, potential, folder) -
                      lammps_energy(l12, {folder / "PtFe.eam.alloy", md::PotentialStyle::eam_alloy},
                                    folder)) < 1e-9);
}

BOOST_AUTO_TEST_CASE(other_elements_are_refused) {
  BOOST_TEST(contains(message_of<core::DataError>([] { (void)md::zhou_setfl({79}); }), "Fe and Pt", "Au"));
  BOOST_TEST(contains(message_of<core::DataError>([] { (void)md::zhou_setfl({}); }), "at least one"));
  BOOST_TEST(contains(message_of<core::DataError>([] { (void)md::zhou_setfl({26, 26}); }), "Fe", "twice"));
}

BOOST_AUTO_TEST_CASE(lennard_jones_platinum_by_plain_sums) {
  const TemporaryFolder folder;
  const auto file = std::filesystem::path(AET_SOURCE_DIR) / "inputs/potentials/Pt_interface.lj";
  const md::LennardJones lj = md::read_lennard_jones(file);
  BOOST_TEST(
      contains(md::read_potential_info({file, md::PotentialStyle::lj_cut}).comment, "10.1021/jp801931d"));
  const md::LennardJonesPair pt = lj.elements.at(78);
  BOOST_TEST(std::abs(pt.epsilon_ev - 0.33824) < 1e-5);
  const auto energy = [&](double a) {
    double sum = 0.0;
    for_neighbours(md::fcc_cell(78), a * core::Mat3::Identity(), lj.cutoff_a,
                   [&](std::size_t, std::size_t, double r) {
                     const double s = std::pow(pt.r0_a / r, 6);
                     sum += 0.5 * pt.epsilon_ev * (s * s - 2.0 * s);
                   });
    return sum / 4.0;
  };
  for (const double a : {3.85, 3.91, 4.0}) {
    const double lammps = lammps_energy(md::fcc_bulk(78, a, 7), {file, md::PotentialStyle::lj_cut}, folder);
    BOOST_TEST(std::abs(lammps - energy(a)) < 1e-9);
  }
  // Infinite range: nearest neighbours at 0.97123 r0 and 8.6102 epsilon (Kittel, 8th ed., chapter 3: 1.09
  // sigma and 8.61 epsilon). What the cut-off at 12 A leaves out weakens and widens by a per cent.
  BOOST_TEST(std::abs(energy(3.907) / (-8.6102 * pt.epsilon_ev) - 1.0) < 0.02);
  for (const char* bad : {"Pt r0_a 2.8\n", "Pt r0_a 2.8 epsilon_kcal_per_mol -1\n", "cutoff_a 1\n", "",
                          "Xx r0_a 2.8 "
                          "epsilon_kcal_per_mol 1\n",
                          "Pt r0_a 2.8 epsilon_kcal_per_mol 1 ; shell touch owned\n"}) {
    core::write_file(folder / "bad.lj", bad);
    BOOST_TEST(contains(message_of<core::DataError>([&] { (void)md::read_lennard_jones(folder / "bad.lj"); }),
                        "bad.lj"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
