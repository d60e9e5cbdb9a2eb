#include "tests/unit/score/specimens.hpp"
#include "validation/score/breakdown.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numeric>

BOOST_AUTO_TEST_SUITE(breakdown)

using namespace aet;

namespace {

/// fcc cube of n cells a side with (100) facets, lattice constant 4 A: nearest neighbours at 2.83 A.
core::Atoms cube(int n) {
  core::Atoms atoms;
  for (int z = 0; z <= 2 * n; ++z) {
    for (int y = 0; y <= 2 * n; ++y) {
      for (int x = 0; x <= 2 * n; ++x) {
        if ((x + y + z) % 2 != 0) continue;
        atoms.positions.emplace_back(2.0 * x, 2.0 * y, 2.0 * z);
        atoms.atomic_numbers.push_back(78);
      }
    }
  }
  return atoms;
}

std::size_t total(const std::vector<validation::Band>& bands, std::size_t validation::Band::*field) {
  return std::accumulate(bands.begin(), bands.end(), std::size_t{0},
                         [field](std::size_t sum, const auto& band) { return sum + band.*field; });
}

} // namespace

BOOST_AUTO_TEST_CASE(neighbours_are_one_sided_at_the_surface_only) {
  const core::Atoms atoms = cube(4);
  const auto one_sided = validation::one_sidedness(atoms, 1.9 * 2.0 * std::sqrt(2.0));
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const core::Vec3& p = atoms.positions[i];
    const bool surface = p.minCoeff() == 0.0 || p.maxCoeff() == 16.0;
    BOOST_TEST((one_sided[i] > 0.3) == surface);
  }
  // A (100) facet lacks 4 of 12 first neighbours at 45 degrees, 1 of 6 second ones straight above, and of 24
  // third ones 4 at arccos(2 / sqrt 6) and 8 at arccos(1 / sqrt 6).
  const double facet =
      (4.0 / std::sqrt(2.0) + 1.0 + 8.0 / std::sqrt(6.0) + 8.0 / std::sqrt(6.0)) / (42.0 - 17.0);
  const auto middle_of_facet = [&](const core::Vec3& p) {
    return p.z() == 0.0 && p.x() > 5.0 && p.x() < 11.0 && p.y() > 5.0 && p.y() < 11.0;
  };
  for (std::size_t i = 0; i < atoms.size(); ++i)
    if (middle_of_facet(atoms.positions[i]))
      BOOST_TEST(one_sided[i] == facet, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_glass_has_its_surface_outside) {
  const core::Atoms atoms = test::amorphous(400, 14.0, 2.4, 3);
  const auto one_sided = validation::one_sidedness(atoms, 1.9 * 2.6);
  double inside = 0.0;
  double outside = 0.0;
  int n_inside = 0;
  int n_outside = 0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const double r = atoms.positions[i].norm();
    if (r < 9.0) {
      inside += one_sided[i] > 0.3 ? 1.0 : 0.0;
      ++n_inside;
    } else if (r > 13.0) {
      outside += one_sided[i] > 0.3 ? 1.0 : 0.0;
      ++n_outside;
    }
  }
  // Random packing leaves voids, so that some atoms inside are one-sided too.
  BOOST_TEST(inside / n_inside < 0.35);
  BOOST_TEST(outside / n_outside > 0.85);
}

BOOST_AUTO_TEST_CASE(bands_hold_every_atom_once_and_their_own_errors) {
  const core::Atoms truth = cube(4);
  core::Atoms model = truth;
  // 5 pm along z on the surface, nothing below; the last atom missing, one too many far outside.
  for (core::Vec3& p : model.positions)
    if (p.minCoeff() == 0.0 || p.maxCoeff() == 16.0) p.z() += (p.x() + p.y() > 16.0 ? 0.05 : -0.05);
  model.positions.back() = core::Vec3(40.0, 0.0, 0.0);
  model.atomic_numbers.front() = 26;
  validation::MatchOptions options;
  options.alignment = validation::Alignment::none;
  const auto match = validation::match_atoms(truth, model, options);
  const auto b = validation::breakdown(truth, model, match);
  BOOST_TEST(b.reason.empty());
  for (const auto* bands : {&b.by_depth, &b.by_neighbours}) {
    BOOST_TEST(total(*bands, &validation::Band::truth) == truth.size());
    BOOST_TEST(total(*bands, &validation::Band::matched) == truth.size() - 1);
    BOOST_TEST(total(*bands, &validation::Band::right_species) == truth.size() - 2);
  }
  const auto& surface = b.by_depth.front();
  BOOST_TEST(surface.low == 0.0);
  BOOST_TEST(*surface.rmsd_a == 0.05, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(surface.rmsd_axis_a->x() < 1e-12);
  BOOST_TEST(*b.by_depth.back().rmsd_a < 1e-12);
  // 9^3 / 2 sites; the surface is what the cube of 7^3 / 2 inside leaves.
  BOOST_TEST(surface.truth == 365U - 171U);
  BOOST_TEST(std::isinf(b.by_neighbours.back().high));

  const auto& c = b.confusion;
  BOOST_TEST(c.species == (std::vector<int>{26, 78}), boost::test_tools::per_element());
  BOOST_TEST(c.called[1][0] == 1U);
  BOOST_TEST(c.called[1][1] == truth.size() - 2);
  BOOST_TEST(c.missed[1] == 1U);
  BOOST_TEST(c.spurious[1] == 1U);
}

BOOST_AUTO_TEST_CASE(few_or_coinciding_atoms_say_why_there_are_no_bands) {
  core::Atoms two;
  two.positions = {core::Vec3(0, 0, 0), core::Vec3(3, 0, 0)};
  two.atomic_numbers = {78, 78};
  const auto b = validation::breakdown(two, two, validation::match_atoms(two, two));
  BOOST_TEST(!b.reason.empty());
  BOOST_TEST(b.by_depth.empty());
  BOOST_TEST(b.confusion.called[0][0] == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
