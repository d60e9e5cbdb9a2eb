#include "sim/core/error.hpp"
#include "sim/md/zhou_eam.hpp"
#include "tests/support/lattice_sums.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/case/case.hpp"
#include "validation/recovery/classification_report.hpp"
#include "validation/synthesis/eam_energy.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <string>

BOOST_AUTO_TEST_SUITE(species)

using namespace aet;

namespace {

validation::Case read(const std::string& text) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "case.toml") << text;
  return validation::read_case(folder / "case.toml");
}

} // namespace

BOOST_AUTO_TEST_CASE(one_element_is_not_classified) {
  const auto c = read("[trace]\nelement = \"Pt\"\n");
  BOOST_TEST(c.classify->elements.empty());
  BOOST_TEST(c.trace->element == 78);
}

BOOST_AUTO_TEST_CASE(several_elements_are) {
  const auto c =
      read("[images]\ntilt_first_deg = -60\ntilt_last_deg = 66\ntilt_count = 43\n[trace]\nelement = \"Fe "
           "Pt\"\n[classify]\nlocal_radius_a = 10\n");
  BOOST_TEST((c.classify->elements == std::vector<int>{26, 78}));
  BOOST_TEST(c.trace->element == 78);
  BOOST_TEST(c.classify->local_radius_a == 10.0);
  BOOST_TEST(std::abs(c.classify->missing_wedge_deg - 24.0) < 1e-6); // what the tilts leave out
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  const auto refusal = [](const std::string& text) {
    return test::message_of<core::ConfigError>([&] { (void)read(text); });
  };
  BOOST_TEST(test::contains(refusal("[trace]\nelement = \"Fe Xx\"\n"), "element", "Xx"));
  BOOST_TEST(test::contains(refusal("[trace]\nelement = \"\"\n"), "element", "\"Fe Pt\""));
  BOOST_TEST(test::contains(refusal("[trace]\nelement = \"Fe Fe\"\n"), "[classify]", "26 is given twice"));
  BOOST_TEST(test::contains(refusal("[trace]\nelement = \"Pt\"\n[classify]\nradius_a = 1\n"), "radius_a"));
  BOOST_TEST(test::contains(refusal("[trace]\nelement = \"Fe Pt\"\n[classify]\nnon_atoms = \"x\"\n"),
                            "three_class_l1"));
}

BOOST_AUTO_TEST_CASE(element_lists_may_use_commas) {
  BOOST_TEST((validation::elements_from_text("Fe, Pt") == std::vector<int>{26, 78}));
  BOOST_TEST(validation::elements_from_text("").empty());
}

BOOST_AUTO_TEST_CASE(the_energy_of_iron_platinum_is_that_of_plain_sums) {
  core::Atoms atoms; // a piece of L1_0
  std::vector<md::CellAtom> cell;
  const double box = 60.0; // wider than the piece and the cut-off together: no image is seen
  for (int z = 0; z < 6; ++z)
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 6; ++x) {
        if ((x + y + z) % 2 != 0) continue;
        const core::Vec3 p(1.92 * x, 1.92 * y, 1.86 * z);
        const int element = z % 2 == 0 ? 26 : 78;
        atoms.positions.push_back(p);
        atoms.atomic_numbers.push_back(element);
        cell.push_back({element, p / box});
      }
  const auto energy = validation::eam_energy(atoms);
  BOOST_REQUIRE_MESSAGE(energy.ev_per_atom, energy.reason);
  const double plain = test::zhou_energy(cell, box * core::Mat3::Identity(), md::zhou_cutoff({26, 78}));
  BOOST_TEST(std::abs(*energy.ev_per_atom - plain) < 1e-3); // tables of 2,000 knots
  BOOST_TEST(test::contains(energy.reason, "Zhou"));
}

BOOST_AUTO_TEST_CASE(the_energy_of_other_elements_is_not_assessed) {
  core::Atoms atoms;
  atoms.positions = {{0, 0, 0}, {2.7, 0, 0}};
  atoms.atomic_numbers = {46, 78};
  const auto energy = validation::eam_energy(atoms);
  BOOST_TEST(!energy.ev_per_atom.has_value());
  BOOST_TEST(test::contains(energy.reason, "Fe with Pt", "Pd, Pt"));
  const auto json = validation::eam_json(energy);
  BOOST_TEST(json["value"].is_null());
  BOOST_TEST(json["status"] == "not assessed");
  BOOST_TEST(!validation::eam_energy({}).ev_per_atom.has_value());
}

BOOST_AUTO_TEST_CASE(the_energy_of_platinum_comes_from_lammps) {
  // A dimer and a far atom; the worker stands beside the test program in a full build.
  core::Atoms atoms;
  const double a = 3.92;
  for (int z = 0; z < 8; ++z)
    for (int y = 0; y < 8; ++y)
      for (int x = 0; x < 8; ++x)
        if ((x + y + z) % 2 == 0) atoms.positions.push_back(0.5 * a * core::Vec3(x, y, z));
  atoms.atomic_numbers.assign(atoms.positions.size(), 78);
  const auto energy = validation::eam_energy(atoms);
  BOOST_REQUIRE_MESSAGE(energy.ev_per_atom, energy.reason);
  // Bulk cohesion 5.77 eV (Foiles et al. 1986), less for the surface of 256 atoms.
  BOOST_TEST(*energy.ev_per_atom < -4.5);
  BOOST_TEST(*energy.ev_per_atom > -5.77);
  core::Atoms strained = atoms;
  for (auto& p : strained.positions)
    p *= 1.03;
  BOOST_TEST(*validation::eam_energy(strained).ev_per_atom > *energy.ev_per_atom);
}

BOOST_AUTO_TEST_SUITE_END()
