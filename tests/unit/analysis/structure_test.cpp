#include "analysis/order/sensitivity.hpp"
#include "analysis/order/structure.hpp"
#include "analysis/order/wigner.hpp"
#include "sim/core/error.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/spherical_harmonics_twin.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <numbers>

BOOST_AUTO_TEST_SUITE(structure)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

constexpr double pi = std::numbers::pi;

double legendre(int l, double x) {
  return std::legendre(static_cast<unsigned>(l), x);
}

/// Mean over the sphere of the cube of f, by a product rule that is exact up to degree 41.
template <typename F> double cube_mean(const F& f) {
  // Gauss-Legendre nodes by Newton's method from the usual first guess.
  constexpr int n = 21;
  double sum = 0.0;
  for (int i = 0; i < n; ++i) {
    double x = std::cos(pi * (i + 0.75) / (n + 0.5));
    double slope = 1.0;
    for (int round = 0; round < 50; ++round) {
      slope = n * (x * legendre(n, x) - legendre(n - 1, x)) / (x * x - 1.0);
      x -= legendre(n, x) / slope;
    }
    const double weight = 1.0 / ((1.0 - x * x) * slope * slope); // of the mean over -1 .. 1
    for (int k = 0; k < 42; ++k) {
      const double phi = 2.0 * pi * k / 42;
      const double s = std::sqrt(1.0 - x * x);
      sum += weight / 42 * std::pow(f(Vec3(s * std::cos(phi), s * std::sin(phi), x)), 3);
    }
  }
  return sum;
}

/// W_l without Wigner's symbols with m: the integral of the cube of f(n) = sum over m of q_lm conj(Y_lm(n))
/// is (2l+1)^(3/2) / sqrt(4 pi) (l l l; 0 0 0) times the sum in W_l (Gaunt), and f is a mean of Legendre
/// polynomials (addition theorem).
double w_twin(int l, const std::vector<Vec3>& bonds) {
  const double n = static_cast<double>(bonds.size());
  const auto f = [&](const Vec3& u) {
    double sum = 0.0;
    for (const Vec3& b : bonds)
      sum += legendre(l, std::clamp(u.dot(b) / b.norm(), -1.0, 1.0));
    return (2.0 * l + 1.0) / (4.0 * pi) * sum / n;
  };
  double norm = 0.0;
  for (const Vec3& a : bonds)
    for (const Vec3& b : bonds)
      norm += legendre(l, std::clamp(a.dot(b) / (a.norm() * b.norm()), -1.0, 1.0));
  norm *= (2.0 * l + 1.0) / (4.0 * pi) / (n * n);
  // (l l l; 0 0 0)^2 is half the integral of the cube of P_l.
  double cube = 0.0;
  constexpr int steps = 20000; // Simpson's rule: its error is below 1e-13 for l <= 12
  for (int k = 0; k <= steps; ++k) {
    const double weight = k == 0 || k == steps ? 1.0 : k % 2 == 1 ? 4.0 : 2.0;
    cube += weight * std::pow(legendre(l, -1.0 + 2.0 * k / steps), 3);
  }
  cube *= 2.0 / steps / 3.0;
  const double sign = (3 * l / 2) % 2 == 0 ? 1.0 : -1.0;
  const double symbol = sign * std::sqrt(0.5 * cube);
  return 4.0 * pi * cube_mean(f) * std::sqrt(4.0 * pi) / (std::pow(2.0 * l + 1.0, 1.5) * symbol) /
         std::pow(norm, 1.5);
}

double w_of(Structure structure, int degree) {
  core::Atoms atoms;
  atoms.positions.push_back(Vec3::Zero());
  for (const Vec3& v : ideal_shell(structure))
    atoms.positions.push_back(v);
  const BondOrder order = bond_order(
      core::nearest_neighbours(atoms.positions, std::nullopt, static_cast<int>(atoms.positions.size()) - 1),
      {.degrees = {degree}, .third_order = true});
  return order.plain_w[0][0];
}

std::size_t count(const std::vector<Structure>& labels, Structure wanted) {
  return static_cast<std::size_t>(std::count(labels.begin(), labels.end(), wanted));
}

} // namespace

