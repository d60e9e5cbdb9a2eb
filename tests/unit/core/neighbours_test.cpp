#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"
#include "sim/core/neighbours/neighbours.hpp"
#include "tests/support/crystals.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>

#include <limits>
#include <map>

BOOST_AUTO_TEST_SUITE(neighbours)

using namespace aet;
using namespace aet::core;
using namespace aet::test;

namespace {

Atoms random_atoms(std::size_t n, const std::optional<Cell>& cell, std::uint64_t seed) {
  RandomStream random(seed, "test.neighbours");
  Atoms atoms;
  const Mat3 edges = cell ? cell->vectors : Mat3(20.0 * Mat3::Identity());
  for (std::size_t i = 0; i < n; ++i) // up to one cell outside, to be wrapped
    atoms.positions.push_back(edges.transpose() * Vec3(2.0 * random.uniform() - 0.5,
                                                       2.0 * random.uniform() - 0.5, random.uniform()));
  atoms.atomic_numbers.assign(n, 78);
  atoms.cell = cell;
  return atoms;
}

/// All pairs, all 27 images: the slow, plain twin.
std::map<std::pair<std::size_t, std::size_t>, double> all_pairs(const Atoms& atoms, double cutoff) {
  std::map<std::pair<std::size_t, std::size_t>, double> pairs;
  std::vector<Vec3> positions = atoms.positions;
  std::array<bool, 3> periodic{};
  Mat3 edges = Mat3::Identity();
  if (atoms.cell) {
    periodic = atoms.cell->periodic;
    edges = atoms.cell->vectors;
    for (Vec3& p : positions) {
      const Vec3 f = edges.transpose().inverse() * p;
      for (int k = 0; k < 3; ++k)
        if (periodic[k]) p -= std::floor(f[k]) * edges.row(k).transpose();
    }
  }
  for (std::size_t i = 0; i < positions.size(); ++i)
    for (std::size_t j = 0; j < positions.size(); ++j)
      for (int a = -periodic[0]; a <= periodic[0]; ++a)
        for (int b = -periodic[1]; b <= periodic[1]; ++b)
          for (int c = -periodic[2]; c <= periodic[2]; ++c) {
            const double d = (positions[j] + edges.transpose() * Vec3(a, b, c) - positions[i]).norm();
            if (i != j && d < cutoff) pairs[{i, j}] = d;
          }
  return pairs;
}

void check_against_all_pairs(const Atoms& atoms, double cutoff) {
  const NeighbourList list = neighbours_within(atoms.positions, atoms.cell, cutoff, Threads{2});
  const auto pairs = all_pairs(atoms, cutoff);
  BOOST_REQUIRE_EQUAL(list.index.size(), pairs.size());
  for (std::size_t i = 0; i < list.atoms(); ++i)
    for (std::size_t e = list.first[i]; e < list.first[i + 1]; ++e) {
      const auto found = pairs.find({i, list.index[e]});
      BOOST_REQUIRE(found != pairs.end());
      BOOST_TEST(std::abs(found->second - list.distance[e]) <
                 1e-12 * 40.0); // rounding of wrapped coordinates
      BOOST_TEST(std::abs(std::hypot(list.dx[e], list.dy[e], list.dz[e]) - list.distance[e]) < 1e-13 * 40.0);
    }
}

Cell tilted_cell(std::array<bool, 3> periodic) {
  Cell cell;
  cell.vectors << 16.0, 0.5, -1.0, 4.0, 17.0, 2.0, -3.0, 5.0, 18.0;
  cell.periodic = periodic;
  return cell;
}

} // namespace

BOOST_AUTO_TEST_CASE(cell_lists_find_what_all_pairs_find) {
  check_against_all_pairs(random_atoms(300, std::nullopt, 1), 3.3);
  check_against_all_pairs(random_atoms(250, tilted_cell({true, true, true}), 2), 3.9);
  check_against_all_pairs(random_atoms(250, tilted_cell({true, false, true}), 3), 6.1);
  check_against_all_pairs(random_atoms(250, tilted_cell({false, true, false}), 4), 5.0);
  Cell small; // one bin an edge: an image is met through the bin's own neighbour
  small.vectors = 7.0 * Mat3::Identity();
  small.periodic = {true, true, true};
  check_against_all_pairs(random_atoms(30, small, 5), 3.5);
}

