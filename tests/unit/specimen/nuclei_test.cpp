#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/specimen/alloy_order.hpp"
#include "sim/specimen/particle.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>

BOOST_AUTO_TEST_SUITE(planted_nuclei)

using namespace aet;
using namespace aet::specimen;
using core::Vec3;

BOOST_AUTO_TEST_CASE(order_fades_as_the_profile_says) {
  ParticleOptions o;
  o.elements = {26, 78};
  o.atoms = 12000;
  OrderedNucleus nucleus;
  nucleus.order_parameter = 0.95;
  nucleus.length_a = 15.0;
  nucleus.exponent = 2.5;
  nucleus.centre_a = Vec3(4, -3, 2);
  o.nuclei = {nucleus};
  // Order in shells around the centre, averaged over particles, against the mean of the profile over the
  // shell.
  constexpr int shells = 4;
  constexpr int particles = 8;
  constexpr double width = 6.0;
  std::array<double, shells> measured{};
  std::array<double, shells> wanted{};
  std::array<double, shells> atoms{};
  for (int k = 0; k < particles; ++k) {
    o.seed = static_cast<std::uint64_t>(k + 1);
    const Particle p = build_particle(o);
    BOOST_TEST(std::count(p.atoms.atomic_numbers.begin(), p.atoms.atomic_numbers.end(), 26) == 6000);
    // Built coordinates are shifted to the centroid; without defects that is where the centre of symmetry is.
    for (int s = 0; s < shells; ++s) {
      Owners owners;
      Species species;
      double sum = 0.0;
      for (std::size_t i = 0; i < p.atoms.size(); ++i) {
        const double r = (p.atoms.positions[i] - nucleus.centre_a).norm();
        if (r < s * width || r >= (s + 1) * width) continue;
        owners.push_back(static_cast<int>(p.atoms.columns.at("sublattice")[i]));
        species.push_back(p.atoms.atomic_numbers[i] == 26 ? 0 : 1);
        sum += 0.95 * std::exp(-std::pow(r / 15.0, 2.5));
      }
      const auto shell = static_cast<std::size_t>(s);
      measured.at(shell) += order_parameter(owners, species).value() / particles;
      wanted.at(shell) += sum / static_cast<double>(owners.size()) / particles;
      atoms.at(shell) += static_cast<double>(owners.size());
    }
  }
  for (std::size_t s = 0; s < shells; ++s) {
    // Standard deviation of S over n atoms is at most n^-1/2; centroid of a trimmed sphere is off by < 0.05
    // A.
    BOOST_TEST(std::abs(measured.at(s) - wanted.at(s)) < 4.0 / std::sqrt(atoms.at(s)) + 0.005);
  }
}

BOOST_AUTO_TEST_CASE(a_sharp_nucleus_is_perfect_inside_and_random_outside) {
  ParticleOptions o;
  o.elements = {26, 78};
  o.atoms = 6000;
  OrderedNucleus nucleus;
  nucleus.phase = Phase::l1_2_ab3;
  nucleus.variant = 1;
  nucleus.length_a = 10.0;
  nucleus.exponent = 20.0;
  o.nuclei = {nucleus};
  o.composition = {0.25, 0.75};
  const Particle p = build_particle(o);
  BOOST_REQUIRE(p.regions.size() == 2U);
  BOOST_TEST(p.regions[1].name == "nucleus 0");
  const auto& planted = p.atoms.columns.at("planted");
  double wanted = 0.0; // the edge, from 1 to one half, is part of the nucleus
  for (std::size_t i = 0; i < p.atoms.size(); ++i)
    wanted += planted[i] == 0.0
                  ? p.atoms.columns.at("order_wanted")[i] / static_cast<double>(p.regions[1].atoms)
                  : 0.0;
  BOOST_TEST(wanted > 0.9);
  BOOST_TEST(std::abs(p.regions[1].order_parameter.value() - wanted) < 0.05);
  for (std::size_t i = 0; i < p.atoms.size(); ++i) {
    // exp(-(r/10)^20) falls through one half at 9.8.
    const double r = p.atoms.positions[i].norm();
    if (r < 9.7) BOOST_REQUIRE(planted[i] == 0.0);
    if (r < 6.0)
      BOOST_REQUIRE((p.atoms.columns.at("sublattice")[i] == 0.0) == (p.atoms.atomic_numbers[i] == 26));
    if (r > 9.95) BOOST_REQUIRE(planted[i] == -1.0);
  }
}

BOOST_AUTO_TEST_CASE(a_crystal_core_keeps_its_distance_from_the_packing) {
  ParticleOptions o;
  o.atoms = 1500;
  o.matrix = MatrixOptions{};
  o.matrix->core_radius_a = 7.0;
  const Particle p = build_particle(o);
  BOOST_TEST(p.atoms.size() == 1500U);
  BOOST_TEST(p.minimum_distance_a >= 2.4);
  const auto& phase = p.atoms.columns.at("phase");
  const auto crystal = static_cast<std::size_t>(std::count(phase.begin(), phase.end(), 0.0));
  std::size_t brute = 0; // fcc sites within 7 A of an atom
  for (int x = -8; x <= 8; ++x) {
    for (int y = -8; y <= 8; ++y) {
      for (int z = -8; z <= 8; ++z)
        brute += (x + y + z) % 2 == 0 && 1.96 * std::sqrt(x * x + y * y + z * z) <= 7.0 ? 1 : 0;
    }
  }
  BOOST_TEST(crystal == brute);
  BOOST_TEST(p.regions.back().phase == "amorphous");
  BOOST_TEST(p.regions.back().atoms == 1500U - brute);
  // The same by radius: the density of the matrix is the one asked for.
  o.atoms.reset();
  o.radius_a = 18.0;
  const Particle q = build_particle(o);
  const double shell = 4.0 / 3.0 * 3.14159265 * (18.0 * 18.0 * 18.0 - 343.0);
  BOOST_TEST(std::abs(static_cast<double>(q.regions.back().atoms) / shell / 0.058 - 1.0) < 1e-3);
}

BOOST_AUTO_TEST_CASE(a_given_matrix_surrounds_the_core) {
  ParticleOptions liquid;
  liquid.atoms = 2000;
  liquid.matrix = MatrixOptions{};
  liquid.matrix->core_radius_a = 0.0;
  ParticleOptions o = liquid;
  o.matrix->atoms = build_particle(liquid).atoms;
  for (core::Vec3& r : o.matrix->atoms->positions)
    r += Vec3(100, 0, 0); // where the file has its origin does not matter
  o.matrix->core_radius_a = 8.0;
  o.atoms = 1200;
  const Particle p = build_particle(o);
  BOOST_TEST(p.atoms.size() == 1200U);
  BOOST_TEST(p.minimum_distance_a >= 2.4);
  using test::contains;
  o.atoms = 2500;
  BOOST_TEST(contains(test::message_of<core::DataError>([&] { (void)build_particle(o); }), "matrix", "2000"));
  o.atoms = 1200;
  o.elements = {79};
  BOOST_TEST(
      contains(test::message_of<core::DataError>([&] { (void)build_particle(o); }), "atomic number 78"));
}

BOOST_AUTO_TEST_SUITE_END()
