#include "analysis/order/bond_order.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/neighbours.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/spherical_harmonics_twin.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(bond_order_parameters)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

BondOrder order_of(const core::Atoms& atoms, double cutoff, const BondOrderOptions& options = {}) {
  return bond_order(core::neighbours_within(atoms.positions, atoms.cell, cutoff), options);
}

/// All atoms of a crystal, plain and averaged, against exact values.
void check_crystal(const core::Atoms& atoms, double cutoff, double q4, double q6) {
  for (const core::Atoms& turned : {atoms, rotated(atoms, {0.3, 1.0, -0.7})}) {
    const BondOrder order = order_of(turned, cutoff);
    for (std::size_t i = 0; i < atoms.size(); ++i)
      for (const auto* kind : {&order.plain, &order.averaged}) {
        BOOST_TEST(std::abs((*kind)[0][i] - q4) <
                   1e-12); // some ten roundings of 1e-16 each, on numbers up to 1
        BOOST_TEST(std::abs((*kind)[1][i] - q6) < 1e-12);
      }
  }
}

} // namespace

// Steinhardt, Nelson, Ronchetti, Phys. Rev. B 28, 784 (1983), doi:10.1103/PhysRevB.28.784, as exact roots:
// the cubic harmonics of degree 4 (6) have values 1 : -2/3 : -1/4 (1 : 16/9 : -13/8) along 100, 111, 110.
BOOST_AUTO_TEST_CASE(crystals_have_their_exact_values) {
  const double sc4 = std::sqrt(7.0 / 12.0);
  const double sc6 = std::sqrt(1.0 / 8.0);
  check_crystal(sc(2.5, 3), 3.0, sc4, sc6);
  check_crystal(fcc(3.92, 3), 3.3, sc4 / 4.0, sc6 * 13.0 / 8.0);
  check_crystal(bcc(3.0, 3), 2.8, sc4 * 2.0 / 3.0, sc6 * 16.0 / 9.0);
  check_crystal(bcc(3.0, 3), 3.6, sc4 * (6.0 - 8.0 * 2.0 / 3.0) / 14.0,
                sc6 * (6.0 + 8.0 * 16.0 / 9.0) / 14.0);
  BOOST_TEST(std::abs(sc4 / 4.0 - fcc_q4) < 5e-7); // the constants of the published code are these, rounded
  BOOST_TEST(std::abs(sc6 * 13.0 / 8.0 - fcc_q6) < 5e-7);
}

BOOST_AUTO_TEST_CASE(hcp_has_its_value) {
  const core::Atoms atoms = hcp(2.77, 3);
  const core::NeighbourList list = core::neighbours_within(atoms.positions, atoms.cell, 3.3);
  std::vector<Vec3> bonds;
  for (std::size_t e = list.first[0]; e < list.first[1]; ++e)
    bonds.emplace_back(list.dx[e], list.dy[e], list.dz[e]);
  BOOST_TEST(bonds.size() == 12U);
  const double q6 = invariant_twin(6, bond_mean_twin(6, bonds));
  // P6 is -5/16 in the plane and -59/144 out of it; sin^6 is 1 and 1/27 with opposite signs of exp(6 i phi);
  // m = 3 cancels between the two sides.
  const double exact = 13.0 * std::sqrt(1.0 / 1296.0 + 231.0 / (512.0 * 729.0));
  BOOST_TEST(std::abs(q6 - exact) < 1e-12);
  check_crystal(atoms, 3.3, 7.0 / 72.0, exact);
}

BOOST_AUTO_TEST_CASE(icosahedron_has_its_exact_value) {
  const BondOrder order = order_of(icosahedron(2.7), 2.75, {.degrees = {2, 4, 6, 8, 10}});
  BOOST_TEST(std::abs(order.plain[0][0]) < 1e-14);
  BOOST_TEST(std::abs(order.plain[1][0]) < 1e-14);
  BOOST_TEST(std::abs(order.plain[2][0] - std::sqrt(11.0) / 5.0) < 1e-12);
  BOOST_TEST(std::abs(order.plain[3][0]) < 1e-14);
  std::vector<Vec3> corners = icosahedron(2.7).positions;
  corners.erase(corners.begin());
  BOOST_TEST(std::abs(order.plain[4][0] - invariant_twin(10, bond_mean_twin(10, corners))) < 1e-12);
  BOOST_TEST(std::abs(order.plain[4][0] - 0.363) < 5e-4); // Steinhardt et al. give three digits
}

