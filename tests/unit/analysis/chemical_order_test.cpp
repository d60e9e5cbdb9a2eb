#include "analysis/chemistry/chemical_defects.hpp"
#include "analysis/chemistry/order_cells.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/poscar.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/specimen/particle.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/temporary_folder.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>

#include <map>
#include <set>

BOOST_AUTO_TEST_SUITE(chemistry)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

specimen::ParticleOptions fept(int atoms) {
  specimen::ParticleOptions o;
  o.lattice_constant_a = 3.87;
  o.elements = {26, 78};
  o.facets = specimen::truncated_octahedron(1.15);
  o.atoms = atoms;
  o.static_displacement_a = 0.1;
  return o;
}

struct Analysed {
  core::Atoms atoms;
  core::NeighbourList near;
  LatticeSites sites;
  ChemicalOrder order;
};

Analysed analysed(core::Atoms atoms, const LatticeOptions& lattice = {}) {
  Analysed a;
  a.near = core::neighbours_within(atoms.positions, atoms.cell, 3.35);
  a.sites = lattice_sites(atoms.positions, a.near, lattice);
  a.order = chemical_order(atoms, a.sites);
  a.atoms = std::move(atoms);
  return a;
}

const ChemicalPhase& phase_at(const Analysed& a, std::size_t i) {
  return chemical_phases().at(static_cast<std::size_t>(a.order.phase[i]));
}

} // namespace

BOOST_AUTO_TEST_CASE(sites_survive_rotation_strain_and_noise) {
  specimen::ParticleOptions o = fept(1200);
  o.orientation = core::rotation_from_euler({0.3, -0.9, 0.5});
  o.static_displacement_a = 0.2; // 0.35 A in space: what a good reconstruction leaves
  o.strain.diagonal() = Vec3(0.02, -0.01, -0.03);
  const Analysed a = analysed(specimen::build_particle(o).atoms);
  BOOST_REQUIRE_EQUAL(a.sites.grains.size(), 1U);
  BOOST_TEST(a.sites.grains[0].atoms.size() > 1180U);
  // Edges: the strained, turned cube, axes named in one of 24 ways.
  std::vector<double> edges;
  for (int k = 0; k < 3; ++k)
    edges.push_back(a.sites.grains[0].lattice.edges.row(k).norm());
  std::sort(edges.begin(), edges.end());
  BOOST_TEST(std::abs(edges[0] - 3.87 * 0.97) < 0.01);
  BOOST_TEST(std::abs(edges[1] - 3.87 * 0.99) < 0.01);
  BOOST_TEST(std::abs(edges[2] - 3.87 * 1.02) < 0.01);
  BOOST_TEST(std::abs(a.sites.grains[0].rms_a - 0.2 * std::sqrt(3.0)) < 0.02);
  // No two atoms on one site, all sites of the lattice.
  std::set<std::array<int, 3>> taken;
  for (const std::size_t i : a.sites.grains[0].atoms) {
    BOOST_TEST((a.sites.site[i][0] + a.sites.site[i][1] + a.sites.site[i][2]) % 2 == 0);
    BOOST_TEST(taken.insert(a.sites.site[i]).second);
  }
}

BOOST_AUTO_TEST_CASE(order_of_atoms_and_periodic_images_leave_no_trace) {
  const core::Atoms box = shaken(fcc(3.87, 5), 0.1, 3);
  const LatticeSites sites =
      lattice_sites(box.positions, core::neighbours_within(box.positions, box.cell, 3.35));
  BOOST_REQUIRE_EQUAL(sites.grains.size(), 1U);
  BOOST_TEST(sites.grains[0].atoms.size() == box.size());
  BOOST_TEST(sites.grains[0].rms_a < 0.25);
  const core::Atoms ball = shaken(fcc_ball(3.87, 10.0), 0.15, 4);
  const auto order = shuffle(ball.size(), 5);
  const core::Atoms listed = permuted(ball, order);
  const LatticeSites here =
      lattice_sites(ball.positions, core::neighbours_within(ball.positions, std::nullopt, 3.35));
  const LatticeSites there =
      lattice_sites(listed.positions, core::neighbours_within(listed.positions, std::nullopt, 3.35));
  for (std::size_t i = 0; i < ball.size(); ++i) {
    BOOST_TEST(there.grain_of_atom[i] == here.grain_of_atom[order[i]]);
    BOOST_TEST((there.site[i] == here.site[order[i]]));
  }
}

