#include "sim/core/neighbours/pairs.hpp"
#include "sim/specimen/particle.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(defects)

using namespace aet;
using namespace aet::specimen;
using core::Mat3;
using core::Vec3;

BOOST_AUTO_TEST_CASE(vacancies_are_inside_and_as_many_as_asked) {
  ParticleOptions o;
  o.radius_a = 14.0;
  const std::size_t complete = build_particle(o).atoms.size();
  o.vacancy_fraction = 0.03;
  const Particle p = build_particle(o);
  BOOST_TEST(p.vacancies == static_cast<std::size_t>(std::lround(0.03 * static_cast<double>(complete))));
  BOOST_TEST(p.atoms.size() + p.vacancies == complete);
  // By count: the atoms that are there count.
  o.radius_a.reset();
  o.atoms = 970;
  const Particle counted = build_particle(o);
  BOOST_TEST(counted.atoms.size() == 970U);
  BOOST_TEST(counted.vacancies == 30U);
}

BOOST_AUTO_TEST_CASE(strain_maps_every_bond) {
  ParticleOptions o;
  o.atoms = 300;
  const auto before = build_particle(o).atoms.positions;
  o.strain << 0.02, 0.01, 0.0, 0.01, -0.03, 0.005, 0.0, 0.005, 0.04;
  const auto after = build_particle(o).atoms.positions;
  for (std::size_t i = 1; i < before.size(); ++i) {
    const Vec3 expected = (Mat3::Identity() + o.strain) * (before[i] - before[0]);
    BOOST_REQUIRE((after[i] - after[0] - expected).norm() < 1e-10);
  }
}

BOOST_AUTO_TEST_CASE(a_tetragonal_particle_is_shorter_along_its_axis) {
  ParticleOptions o;
  o.elements = {26, 78};
  o.lattice_constant_a = 3.85;
  o.c_over_a = 0.96;
  o.unique_axis = 0;
  o.grains.front().phase = Phase::l1_0;
  o.grains.front().axis = 0;
  o.atoms = 500;
  const Particle p = build_particle(o);
  // Nearest unlike neighbours: sqrt(a^2 + c^2) / 2, like ones a / sqrt(2).
  double unlike = 100.0;
  double like = 100.0;
  for (const auto& [i, j] : core::close_pairs(p.atoms.positions, 3.5)) {
    double& least = p.atoms.atomic_numbers[i] == p.atoms.atomic_numbers[j] ? like : unlike;
    least = std::min(least, (p.atoms.positions[i] - p.atoms.positions[j]).norm());
  }
  BOOST_TEST(std::abs(unlike - 0.5 * 3.85 * std::sqrt(1.0 + 0.96 * 0.96)) < 1e-9);
  BOOST_TEST(std::abs(like - 3.85 / std::sqrt(2.0)) < 1e-9);
}

BOOST_AUTO_TEST_CASE(thermal_motion_is_a_column_and_static_displacement_moves_atoms) {
  ParticleOptions o;
  o.elements = {26, 78};
  o.atoms = 4000;
  o.u_rms_a = {0.08, 0.06};
  const Particle still = build_particle(o);
  for (std::size_t i = 0; i < still.atoms.size(); ++i) {
    BOOST_REQUIRE(still.atoms.columns.at("u_rms")[i] == (still.atoms.atomic_numbers[i] == 26 ? 0.08 : 0.06));
  }
  o.static_displacement_a = 0.05;
  const Particle moved = build_particle(o);
  double square = 0.0;
  for (std::size_t i = 0; i < moved.atoms.size(); ++i)
    square += (moved.atoms.positions[i] - still.atoms.positions[i]).squaredNorm() / 3.0;
  // 12,000 deviates: the rms is known to 0.05 / sqrt(24000) = 0.65 %.
  BOOST_TEST(std::abs(std::sqrt(square / 4000.0) / 0.05 - 1.0) < 4 * 0.0065);
  BOOST_TEST(core::centroid(moved.atoms).norm() < 1e-10);
}

BOOST_AUTO_TEST_SUITE_END()
