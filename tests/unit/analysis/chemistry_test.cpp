#include "analysis/chemistry/chemistry.hpp"
#include "sim/core/error.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/phantoms.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

BOOST_AUTO_TEST_SUITE(chemistry_of_a_frame)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

BOOST_AUTO_TEST_CASE(one_planted_nucleus_is_described_by_its_own_phase) {
  specimen::OrderPhantom phantom = order_series();
  phantom.particle.c_over_a = 0.97;
  phantom.moments = {{{specimen::Phase::l1_0, 2, 1, Vec3(2, -1, 1), 1.0, 12.0, 4.0}}};
  phantom.parents = {{{}}};
  const core::Atoms atoms = specimen::build_phantom(phantom).front();
  ChemistryOptions options;
  options.report.directions = true;
  const ChemicalAnalysis a = analyze_chemistry(atoms, options, core::Threads{2});
  BOOST_REQUIRE(!a.moment.nuclei.empty());
  const NucleusReport& nucleus = a.moment.nuclei.front();
  BOOST_TEST((nucleus.nucleus.core_position - Vec3(2, -1, 1)).norm() < 5.0);
  BOOST_TEST((nucleus.site == Site::subsurface));
  BOOST_REQUIRE(nucleus.opg.fit.has_value());
  BOOST_TEST(std::abs(nucleus.opg.fit->lambda_a - 12.0) < 2.5); // the kernel of 2.9 A widens and rounds it
  BOOST_TEST(nucleus.barrier->opg.energy > nucleus.barrier->classical.energy * 0.1);
  BOOST_TEST(nucleus.barrier->opg.energy < nucleus.barrier->classical.energy); // Zhou et al. 2019, eq. 24
  BOOST_TEST(nucleus.directions.size() == 3U);
  BOOST_REQUIRE(a.nucleus_stretch.front().has_value());
  BOOST_TEST(std::abs(a.nucleus_stretch.front()->c_over_a - 0.97) < 0.005);
  BOOST_TEST(a.moment.atoms.columns.at("phase")[nucleus.nucleus.root] == 5.0); // L1_0 z 1
  const nlohmann::json out = to_json(a);
  BOOST_TEST(out["nuclei"][0]["phase"] == "L1_0 z 1");
  BOOST_TEST(out["nuclei"].size() == a.moment.nuclei.size());
  BOOST_TEST(out["grains"][0]["atoms"].get<std::size_t>() >= nucleus.nucleus.atoms.size());
  BOOST_TEST(out["lattice_grains"].size() == 1U);
  for (const char* key : {"phases", "boundary_pairs", "antisites", "swap_pairs", "c_over_a"})
    BOOST_TEST(out.contains(key), key);
}

BOOST_AUTO_TEST_CASE(atoms_without_lattice_are_said_to_have_none) {
  core::Atoms atoms;
  atoms.positions = specimen::random_packing(300, specimen::Shape{}, 11.5, {}, {});
  for (std::size_t i = 0; i < atoms.positions.size(); ++i)
    atoms.atomic_numbers.push_back(i % 2 == 0 ? 26 : 78);
  const ChemicalAnalysis a = analyze_chemistry(atoms, {.neighbour_cutoff_a = 3.4});
  BOOST_TEST(a.moment.flagged_atoms > 270U);
  BOOST_TEST(a.moment.nuclei.empty());
  BOOST_TEST(to_json(a)["c_over_a"].is_null());
  BOOST_TEST(!to_json(a)["c_over_a_reason"].get<std::string>().empty());
  atoms.atomic_numbers.assign(atoms.size(), 78);
  BOOST_CHECK_EXCEPTION((void)analyze_chemistry(atoms, {.neighbour_cutoff_a = 3.4}), core::DataError,
                        says("needs two elements"));
  BOOST_CHECK_EXCEPTION((void)analyze_chemistry(atoms, {.min_grain_atoms = 0}), core::ConfigError,
                        says("is 0 atoms"));
}

BOOST_AUTO_TEST_SUITE_END()