BOOST_AUTO_TEST_CASE(third_order_agrees_with_the_cubed_integral) {
  for (const Structure s :
       {Structure::fcc, Structure::hcp, Structure::bcc, Structure::sc, Structure::icosahedron})
    for (const int l : {4, 6, 8, 10, 12}) {
      BOOST_TEST_CONTEXT(structure_name(s) << " l = " << l) {
        if (ideal_order(s, l) < 1e-6) continue;
        BOOST_TEST(std::abs(w_of(s, l) - w_twin(l, ideal_shell(s))) < 1e-10);
      }
    }
  const core::Atoms atoms = shaken(fcc(3.92, 3), 0.3, 2);
  const core::NeighbourList list = core::neighbours_within(atoms.positions, atoms.cell, 3.6);
  const BondOrder order = bond_order(list, {.degrees = {2, 3, 4, 6, 8}, .third_order = true});
  for (std::size_t i = 0; i < 5; ++i) {
    std::vector<Vec3> bonds;
    for (std::size_t e = list.first[i]; e < list.first[i + 1]; ++e)
      bonds.emplace_back(list.dx[e], list.dy[e], list.dz[e]);
    for (const std::size_t d : {0U, 2U, 3U, 4U})
      BOOST_TEST(std::abs(order.plain_w[d][i] - w_twin(order.degrees[d], bonds)) < 1e-9);
    BOOST_TEST(order.plain_w[1][i] == 0.0); // odd
  }
}

BOOST_AUTO_TEST_CASE(third_order_has_the_published_values) {
  // Steinhardt, Nelson, Ronchetti (1983), Table I: six decimals. The same for all cubic shells, up to the
  // sign.
  BOOST_TEST(std::abs(w_of(Structure::fcc, 4) + 0.159317) < 1e-6);
  BOOST_TEST(std::abs(w_of(Structure::sc, 4) - 0.159317) < 1e-6);
  BOOST_TEST(std::abs(w_of(Structure::fcc, 6) + 0.013161) < 1e-6);
  BOOST_TEST(std::abs(w_of(Structure::hcp, 4) - 0.134097) < 1e-6);
  BOOST_TEST(std::abs(w_of(Structure::hcp, 6) + 0.012442) < 1e-6);
  BOOST_TEST(std::abs(w_of(Structure::icosahedron, 6) + 0.169754) < 1e-6);
  const BondOrder ico = bond_order(core::neighbours_within(icosahedron(2.7).positions, std::nullopt, 2.75),
                                   {.third_order = true});
  BOOST_TEST((ico.w_undefined[0][0] & 1) == 1); // an icosahedron has no l = 4
  BOOST_TEST(ico.plain_w[0][0] == 0.0);
  BOOST_TEST((ico.w_undefined[1][0] & 1) == 0);
}

BOOST_AUTO_TEST_CASE(third_order_does_not_turn_with_the_atoms) {
  const core::Atoms atoms = shaken(fcc_ball(3.92, 8.0), 0.2, 6);
  const auto of = [](const core::Atoms& a) {
    return bond_order(core::neighbours_within(a.positions, std::nullopt, 3.5), {.third_order = true});
  };
  const BondOrder here = of(atoms);
  const BondOrder turned = of(rotated(atoms, {1.0, 0.2, 2.0}));
  for (std::size_t i = 0; i < atoms.size(); ++i)
    for (std::size_t d = 0; d < 2; ++d)
      BOOST_TEST(std::abs(here.averaged_w[d][i] - turned.averaged_w[d][i]) < 1e-10);
}

BOOST_AUTO_TEST_CASE(ideal_shells_have_the_order_of_their_crystals) {
  const BondOrder order = bond_order(core::neighbours_within(hcp(2.77, 4).positions, hcp(2.77, 4).cell, 3.3),
                                     {.degrees = {2, 4, 6, 8, 10, 12}});
  for (std::size_t d = 0; d < order.degrees.size(); ++d)
    BOOST_TEST(std::abs(order.averaged[d][0] - ideal_order(Structure::hcp, order.degrees[d])) < 1e-12);
  BOOST_TEST(std::abs(ideal_order(Structure::icosahedron, 6) - std::sqrt(11.0) / 5.0) < 1e-14);
}

