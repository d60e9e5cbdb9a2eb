#include "analysis/structure/radial_distribution.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/neighbours.hpp"
#include "sim/core/units.hpp"
#include "tests/support/crystals.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(radial)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

/// n uniform points in an ellipsoid with these semi-axes.
core::Atoms gas_in_ellipsoid(std::size_t n, const Vec3& axes, std::uint64_t seed) {
  core::RandomStream random(seed, "test.gas");
  core::Atoms atoms;
  while (atoms.size() < n) {
    const Vec3 u(2 * random.uniform() - 1, 2 * random.uniform() - 1, 2 * random.uniform() - 1);
    if (u.norm() <= 1.0) atoms.positions.push_back(u.cwiseProduct(axes));
  }
  atoms.atomic_numbers.assign(n, 78);
  return atoms;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_gas_has_g_of_one_in_a_box_and_in_a_particle) {
  const RadialOptions coarse{.r_max_a = 10.0, .step_a = 0.5, .smoothing_a = 0.0};
  // A point is spread over its own volume, which for 8000 points widens each axis by about 0.1 %.
  const core::Atoms drop = gas_in_ellipsoid(8000, {20, 14, 17}, 1);
  for (const core::Atoms& atoms : {drop, rotated(drop, {0.3, 0.7, 1.1})}) {
    const RadialDistribution g = radial_distribution(atoms.positions, atoms.cell, coarse);
    for (std::size_t b = 3; b < g.r.size(); ++b) {
      // 8000 points give 8000 x 0.4 x 4 pi r^2 dr / 2 > 10,000 pairs a bin here: 1 % counting noise, 3 of
      // them.
      BOOST_TEST(std::abs(g.g[b] - 1.0) < 0.03);
    }
  }
  core::Atoms film; // periodic in x and y, open in z
  core::RandomStream random(2, "test.film");
  for (int i = 0; i < 8000; ++i)
    film.positions.emplace_back(30 * random.uniform(), 30 * random.uniform(), 12 * random.uniform());
  core::Cell cell;
  cell.vectors = Vec3(30, 30, 60).asDiagonal();
  cell.periodic = {true, true, false};
  const RadialDistribution g = radial_distribution(film.positions, cell, coarse);
  for (std::size_t b = 3; b < g.r.size(); ++b)
    BOOST_TEST(std::abs(g.g[b] - 1.0) < 0.03);
  BOOST_TEST(std::abs(g.number_density - 8000.0 / (30 * 30 * 12)) < 0.02 * g.number_density);
}

BOOST_AUTO_TEST_CASE(shells_of_a_crystal_hold_their_atoms) {
  const core::Atoms atoms = fcc(3.92, 6);
  const RadialDistribution g =
      radial_distribution(atoms.positions, atoms.cell, {.r_max_a = 8.0, .step_a = 0.01, .smoothing_a = 0.0});
  double first = 0.0;
  double two = 0.0;
  for (std::size_t b = 0; b < g.r.size(); ++b) {
    const double atoms_in_bin = g.g[b] * g.number_density * 4.0 * core::pi * g.r[b] * g.r[b] * 0.01;
    if (g.r[b] < 3.4) first += atoms_in_bin;
    if (g.r[b] < 4.2) two += atoms_in_bin;
  }
  // N (N - 1) pairs against N density: 1 / N of difference.
  BOOST_TEST(std::abs(first - 12.0) < 12.0 * 2.0 / 864.0);
  BOOST_TEST(std::abs(two - 18.0) < 18.0 * 2.0 / 864.0);
}

BOOST_AUTO_TEST_CASE(first_minimum_separates_the_shells) {
  for (const double shake : {0.0, 0.05, 0.15}) {
    const core::Atoms atoms = shaken(fcc(3.92, 6), shake, 3);
    const FirstShell shell = first_shell(radial_distribution(atoms.positions, atoms.cell));
    BOOST_TEST(std::abs(shell.peak_a - 2.772) < 0.06);
    BOOST_TEST(std::abs(shell.minimum_a - 3.35) < 0.15); // middle of 2.77 and 3.92
    const core::NeighbourList list = core::neighbours_within(atoms.positions, atoms.cell, shell.minimum_a);
    BOOST_TEST(std::abs(static_cast<double>(list.index.size()) / 864.0 - 12.0) < 0.1);
  }
  const core::Atoms ball = shaken(fcc_ball(3.92, 13.0), 0.1, 4);
  const FirstShell here = first_shell(radial_distribution(ball.positions, ball.cell));
  const core::Atoms turned = rotated(ball, {0.4, 0.2, 1.3});
  const FirstShell there = first_shell(radial_distribution(turned.positions, turned.cell));
  BOOST_TEST(std::abs(here.minimum_a - there.minimum_a) < 1e-9);
  BOOST_TEST(std::abs(here.minimum_a - 3.35) < 0.2);
}

BOOST_AUTO_TEST_CASE(an_atom_put_twice_is_no_shell) {
  core::Atoms ball = shaken(fcc_ball(3.92, 13.0), 0.1, 4);
  const FirstShell alone = first_shell(radial_distribution(ball.positions, ball.cell));
  ball.positions.emplace_back(ball.positions.front() + Vec3(0.02, 0, 0));
  const FirstShell doubled = first_shell(radial_distribution(ball.positions, ball.cell));
  BOOST_TEST(std::abs(doubled.peak_a - alone.peak_a) < 0.05);
  BOOST_TEST(std::abs(doubled.minimum_a - alone.minimum_a) < 0.1);
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  const std::vector<Vec3> one{Vec3::Zero()};
  BOOST_CHECK_EXCEPTION((void)radial_distribution(one, std::nullopt), core::DataError,
                        says("at least two atoms"));
  const core::Atoms atoms = fcc(3.92, 2);
  BOOST_CHECK_EXCEPTION((void)radial_distribution(atoms.positions, atoms.cell), core::ConfigError,
                        says("longer than half the periodic box"));
  const std::vector<Vec3> pair{Vec3::Zero(), Vec3(2.5, 0, 0)};
  BOOST_CHECK_EXCEPTION((void)first_shell(radial_distribution(pair, std::nullopt)), NoFirstShell,
                        says("give the neighbour cut-off"));
  BOOST_CHECK_EXCEPTION((void)radial_distribution(pair, std::nullopt, {.step_a = -1.0}), core::ConfigError,
                        says("step of g(r)"));
}

BOOST_AUTO_TEST_SUITE_END()