BOOST_AUTO_TEST_CASE(grains_of_different_orientation_and_a_liquid) {
  specimen::ParticleOptions o = fept(2000);
  o.elements = {78};
  specimen::GrainOptions left;
  left.seed_a = Vec3(-10, 0, 0);
  specimen::GrainOptions right;
  right.seed_a = Vec3(10, 0, 0);
  right.rotation = core::rotation_from_euler({0.5, 0.4, 0.2});
  o.grains = {left, right};
  const core::Atoms atoms = specimen::build_particle(o).atoms;
  const LatticeSites sites =
      lattice_sites(atoms.positions, core::neighbours_within(atoms.positions, std::nullopt, 3.35));
  BOOST_REQUIRE(sites.grains.size() >= 2U);
  std::map<std::pair<int, int>, int> both;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    ++both[{static_cast<int>(atoms.columns.at("grain")[i]), sites.grain_of_atom[i]}];
  const int right_grain = both[{0, 0}] > both[{1, 0}] ? 0 : 1;
  const int agreeing = both[{right_grain, 0}] + both[{1 - right_grain, 1}];
  BOOST_TEST(agreeing > 1800); // those at the boundary may be on either side or on none

  specimen::ParticleOptions melt = fept(0);
  melt.elements = {78};
  melt.atoms.reset();
  melt.radius_a = 16.0;
  melt.facets.clear();
  melt.matrix.emplace().core_radius_a = 9.0;
  melt.static_displacement_a = 0.05;
  for (const auto& [seed, cutoff] : {std::pair(1U, 3.4), {2U, 3.2}, {3U, 3.6}, {4U, 3.8}}) {
    melt.seed = seed;
    const core::Atoms seeded = specimen::build_particle(melt).atoms;
    const LatticeSites in_melt =
        lattice_sites(seeded.positions, core::neighbours_within(seeded.positions, std::nullopt, cutoff));
    BOOST_REQUIRE(!in_melt.grains.empty());
    int crystal = 0;
    int planted_atoms = 0;
    int wrong = 0; // in any grain
    for (std::size_t i = 0; i < seeded.size(); ++i) {
      const bool planted = seeded.columns.at("grain")[i] >= 0.0;
      planted_atoms += planted ? 1 : 0;
      crystal += planted && in_melt.grain_of_atom[i] == 0 ? 1 : 0;
      wrong += !planted && in_melt.grain_of_atom[i] >= 0 ? 1 : 0;
    }
    // Corners of the crystal have most of their neighbours in the melt; melt atoms may sit on sites by
    // chance.
    BOOST_TEST(crystal > 0.98 * planted_atoms);
    BOOST_TEST(wrong <= 12);
    BOOST_TEST_MESSAGE("seed " << seed << ": " << crystal << " of " << planted_atoms << ", wrong " << wrong);
  }
}

BOOST_AUTO_TEST_CASE(a_perfect_phase_has_order_one_and_chance_zero) {
  for (int axis = 0; axis < 3; ++axis)
    for (int variant = 0; variant < 2; ++variant) {
      specimen::ParticleOptions o = fept(500);
      o.grains[0].phase = specimen::Phase::l1_0;
      o.grains[0].axis = axis;
      o.grains[0].variant = variant;
      const Analysed a = analysed(specimen::build_particle(o).atoms);
      for (std::size_t i = 0; i < a.atoms.size(); ++i) {
        if (a.order.phase[i] < 0) continue;
        BOOST_TEST((phase_at(a, i).kind == PhaseKind::l1_0));
        BOOST_TEST(phase_at(a, i).axis == axis); // the frame is x, y, z: axes keep their names
        BOOST_TEST(std::abs(a.order.alpha[i] - 1.0) < 1e-12);
        BOOST_TEST(a.order.antisite[i] == 0);
      }
    }
  specimen::ParticleOptions o = fept(4000);
  o.composition = {0.4, 0.6};
  const Analysed random = analysed(specimen::build_particle(o).atoms);
  for (const auto& order : random.order.order) {
    double mean = 0.0;
    for (const double s : order)
      mean += s / static_cast<double>(order.size());
    // Kernels of some 70 sites: 0.12 each, 60 independent ones in the particle.
    BOOST_TEST(std::abs(mean) < 0.06);
  }
}

