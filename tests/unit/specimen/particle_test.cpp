#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/units.hpp"
#include "sim/specimen/particle.hpp"
#include "tests/support/message.hpp"

#include <Eigen/Geometry>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>

BOOST_AUTO_TEST_SUITE(particles)

using namespace aet;
using namespace aet::specimen;
using core::Vec3;

namespace {

std::vector<int> neighbour_counts(const std::vector<Vec3>& r, double cutoff) {
  std::vector<int> counts(r.size(), 0);
  for (const auto& [i, j] : core::close_pairs(r, cutoff)) {
    ++counts[i];
    ++counts[j];
  }
  return counts;
}

} // namespace

BOOST_AUTO_TEST_CASE(regular_truncated_octahedra_have_the_magic_numbers) {
  // n atoms along each edge: 16 n^3 - 33 n^2 + 24 n - 6 (38, 201, 586, 1289, 2406, ...). The centre is an
  // atom for odd n, the octahedral hole for even n; the {100} facets lie at (n - 1) a.
  for (int n = 2; n <= 7; ++n) {
    ParticleOptions o;
    o.facets = truncated_octahedron(2.0 / std::numbers::sqrt3);
    o.radius_a = std::numbers::sqrt3 / 2.0 * (n - 1) * o.lattice_constant_a;
    if (n % 2 == 0) o.centre_cells = Vec3(0.5, 0.0, 0.0);
    const int magic = 16 * n * n * n - 33 * n * n + 24 * n - 6;
    BOOST_TEST(static_cast<int>(build_particle(o).atoms.size()) == magic);
    // The same by count: nothing is trimmed, and the size comes out.
    o.atoms = magic;
    const double radius = *o.radius_a;
    o.radius_a.reset();
    const Particle by_count = build_particle(o);
    BOOST_TEST(static_cast<int>(by_count.atoms.size()) == magic);
    BOOST_TEST(by_count.trimmed == 0U);
    BOOST_TEST(std::abs(by_count.size_a - radius) < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(cubes_have_their_closed_form) {
  // {100} at m a around an atom of fcc: (2m+1)^3 corners of cells and 3 (2m)^2 (2m+1) face centres.
  for (int m = 1; m <= 4; ++m) {
    ParticleOptions o;
    o.facets = cube();
    o.radius_a = m * o.lattice_constant_a;
    const int w = 2 * m;
    BOOST_TEST(static_cast<int>(build_particle(o).atoms.size()) ==
               (w + 1) * (w + 1) * (w + 1) + 3 * w * w * (w + 1));
  }
}

BOOST_AUTO_TEST_CASE(any_count_is_had_by_taking_off_the_least_bound) {
  ParticleOptions o;
  o.facets = truncated_octahedron(2.0 / std::numbers::sqrt3);
  for (const int count : {1, 2, 150, 190, 200, 202, 586, 777}) {
    o.atoms = count;
    const Particle p = build_particle(o);
    BOOST_TEST(static_cast<int>(p.atoms.size()) == count);
    BOOST_TEST(core::centroid(p.atoms).norm() < 1e-10);
  }
  // 200 of 201: a corner atom, which has 6 bonds, is missing and nothing else.
  const auto bonds = [&](int count) {
    o.atoms = count;
    return core::close_pairs(build_particle(o).atoms.positions,
                             neighbour_cutoff(o.lattice, o.lattice_constant_a))
        .size();
  };
  BOOST_TEST(bonds(201) - bonds(200) == 6U);
}

BOOST_AUTO_TEST_CASE(all_lattices_build_with_their_neighbour_distance) {
  for (const Lattice lattice : {Lattice::fcc, Lattice::bcc, Lattice::hcp, Lattice::sc, Lattice::diamond}) {
    ParticleOptions o;
    o.lattice = lattice;
    o.atoms = 400;
    o.centre_cells = Vec3(0.13, 0.27, 0.41);
    const Particle p = build_particle(o);
    BOOST_TEST(p.atoms.size() == 400U);
    BOOST_TEST(std::abs(p.minimum_distance_a - nearest_distance(lattice, o.lattice_constant_a)) < 1e-9);
    const auto counts = neighbour_counts(p.atoms.positions, neighbour_cutoff(lattice, o.lattice_constant_a));
    BOOST_TEST(*std::max_element(counts.begin(), counts.end()) == coordination(lattice));
  }
}

BOOST_AUTO_TEST_CASE(facets_end_where_wulff_puts_them) {
  ParticleOptions o;
  o.facets = {{{1, 1, 1}, 1.0}, {{1, 0, 0}, 1.2}, {{1, 1, 0}, 1.15}};
  o.radius_a = 20.0;
  const Particle p = build_particle(o);
  // A layer of the crystal lies at most one layer distance inside the facet (centred on an atom, the centroid
  // is there).
  const auto reach = [&](const Vec3& n) {
    double most = 0.0;
    for (const Vec3& r : p.atoms.positions)
      most = std::max(most, n.normalized().dot(r));
    return most;
  };
  const double a = o.lattice_constant_a;
  for (const auto& [n, distance, layer] :
       {std::tuple(Vec3(1, -1, 1), 20.0, a / std::sqrt(3.0)), std::tuple(Vec3(0, 0, -1), 24.0, a / 2.0),
        std::tuple(Vec3(1, 1, 0), 23.0, a / std::sqrt(8.0))}) {
    BOOST_TEST(reach(n) <= distance + 1e-6);
    BOOST_TEST(reach(n) > distance - layer);
  }
}

BOOST_AUTO_TEST_CASE(ordered_phases_have_their_composition_and_order) {
  ParticleOptions o;
  o.elements = {26, 78};
  o.atoms = 1500;
  for (const auto& [phase, fraction] :
       {std::pair(Phase::l1_0, 0.5), std::pair(Phase::l1_2_a3b, 0.75), std::pair(Phase::l1_2_ab3, 0.25)}) {
    o.grains.front().phase = phase;
    o.grains.front().antisite_fraction = 0.0;
    o.grains.front().order_parameter.reset();
    Particle p = build_particle(o);
    BOOST_TEST(p.regions.front().order_parameter.value() == 1.0);
    // The surface shifts the composition by a few atoms in a hundred.
    BOOST_TEST(std::abs(p.regions.front().fraction_a - fraction) < 0.03);
    const auto& ordered = p.atoms.columns.at("ordered");
    BOOST_TEST(std::count(ordered.begin(), ordered.end(), 1.0) == 1500);
    // Half the order asked for.
    o.grains.front().order_parameter = 0.5;
    o.composition = {fraction, 1.0 - fraction};
    p = build_particle(o);
    BOOST_TEST(std::abs(p.regions.front().order_parameter.value() - 0.5) < 0.003);
    BOOST_TEST(std::abs(p.regions.front().fraction_a - fraction) < 0.5 / 1500.0 + 1e-12);
    o.composition.clear();
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_particle) {
  ParticleOptions o;
  o.elements = {26, 78};
  o.atoms = 333;
  o.static_displacement_a = 0.05;
  o.vacancy_fraction = 0.02;
  o.grains.resize(3);
  const Particle a = build_particle(o);
  const Particle b = build_particle(o);
  BOOST_TEST((a.atoms.positions == b.atoms.positions));
  BOOST_TEST((a.atoms.atomic_numbers == b.atoms.atomic_numbers));
  BOOST_TEST((a.atoms.columns == b.atoms.columns));
  o.seed = 2;
  BOOST_TEST((build_particle(o).atoms.atomic_numbers != a.atoms.atomic_numbers));
}

BOOST_AUTO_TEST_CASE(zone_axes_point_along_the_beam) {
  const UnitCell cell = unit_cell(Lattice::fcc, 3.9, 1.0);
  const core::Mat3 r = zone_axis_orientation(cell, Vec3(1, 1, 0), Vec3(0, 0, 1));
  BOOST_TEST((r * Vec3(1, 1, 0).normalized() - Vec3::UnitZ()).norm() < 1e-12);
  BOOST_TEST((r * Vec3(0, 0, 1) - Vec3::UnitY()).norm() < 1e-12);
  BOOST_TEST(std::abs(r.determinant() - 1.0) < 1e-12);
  // In hcp the indices are those of the edges: [0 1 0] is 120 degrees from [1 0 0].
  const core::Mat3 h = zone_axis_orientation(unit_cell(Lattice::hcp, 2.5, 1.6), Vec3(0, 1, 0), Vec3(0, 0, 1));
  BOOST_TEST((h * Vec3(-0.5, std::sqrt(0.75), 0) - Vec3::UnitZ()).norm() < 1e-12);
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>(
                                [&] { (void)zone_axis_orientation(cell, Vec3(1, 1, 0), Vec3(2, 2, 0)); }),
                            "[1 1 0]", "parallel"));
  // Built along it, columns of atoms stand on the beam: fcc along [110] has a projected cell of a/sqrt(2) x a
  // / 2 sites.
  ParticleOptions o;
  o.atoms = 500;
  o.orientation = r;
  ParticleOptions plain = o;
  plain.orientation = core::Mat3::Identity();
  const auto turned = build_particle(o).atoms.positions;
  const auto as_is = build_particle(plain).atoms.positions;
  for (std::size_t i = 0; i < turned.size(); ++i)
    BOOST_REQUIRE((turned[i] - r * as_is[i]).norm() < 1e-9);
}

BOOST_AUTO_TEST_CASE(grains_share_a_lattice_or_have_their_own) {
  ParticleOptions o;
  o.elements = {26, 78};
  o.atoms = 2000;
  o.grains.resize(3);
  o.grains[0].phase = Phase::l1_0;
  o.grains[0].seed_a = Vec3(-10, 0, 0);
  o.grains[1].phase = Phase::l1_2_ab3;
  o.grains[1].variant = 2;
  o.grains[1].seed_a = Vec3(10, 0, 0);
  o.grains[2].seed_a = Vec3(0, 20, 0);
  const Particle shared = build_particle(o);
  BOOST_TEST(shared.atoms.size() == 2000U);
  BOOST_TEST(std::abs(shared.minimum_distance_a - nearest_distance(o.lattice, o.lattice_constant_a)) < 1e-9);
  BOOST_TEST(shared.regions[0].order_parameter.value() == 1.0);
  BOOST_TEST(shared.regions[1].order_parameter.value() == 1.0);
  BOOST_TEST(!shared.regions[2].order_parameter.has_value());
  const auto& grain = shared.atoms.columns.at("grain");
  for (std::size_t g = 0; g < 3; ++g) {
    BOOST_TEST(static_cast<std::size_t>(std::count(grain.begin(), grain.end(), static_cast<double>(g))) ==
               shared.regions[g].atoms);
    BOOST_TEST(shared.regions[g].atoms > 200U);
  }
  // A grain of its own orientation: no overlaps at the boundary, the right count, and the lattice turned.
  o.grains[1].rotation = Eigen::AngleAxisd(0.4, Vec3(1, 2, 3).normalized()).toRotationMatrix();
  const Particle turned = build_particle(o);
  BOOST_TEST(turned.atoms.size() == 2000U);
  BOOST_TEST(turned.minimum_distance_a >= 0.75 * nearest_distance(o.lattice, o.lattice_constant_a) - 1e-9);
  std::vector<Vec3> own;
  for (std::size_t i = 0; i < turned.atoms.size(); ++i) {
    if (turned.atoms.columns.at("grain")[i] == 1.0) own.push_back(turned.atoms.positions[i]);
  }
  for (const auto& [i, j] : core::close_pairs(own, neighbour_cutoff(o.lattice, o.lattice_constant_a))) {
    const Vec3 bond = o.grains[1].rotation->transpose() * (own[j] - own[i]) * 2.0 / o.lattice_constant_a;
    const Vec3 whole(std::round(bond.x()), std::round(bond.y()), std::round(bond.z()));
    BOOST_REQUIRE((bond - whole).norm() < 1e-9);
  }
}

BOOST_AUTO_TEST_SUITE_END()