BOOST_AUTO_TEST_CASE(every_degree_agrees_with_angles_and_legendre_functions) {
  const core::Atoms atoms = shaken(fcc(3.92, 3), 0.35, 5); // as disordered as a liquid
  const core::NeighbourList list = core::neighbours_within(atoms.positions, atoms.cell, 3.7);
  std::vector<int> degrees{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const BondOrder order = bond_order(list, {.degrees = degrees});
  for (std::size_t d = 0; d < degrees.size(); ++d) {
    const int l = degrees[d];
    std::vector<std::vector<std::complex<double>>> q;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      std::vector<Vec3> bonds;
      for (std::size_t e = list.first[i]; e < list.first[i + 1]; ++e)
        bonds.emplace_back(list.dx[e], list.dy[e], list.dz[e]);
      q.push_back(bond_mean_twin(l, bonds));
      BOOST_TEST(std::abs(order.plain[d][i] - invariant_twin(l, q.back())) < 1e-12);
    }
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      auto mean = q[i];
      for (std::size_t e = list.first[i]; e < list.first[i + 1]; ++e)
        for (std::size_t m = 0; m < mean.size(); ++m)
          mean[m] += q[list.index[e]][m];
      for (auto& c : mean)
        c /= static_cast<double>(list.count(i) + 1);
      BOOST_TEST(std::abs(order.averaged[d][i] - invariant_twin(l, mean)) < 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE(rotation_changes_nothing_and_order_of_atoms_not_one_bit) {
  const core::Atoms atoms = shaken(fcc_ball(3.92, 9.0), 0.2, 6);
  const BondOrder here = order_of(atoms, 3.5);
  const BondOrder turned = order_of(rotated(atoms, {1.0, 0.2, 2.0}), 3.5);
  const auto order = shuffle(atoms.size(), 7);
  const BondOrder listed = order_of(permuted(atoms, order), 3.5);
  for (std::size_t d = 0; d < 2; ++d)
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      BOOST_TEST(std::abs(here.averaged[d][i] - turned.averaged[d][i]) < 1e-12);
      BOOST_TEST(listed.averaged[d][i] == here.averaged[d][order[i]]);
    }
}

BOOST_AUTO_TEST_CASE(weights_count_bonds) {
  const core::Atoms atoms = shaken(fcc(3.92, 3), 0.1, 8);
  const core::NeighbourList list = core::neighbours_within(atoms.positions, atoms.cell, 3.4);
  const BondOrder even = bond_order(list, {}, std::vector<double>(list.index.size(), 2.5));
  const BondOrder plain = bond_order(list);
  BOOST_TEST(std::abs(even.averaged[1][5] - plain.averaged[1][5]) < 1e-14);
  // Weight 0 removes a bond: only the first four bonds of each atom are left.
  std::vector<double> weights(list.index.size(), 0.0);
  for (std::size_t i = 0; i < list.atoms(); ++i)
    std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(list.first[i]), 4, 1.0);
  const BondOrder four = bond_order(list, {}, weights);
  const BondOrder nearest = bond_order(core::nearest_neighbours(atoms.positions, atoms.cell, 4));
  for (std::size_t i = 0; i < atoms.size(); ++i)
    BOOST_TEST(std::abs(four.plain[0][i] - nearest.plain[0][i]) < 1e-13);
}

BOOST_AUTO_TEST_CASE(few_neighbours_are_flagged) {
  const std::vector<Vec3> positions{{0, 0, 0}, {2.7, 0, 0}, {50, 0, 0}};
  const BondOrder order =
      bond_order(core::neighbours_within(positions, std::nullopt, 3.0), {.min_neighbours = 2});
  BOOST_TEST(order.flagged == (std::vector<std::uint8_t>{1, 1, 1}), boost::test_tools::per_element());
  BOOST_TEST(order.plain[1][2] == 0.0);
  BOOST_TEST(std::abs(order.plain[1][0] - 1.0) <
             1e-14); // a single direction is "perfectly" ordered: hence the flag
  const BondOrder ball = order_of(fcc_ball(3.92, 8.0), 3.3, {.min_neighbours = 12});
  const auto inside = std::count(ball.flagged.begin(), ball.flagged.end(), 0);
  BOOST_TEST(inside > 0);
  BOOST_TEST(inside < static_cast<long>(ball.flagged.size()));
}

BOOST_AUTO_TEST_CASE(alpha_is_one_in_fcc) {
  const std::vector<double> alpha = crystalline_order(std::vector<double>{fcc_q4, 0.0, 7.0 / 72.0},
                                                      std::vector<double>{fcc_q6, 0.0, 0.484762});
  BOOST_TEST(alpha[0] == 1.0);
  BOOST_TEST(alpha[1] == 0.0);
  BOOST_TEST(std::abs(alpha[2] - 0.8167) < 1e-4);
}

BOOST_AUTO_TEST_CASE(bad_options_are_named) {
  const core::NeighbourList list = core::neighbours_within(fcc_ball(3.92, 5.0).positions, std::nullopt, 3.3);
  BOOST_CHECK_EXCEPTION((void)bond_order(list, {.degrees = {4, 13}}), core::ConfigError, says("l = 13"));
  BOOST_CHECK_EXCEPTION((void)bond_order(list, {.degrees = {6, 4}}), core::ConfigError, says("l = 4"));
  BOOST_CHECK_EXCEPTION((void)bond_order(list, {.degrees = {}}), core::ConfigError, says("no degree"));
  BOOST_CHECK_EXCEPTION((void)bond_order(list, {.min_neighbours = 0}), core::ConfigError, says("at least 1"));
  BOOST_CHECK_EXCEPTION((void)bond_order(list, {}, std::vector<double>{1.0}), core::DataError,
                        says("1 weights"));
  BOOST_CHECK_EXCEPTION((void)bond_order(list).at(8), core::ConfigError, says("degree 8 was not computed"));
}

BOOST_AUTO_TEST_SUITE_END()