BOOST_AUTO_TEST_CASE(the_cutoff_is_strict) {
  const std::vector<Vec3> two{Vec3(0, 0, 0), Vec3(3, 0, 0)};
  BOOST_TEST(neighbours_within(two, std::nullopt, 3.0).index.empty());
  BOOST_TEST(neighbours_within(two, std::nullopt, std::nextafter(3.0, 4.0)).index.size() == 2U);
}

BOOST_AUTO_TEST_CASE(order_of_atoms_and_threads_leave_no_trace) {
  const Atoms atoms = shaken(fcc(3.92, 6), 0.1, 7);
  const auto order = shuffle(atoms.size(), 8);
  const Atoms other = permuted(atoms, order);
  const NeighbourList a = neighbours_within(atoms.positions, atoms.cell, 3.8, Threads{1});
  const NeighbourList b = neighbours_within(other.positions, other.cell, 3.8, Threads{2});
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    BOOST_REQUIRE_EQUAL(b.count(i), a.count(order[i]));
    for (std::size_t k = 0; k < b.count(i); ++k) {
      const std::size_t eb = b.first[i] + k;
      const std::size_t ea = a.first[order[i]] + k;
      BOOST_REQUIRE_EQUAL(order[b.index[eb]], a.index[ea]);
      BOOST_REQUIRE_EQUAL(b.dx[eb], a.dx[ea]); // to the last bit
    }
  }
}

BOOST_AUTO_TEST_CASE(nearest_neighbours_are_the_nearest) {
  for (const Atoms& atoms :
       {random_atoms(200, std::nullopt, 9), random_atoms(200, tilted_cell({true, true, true}), 10)}) {
    const NeighbourList list = nearest_neighbours(atoms.positions, atoms.cell, 9);
    const auto pairs = all_pairs(atoms, atoms.cell ? 7.0 : 100.0);
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      std::vector<double> distances;
      for (const auto& [pair, d] : pairs)
        if (pair.first == i) distances.push_back(d);
      std::sort(distances.begin(), distances.end());
      BOOST_REQUIRE_EQUAL(list.count(i), 9U);
      for (std::size_t k = 0; k < 9; ++k)
        BOOST_TEST(std::abs(list.distance[list.first[i] + k] - distances[k]) < 1e-12 * 40.0);
    }
  }
}

BOOST_AUTO_TEST_CASE(nearest_of_another_set) {
  const Atoms atoms = random_atoms(150, tilted_cell({true, true, false}), 11);
  const CellGrid grid(atoms.positions, atoms.cell, 3.0);
  const auto hit = grid.nearest(atoms.positions[17] + Vec3(0.01, 0, 0), 1.0);
  BOOST_REQUIRE(hit.has_value());
  BOOST_TEST(hit->index == 17U);
  BOOST_TEST(!CellGrid(std::vector<Vec3>{}, std::nullopt, 1.0).nearest(Vec3::Zero(), 5.0).has_value());
  const CellGrid one(std::vector<Vec3>{Vec3(100, 0, 0)}, std::nullopt, 1.0);
  BOOST_TEST(!one.nearest(Vec3::Zero(), 50.0).has_value());
  BOOST_TEST(one.nearest(Vec3::Zero(), std::numeric_limits<double>::infinity())->distance == 100.0);
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  const Atoms atoms = fcc(3.92, 2);
  BOOST_CHECK_EXCEPTION((void)neighbours_within(atoms.positions, atoms.cell, 3.93), ConfigError,
                        says("longer than half the periodic box (3.92 A)"));
  BOOST_CHECK_EXCEPTION((void)neighbours_within(atoms.positions, atoms.cell, 0.0), ConfigError,
                        says("must be positive"));
  std::vector<Vec3> twice = atoms.positions;
  twice.push_back(twice[3]);
  BOOST_CHECK_EXCEPTION((void)neighbours_within(twice, std::nullopt, 3.0), DataError,
                        says("lie in the same place"));
  BOOST_CHECK_EXCEPTION((void)nearest_neighbours(atoms.positions, std::nullopt, 32), ConfigError,
                        says("between 1 and 31"));
  BOOST_CHECK_EXCEPTION((void)nearest_neighbours(atoms.positions, atoms.cell, 30), DataError,
                        says("fewer than 30 neighbours within half the periodic box"));
  Cell flat;
  flat.vectors << 1, 0, 0, 0, 1, 0, 1, 1, 0;
  flat.periodic = {true, true, true};
  BOOST_CHECK_EXCEPTION((void)neighbours_within(atoms.positions, flat, 0.1), DataError, says("volume of 0"));
}

BOOST_AUTO_TEST_SUITE_END()