BOOST_AUTO_TEST_CASE(order_is_the_formula_of_the_paper) {
  specimen::ParticleOptions o = fept(600);
  o.grains[0].phase = specimen::Phase::l1_2_ab3;
  o.grains[0].antisite_fraction = 0.1;
  const Analysed a = analysed(specimen::build_particle(o).atoms);
  // Eq. 5 and 6 over all pairs.
  const double sigma = 0.75 * std::cbrt(a.sites.grains[0].lattice.edges.determinant());
  for (std::size_t i = 0; i < a.atoms.size(); i += 37) {
    for (std::size_t j = 0; j < 16; ++j) {
      double f = 0.0;
      double weight = 0.0;
      for (std::size_t k = 0; k < a.atoms.size(); ++k) {
        const double r = (a.atoms.positions[k] - a.atoms.positions[i]).norm();
        if (r >= 4.0 * sigma || a.sites.grain_of_atom[k] != 0) continue;
        const double w = std::exp(-r * r / (2.0 * sigma * sigma));
        weight += w;
        const int wanted = chemical_phases().at(j).owner.at(static_cast<std::size_t>(a.sites.sublattice(k)));
        f += (a.atoms.atomic_numbers[k] == 26) == (wanted == 0) ? w : 0.0;
      }
      f /= weight;
      const double fj = chemical_phases().at(j).fraction_a();
      const double fall = a.order.fraction_a;
      const double s = (f - 2.0 * fj * fall + fj + fall - 1.0) / (fj + fall - 2.0 * fj * fall);
      BOOST_TEST(std::abs(a.order.order[j][i] - s) < 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE(antisites_swaps_and_boundaries_are_counted) {
  specimen::ParticleOptions o = fept(3000);
  o.grains[0].phase = specimen::Phase::l1_2_ab3;
  o.grains[0].antisite_fraction = 0.04;
  const Analysed a = analysed(specimen::build_particle(o).atoms);
  const auto wrong = std::count(a.order.antisite.begin(), a.order.antisite.end(), 1);
  BOOST_TEST(std::abs(static_cast<double>(wrong) - 120.0) <= 3.0); // planted; the rim may be read otherwise

  // One swap of neighbours in a perfect crystal.
  o.grains[0].antisite_fraction = 0.0;
  core::Atoms atoms = specimen::build_particle(o).atoms;
  const core::NeighbourList near = core::neighbours_within(atoms.positions, std::nullopt, 3.35);
  std::size_t iron = 0;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    if (atoms.atomic_numbers[i] == 26 && atoms.positions[i].norm() < atoms.positions[iron].norm()) iron = i;
  const std::size_t platinum = near.index[near.first[iron]];
  BOOST_REQUIRE_EQUAL(atoms.atomic_numbers[platinum], 78);
  std::swap(atoms.atomic_numbers[iron], atoms.atomic_numbers[platinum]);
  const Analysed swapped = analysed(atoms);
  const auto pairs = swap_pairs(swapped.order, swapped.sites, swapped.near);
  BOOST_REQUIRE_EQUAL(pairs.size(), 1U);
  BOOST_TEST(pairs[0].a == std::min(iron, platinum));
  BOOST_TEST(pairs[0].b == std::max(iron, platinum));
  BOOST_TEST(phase_boundaries(swapped.order, swapped.sites, swapped.near).empty());

  // Two variants of one axis: an antiphase boundary; two axes: an orientation boundary.
  for (const bool same_axis : {true, false}) {
    specimen::ParticleOptions two = fept(2000);
    specimen::GrainOptions left;
    left.phase = specimen::Phase::l1_0;
    left.seed_a = Vec3(-10, 0, 0);
    specimen::GrainOptions right = left;
    right.seed_a = Vec3(10, 0, 0);
    right.variant = same_axis ? 1 : 0;
    right.axis = same_axis ? 2 : 1;
    two.grains = {left, right};
    Analysed b = analysed(specimen::build_particle(two).atoms);
    b.order = divide_boundaries(b.order, b.sites, b.near);
    const auto boundary = phase_boundaries(b.order, b.sites, b.near);
    std::map<BoundaryKind, int> kinds;
    for (const BoundaryPair& pair : boundary) {
      ++kinds[pair.kind];
      if (pair.kind == BoundaryKind::antiphase || pair.kind == BoundaryKind::orientation)
        BOOST_TEST(std::abs(b.atoms.positions[pair.a].x()) < 7.0);
    }
    const int wanted = kinds[same_axis ? BoundaryKind::antiphase : BoundaryKind::orientation];
    // A section of some 150 atoms, each with four neighbours across; where the boundary steps, a few more.
    BOOST_TEST(wanted > 500);
    const ChemicalGrains grains = chemical_grains(b.order, b.sites, b.near);
    BOOST_TEST(grains.grains[0].atoms.size() + grains.grains[1].atoms.size() > 1950U);
    if (!same_axis) continue;
    const auto profile = antisites_by_depth(b.atoms, b.order, b.sites, b.near, grains.grains[0]);
    BOOST_TEST(profile.back().antisite_fraction == 0.0);
    BOOST_TEST(profile.back().depth_a > 6.0);
    BOOST_TEST(profile.front().depth_a < -5.0);
    BOOST_TEST(profile.front().antisite_fraction == 1.0); // the other variant wants the opposite everywhere
    BOOST_TEST(profile.front().order_mean < -0.8);
  }
}

BOOST_AUTO_TEST_CASE(a_disordered_matrix_keeps_its_atoms) {
  // One ordered nucleus in A1: dividing boundaries must not spread it over the particle.
  specimen::ParticleOptions o = fept(3000);
  o.nuclei = {{specimen::Phase::l1_0, 2, 0, Vec3::Zero(), 1.0, 8.0, 8.0}};
  const Analysed a = analysed(specimen::build_particle(o).atoms);
  const auto in_phase = [&](const ChemicalOrder& order) {
    return std::count(order.phase.begin(), order.phase.end(), 4);
  };
  const ChemicalOrder divided = divide_boundaries(a.order, a.sites, a.near);
  BOOST_TEST(in_phase(divided) >= in_phase(a.order));
  // Two layers of 1.9 A around a ball of 8 to 10 A.
  BOOST_TEST(in_phase(divided) < 3.0 * static_cast<double>(in_phase(a.order)));
  for (std::size_t i = 0; i < a.atoms.size(); ++i)
    if (a.atoms.positions[i].norm() < 6.0) BOOST_TEST(divided.phase[i] == 4);
}

BOOST_AUTO_TEST_CASE(stretched_cells_have_their_ratio) {
  specimen::ParticleOptions o = fept(2000);
  o.grains[0].phase = specimen::Phase::l1_0;
  o.c_over_a = 0.96;
  o.orientation = core::rotation_from_euler({0.1, 0.15, -0.1}); // z stays the axis nearest to z
  const Analysed a = analysed(specimen::build_particle(o).atoms);
  const ChemicalGrains grains = chemical_grains(a.order, a.sites, a.near);
  const auto t = tetragonality(a.atoms, a.sites, grains.grains[0].atoms, 2);
  BOOST_REQUIRE(t.has_value());
  BOOST_TEST(std::abs(t->c_over_a - 0.96) < 0.002);
  BOOST_TEST(std::abs(t->a - 3.87) < 0.01);
  BOOST_TEST(!tetragonality(a.atoms, a.sites, std::vector<std::size_t>{0, 1, 2}, 2).has_value());
  const WeightedMean mean =
      weighted_c_over_a(std::vector<Tetragonality>{{0.96, 3.9, 3.7, 300}, {1.0, 3.9, 3.9, 100}});
  BOOST_TEST(std::abs(mean.mean - 0.97) < 1e-12);
  BOOST_TEST(std::abs(mean.deviation - 0.04 * std::sqrt(3.0) / 4.0) < 1e-12);
}

BOOST_AUTO_TEST_CASE(cells_of_32_atoms) {
  specimen::ParticleOptions o = fept(1200);
  o.grains[0].phase = specimen::Phase::l1_0;
  o.grains[0].axis = 2;
  const Analysed a = analysed(specimen::build_particle(o).atoms);
  const auto cells = order_cells(a.atoms, a.order, a.sites);
  BOOST_REQUIRE(cells.size() > 50U);
  std::set<std::array<int, 3>> corners;
  for (const OrderCell& cell : cells) {
    BOOST_TEST(cell.atoms.size() == 32U);
    BOOST_TEST(corners.insert(cell.corner).second);
    BOOST_TEST(std::abs(cell.l1_0[2] - 1.0) < 1e-12);
    BOOST_TEST(std::abs(cell.difference(2) - 1.0) < 0.02); // the other axes see half of each element
  }
  // Slid by half an edge: both the cells with a corner on a site and those between.
  bool even = false;
  bool odd = false;
  for (const auto& c : corners)
    ((c[0] + c[1] + c[2]) % 2 == 0 ? even : odd) = true;
  BOOST_TEST((even && odd));
  const TemporaryFolder folder;
  const auto paths = write_order_cells(folder.path(), a.atoms, a.sites, std::span(cells).subspan(0, 2));
  BOOST_REQUIRE_EQUAL(paths.size(), 4U);
  for (const auto& path : paths) {
    const core::Atoms read = path.extension() == ".xyz" ? core::read_xyz(path) : core::read_poscar(path);
    BOOST_TEST(read.size() == 32U);
    BOOST_TEST(std::count(read.atomic_numbers.begin(), read.atomic_numbers.end(), 26) == 16);
    BOOST_REQUIRE(read.cell.has_value());
    BOOST_TEST(std::abs(std::cbrt(std::abs(read.cell->vectors(0, 0) * read.cell->vectors(1, 1) *
                                           read.cell->vectors(2, 2))) -
                        7.74) < 0.2);
  }
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  core::Atoms one = fcc_ball(3.87, 8.0);
  const core::NeighbourList near = core::neighbours_within(one.positions, std::nullopt, 3.3);
  const LatticeSites sites = lattice_sites(one.positions, near);
  BOOST_CHECK_EXCEPTION((void)chemical_order(one, sites), core::DataError, says("needs two elements"));
  one.atomic_numbers[0] = 27;
  BOOST_CHECK_EXCEPTION((void)chemical_order(one, sites), core::DataError, says("26 and 78 was asked for"));
  one.atomic_numbers[0] = 26;
  BOOST_CHECK_EXCEPTION((void)chemical_order(one, sites, {.kernel_cells = 0.0}), core::ConfigError,
                        says("kernel"));
  BOOST_CHECK_EXCEPTION((void)divide_boundaries(ChemicalOrder{}, sites, near), core::DataError,
                        says("neighbours of"));
  BOOST_CHECK_EXCEPTION((void)divide_boundaries(ChemicalOrder{}, sites, near, {.layers = -1}),
                        core::ConfigError, says("-1 layers"));
  BOOST_CHECK_EXCEPTION((void)lattice_sites(one.positions, near, {.tolerance = 0.6}), core::ConfigError,
                        says("tolerance"));
  one.positions.pop_back();
  BOOST_CHECK_EXCEPTION((void)lattice_sites(one.positions, near), core::DataError, says("neighbours of"));
}

BOOST_AUTO_TEST_SUITE_END()