BOOST_AUTO_TEST_CASE(hot_crystals_keep_their_label) {
  struct Case {
    Structure structure;
    core::Atoms atoms;
    double cutoff;
  };
  // 6 % of the neighbour distance in each coordinate: two thirds of Lindemann's 10 % of |u|.
  const std::vector<Case> cases{{Structure::fcc, shaken(fcc(3.92, 6), 0.15, 1), 3.4},
                                {Structure::hcp, shaken(hcp(2.77, 6), 0.15, 2), 3.4},
                                {Structure::bcc, shaken(bcc(3.2, 8), 0.15, 3), 3.85},
                                {Structure::sc, shaken(sc(2.77, 10), 0.15, 4), 3.35}};
  for (const Case& c : cases) {
    const BondOrder order =
        bond_order(core::neighbours_within(c.atoms.positions, c.atoms.cell, c.cutoff), {.min_neighbours = 4});
    const auto labels = structure_labels(order);
    BOOST_TEST_CONTEXT(structure_name(c.structure))
    BOOST_TEST(static_cast<double>(count(labels, c.structure)) > 0.97 * static_cast<double>(labels.size()));
  }
  core::Atoms gas = fcc(3.92, 6);
  core::RandomStream random(5, "test.gas");
  for (Vec3& p : gas.positions)
    p = 6 * 3.92 * Vec3(random.uniform(), random.uniform(), random.uniform());
  const BondOrder order = bond_order(core::neighbours_within(gas.positions, gas.cell, 3.8));
  BOOST_TEST(static_cast<double>(count(structure_labels(order), Structure::none)) >
             0.9 * static_cast<double>(gas.size()));
  const auto ico =
      structure_labels(bond_order(core::neighbours_within(icosahedron(2.7).positions, std::nullopt, 2.75)),
                       {.averaged = false});
  BOOST_TEST((ico[0] == Structure::icosahedron));
  BOOST_CHECK_EXCEPTION((void)structure_labels(order, {.max_distance = 0.0}), core::ConfigError,
                        says("max_distance"));
}

BOOST_AUTO_TEST_CASE(the_surface_is_named) {
  const core::Atoms atoms = fcc_ball(3.92, 10.0);
  std::vector<std::uint8_t> exposed;
  for (const VoronoiCell& cell : voronoi_cells(atoms.positions, std::nullopt))
    exposed.push_back(cell.exposed ? 1 : 0);
  const core::NeighbourList list = core::neighbours_within(atoms.positions, std::nullopt, 3.3);
  const auto validity = surface_validity(list, exposed);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (validity[i] == Validity::surface) BOOST_TEST(list.count(i) < 12U);
    bool beside = false;
    for (std::size_t e = list.first[i]; e < list.first[i + 1]; ++e)
      beside = beside || exposed[list.index[e]] != 0;
    if (validity[i] != Validity::surface) BOOST_TEST((validity[i] == Validity::beside_surface) == beside);
    if (atoms.positions[i].norm() < 3.0) BOOST_TEST((validity[i] == Validity::whole));
  }
  BOOST_CHECK_EXCEPTION((void)surface_validity(list, std::vector<std::uint8_t>{1}), core::DataError,
                        says("1 surface flags"));
}

BOOST_AUTO_TEST_CASE(faces_are_neighbours) {
  const core::Atoms atoms = shaken(fcc(3.92, 4), 0.02, 3);
  const auto cells = voronoi_cells(atoms.positions, atoms.cell, {.min_face_fraction = 0.01});
  const VoronoiNeighbours faces = voronoi_neighbours(atoms.positions, atoms.cell, cells);
  const core::NeighbourList near = core::neighbours_within(atoms.positions, atoms.cell, 3.3);
  BOOST_TEST(faces.list.index == near.index, boost::test_tools::per_element());
  for (std::size_t e = 0; e < near.index.size(); ++e)
    BOOST_TEST(std::abs(faces.list.dx[e] - near.dx[e]) < 1e-12);
  const double area = 3.92 * 3.92 / std::sqrt(32.0); // of a rhombic dodecahedron's face: a^2 / (4 sqrt 2)
  BOOST_TEST(std::abs(faces.areas[0] / area - 1.0) < 0.1);
}

BOOST_AUTO_TEST_CASE(a_cold_crystal_does_not_depend_on_the_rule) {
  const core::Atoms atoms = shaken(fcc(3.92, 5), 0.02, 4);
  const auto table = neighbour_sensitivity(atoms.positions, atoms.cell, 3.3, {.nearest = {12, 500, 18}});
  BOOST_REQUIRE_EQUAL(table.size(), 7U); // 500 of 500 atoms cannot be neighbours
  BOOST_TEST(table[0].rule == "within 3.30 A");
  BOOST_TEST(table[0].alpha_rms_change == 0.0);
  BOOST_TEST(table[3].rule == "nearest 12");
  for (const RuleResult& row : table) {
    BOOST_TEST_CONTEXT(row.rule) {
      if (row.rule == "nearest 18") continue;
      BOOST_TEST(row.members_shared >
                 0.99); // equals are joined into one nucleus; areas make a few of them unequal
      BOOST_TEST(std::abs(row.mean_neighbours - 12.0) < 1e-12);
      BOOST_TEST(row.alpha_rms_change < 0.02); // areas vary by a few percent
    }
  }
  BOOST_TEST(table[4].alpha_mean < 0.9); // the second shell has another order
  BOOST_CHECK_EXCEPTION((void)neighbour_sensitivity(atoms.positions, atoms.cell, 3.3, {.cutoff_factors = {}}),
                        core::ConfigError, says("no cut-off factor"));
}

BOOST_AUTO_TEST_SUITE_END()
