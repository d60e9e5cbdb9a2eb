#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/units.hpp"
#include "sim/specimen/lattice.hpp"
#include "sim/specimen/shape.hpp"
#include "tests/support/message.hpp"

#include <Eigen/Dense>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>

BOOST_AUTO_TEST_SUITE(lattice)

using namespace aet;
using namespace aet::specimen;
using core::Vec3;

BOOST_AUTO_TEST_SUITE(lattices)

BOOST_AUTO_TEST_CASE(shells_of_neighbours_are_those_of_textbooks) {
  // First and second shell: number and distance over a (Kittel, Introduction to Solid State Physics, chapter
  // 1).
  struct Expected {
    Lattice lattice;
    int first;
    double first_distance;
    int second;
    double second_distance;
  };
  const std::vector<Expected> all{{Lattice::fcc, 12, std::sqrt(0.5), 6, 1.0},
                                  {Lattice::bcc, 8, std::sqrt(0.75), 6, 1.0},
                                  {Lattice::hcp, 12, 1.0, 6, std::sqrt(2.0)},
                                  {Lattice::sc, 6, 1.0, 12, std::sqrt(2.0)},
                                  {Lattice::diamond, 4, std::sqrt(0.1875), 12, std::sqrt(0.5)}};
  for (const Expected& e : all) {
    const double a = 4.0;
    const UnitCell cell = unit_cell(e.lattice, a, ideal_c_over_a(e.lattice));
    // Around each basis atom the counts must be the same.
    for (const Vec3& b : cell.basis) {
      const Vec3 centre = cell.vectors.transpose() * b;
      std::map<long, int> shells;
      for (const LatticePoint& p : points_in_sphere(cell, Vec3::Zero(), centre, 1.5 * a))
        ++shells[std::lround((p.position - centre).norm() / a * 1e6)];
      auto shell = shells.begin();
      BOOST_TEST(shell->first == 0);
      ++shell;
      BOOST_TEST(shell->second == e.first);
      BOOST_TEST(std::abs(static_cast<double>(shell->first) * 1e-6 - e.first_distance) < 1e-6);
      BOOST_TEST(coordination(e.lattice) == e.first);
      BOOST_TEST(std::abs(nearest_distance(e.lattice, a) / a - e.first_distance) < 1e-12);
      BOOST_TEST(neighbour_cutoff(e.lattice, a) > nearest_distance(e.lattice, a));
      ++shell;
      BOOST_TEST(shell->second == e.second);
      BOOST_TEST(std::abs(static_cast<double>(shell->first) * 1e-6 - e.second_distance) < 1e-6);
      BOOST_TEST(neighbour_cutoff(e.lattice, a) < static_cast<double>(shell->first) * 1e-6 * a);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_sphere_holds_what_brute_force_finds) {
  for (const Lattice lattice : {Lattice::fcc, Lattice::bcc, Lattice::hcp, Lattice::sc, Lattice::diamond}) {
    const UnitCell cell = unit_cell(lattice, 3.1, 1.2 * ideal_c_over_a(lattice), 1);
    const Vec3 shift(0.4, -1.1, 0.9);
    const Vec3 centre(2.0, 1.0, -3.0);
    const double radius = 9.5;
    std::size_t brute = 0;
    for (int x = -12; x <= 12; ++x) {
      for (int y = -12; y <= 12; ++y) {
        for (int z = -12; z <= 12; ++z) {
          for (const Vec3& b : cell.basis) {
            const Vec3 r = shift + (x + b.x()) * cell.vectors.row(0).transpose() +
                           (y + b.y()) * cell.vectors.row(1).transpose() +
                           (z + b.z()) * cell.vectors.row(2).transpose();
            brute += (r - centre).norm() <= radius ? 1 : 0;
          }
        }
      }
    }
    BOOST_TEST(points_in_sphere(cell, shift, centre, radius).size() == brute);
  }
}

BOOST_AUTO_TEST_CASE(ordered_phases_have_their_neighbours) {
  // Unlike nearest neighbours: 8 of 12 in L1_0; in A3B 12 of 12 around B, 4 of 12 around A.
  const UnitCell cell = unit_cell(Lattice::fcc, 4.0, 1.0);
  const auto unlike = [&](Phase phase, int axis, int variant, int basis) {
    const auto owner = sublattices(phase, axis, variant);
    const Vec3 centre = cell.vectors.transpose() * cell.basis[static_cast<std::size_t>(basis)];
    int count = 0;
    for (const LatticePoint& p : points_in_sphere(cell, Vec3::Zero(), centre, 1.1 * 4.0 / std::sqrt(2.0))) {
      count +=
          owner.at(static_cast<std::size_t>(p.basis)) != owner.at(static_cast<std::size_t>(basis)) ? 1 : 0;
    }
    return count;
  };
  for (int axis = 0; axis < 3; ++axis) {
    for (int variant = 0; variant < 2; ++variant) {
      for (int basis = 0; basis < 4; ++basis)
        BOOST_TEST(unlike(Phase::l1_0, axis, variant, basis) == 8);
    }
  }
  for (int variant = 0; variant < 4; ++variant) {
    for (int basis = 0; basis < 4; ++basis) {
      BOOST_TEST(unlike(Phase::l1_2_a3b, 0, variant, basis) == (basis == variant ? 12 : 4));
      const auto a3b = sublattices(Phase::l1_2_a3b, 0, variant);
      const auto ab3 = sublattices(Phase::l1_2_ab3, 0, variant);
      BOOST_TEST(a3b.at(static_cast<std::size_t>(basis)) == 1 - ab3.at(static_cast<std::size_t>(basis)));
    }
  }
  // c axis: all sites of one layer perpendicular to it belong to one element.
  for (int axis = 0; axis < 3; ++axis) {
    const auto owner = sublattices(Phase::l1_0, axis, 0);
    for (std::size_t b = 0; b < 4; ++b)
      BOOST_TEST(owner.at(b) == (cell.basis[b][axis] > 0.25 ? 1 : 0));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(shapes)

BOOST_AUTO_TEST_CASE(wulff_facets_lie_where_their_energies_say) {
  const UnitCell cell = unit_cell(Lattice::fcc, 3.9, 1.0);
  const Shape shape = wulff_shape({{{1, 1, 1}, 2.0}, {{1, 0, 0}, 2.3}, {{1, 1, 0}, 2.6}}, Lattice::fcc, cell);
  BOOST_TEST(shape.facets.size() == 8U + 6U + 12U);
  for (const Facet& f : shape.facets) {
    const double largest = f.normal.cwiseAbs().maxCoeff();
    const double expected = largest > 0.9 ? 1.15 : largest > 0.65 ? 1.3 : 1.0;
    BOOST_TEST(std::abs(f.distance - expected) < 1e-12);
    BOOST_TEST(std::abs(f.normal.norm() - 1.0) < 1e-12);
  }
  // The general family has 48 facets, that of hcp 24.
  BOOST_TEST(wulff_shape({{{3, 2, 1}, 1.0}}, Lattice::fcc, cell).facets.size() == 48U);
  const UnitCell hexagonal = unit_cell(Lattice::hcp, 2.5, 1.6);
  BOOST_TEST(wulff_shape({{{3, 1, 1}, 1.0}}, Lattice::hcp, hexagonal).facets.size() == 24U);
  const Shape prism = wulff_shape({{{1, 0, 0}, 1.0}, {{0, 0, 1}, 2.0}}, Lattice::hcp, hexagonal);
  BOOST_TEST(prism.facets.size() == 6U + 2U);
  // A hexagonal prism: area 2 sqrt(3) of inradius 1, height 4.
  BOOST_TEST(std::abs(volume(prism) / (8.0 * std::sqrt(3.0)) - 1.0) < 1e-3);
}

BOOST_AUTO_TEST_CASE(volumes_and_corners_are_those_of_geometry) {
  const UnitCell cell = unit_cell(Lattice::fcc, 1.0, 1.0);
  const Shape box = wulff_shape(cube(), Lattice::fcc, cell);
  BOOST_TEST(std::abs(volume(box) / 8.0 - 1.0) < 2e-4);
  BOOST_TEST(std::abs(circumradius(box) - std::sqrt(3.0)) < 1e-9);
  // Octahedron of inradius 1: corners at sqrt(3), volume 4/3 sqrt(3)^3.
  const Shape octahedron = wulff_shape({{{1, 1, 1}, 0.7}}, Lattice::fcc, cell);
  BOOST_TEST(std::abs(circumradius(octahedron) - std::sqrt(3.0)) < 1e-9);
  BOOST_TEST(std::abs(volume(octahedron) / (4.0 * std::sqrt(3.0)) - 1.0) < 2e-4);
  // Regular truncated octahedron with corners (0, 1, 2): volume 32, d111 = sqrt(3), d100 = 2.
  const Shape regular = wulff_shape(truncated_octahedron(2.0 / std::sqrt(3.0)), Lattice::fcc, cell);
  const double unit = std::sqrt(3.0);
  BOOST_TEST(std::abs(volume(regular) / (32.0 / (unit * unit * unit)) - 1.0) < 2e-4);
  BOOST_TEST(std::abs(circumradius(regular) - std::sqrt(5.0) / unit) < 1e-9);
  BOOST_TEST(std::abs(volume(Shape{}) / (4.0 / 3.0 * core::pi) - 1.0) < 1e-12);
  BOOST_TEST(gauge(Shape{}, Vec3(3, 4, 0)) == 5.0);
  BOOST_TEST(std::abs(gauge(regular, Vec3(0, 1, 2)) - unit) < 1e-12);
}

BOOST_AUTO_TEST_CASE(impossible_shapes_are_refused) {
  using test::contains;
  const UnitCell hexagonal = unit_cell(Lattice::hcp, 2.5, 1.6);
  const auto message = [&](const std::vector<FacetFamily>& families) {
    return test::message_of<core::ConfigError>([&] { (void)wulff_shape(families, Lattice::hcp, hexagonal); });
  };
  BOOST_TEST(contains(message({}), "at least one"));
  BOOST_TEST(contains(message({{{0, 0, 0}, 1.0}}), "0 0 0"));
  BOOST_TEST(contains(message({{{1, 0, 0}, -1.0}}), "-1", "above 0"));
  BOOST_TEST(contains(message({{{1, 0, 0}, std::nan("")}}), "nan"));
  BOOST_TEST(contains(message({{{0, 0, 1}, 1.0}}), "enclose no body"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
