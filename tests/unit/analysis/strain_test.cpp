#include "analysis/chemistry/strain.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "tests/support/crystals.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(strain)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

constexpr double a = 3.87;

LatticeSites sites_of(const std::vector<Vec3>& positions) {
  return lattice_sites(positions, core::neighbours_within(positions, std::nullopt, 3.3));
}

core::Atoms turned_ball(double radius) {
  return rotated(fcc_ball(a, radius), {0.3, 0.5, 0.7});
}

} // namespace

BOOST_AUTO_TEST_CASE(a_uniform_strain_and_turn_are_exact) {
  core::Atoms atoms = turned_ball(13.0);
  core::Mat3 gradient;
  gradient << 0.010, 0.004, 0.000, 0.002, -0.006, 0.003, 0.001, 0.000, 0.004;
  for (Vec3& p : atoms.positions)
    p += gradient * p;
  const StrainField field = strain_field(atoms.positions, sites_of(atoms.positions));
  // The reference is a cube of the strained volume, turned as the lattice is on the whole: what is left is
  // the deviatoric part, to second order in the strain (1e-4).
  const core::Mat3 even = 0.5 * (gradient + gradient.transpose());
  const double mean = even.trace() / 3.0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    BOOST_REQUIRE(field.valid[i] == 1);
    BOOST_TEST(std::abs(field.strain[i][0] - (even(0, 0) - mean)) < 3e-4);
    BOOST_TEST(std::abs(field.strain[i][1] - (even(1, 1) - mean)) < 3e-4);
    BOOST_TEST(std::abs(field.strain[i][2] - (even(2, 2) - mean)) < 3e-4);
    BOOST_TEST(std::abs(field.strain[i][3] - even(1, 2)) < 3e-4);
    BOOST_TEST(std::abs(field.strain[i][4] - even(0, 2)) < 3e-4);
    BOOST_TEST(std::abs(field.strain[i][5] - even(0, 1)) < 3e-4);
    BOOST_TEST(field.rotation[i].norm() < 3e-4);
  }
}

BOOST_AUTO_TEST_CASE(a_bent_crystal_is_bent) {
  // u = (k x z, 0, -k x^2 / 2): e_xx = k z, turned by k x about y.
  core::Atoms atoms = fcc_ball(a, 16.0);
  const double k = 0.002;
  const std::vector<Vec3> straight = atoms.positions;
  for (Vec3& p : atoms.positions)
    p += Vec3(k * p.x() * p.z(), 0.0, -0.5 * k * p.x() * p.x());
  const StrainField field = strain_field(atoms.positions, sites_of(atoms.positions));
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (straight[i].norm() > 9.0) continue; // the kernel is whole: a linear strain is exact
    BOOST_TEST(std::abs(field.strain[i][0] - k * straight[i].z()) < 1e-3);
    BOOST_TEST(std::abs(field.rotation[i].y() - k * straight[i].x()) < 1e-3);
  }
}

BOOST_AUTO_TEST_CASE(a_screw_dislocation_strains_as_elasticity_says) {
  // Along z through a place between atoms: u_z = b theta / 2 pi, so e_yz and e_xz are b / (4 pi r) across.
  core::Atoms atoms = fcc_ball(a, 26.0);
  const double burgers = a / std::sqrt(2.0) * 0.2; // a partial one: the lattice stays one grain
  const Vec3 core_at(0.9, 0.7, 0.0);
  for (Vec3& p : atoms.positions)
    p.z() += burgers / (2.0 * core::pi) * std::atan2(p.y() - core_at.y(), p.x() - core_at.x());
  const LatticeSites sites = sites_of(atoms.positions);
  const StrainField field = strain_field(atoms.positions, sites, {.kernel_a = 2.0});
  int seen = 0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const Vec3 d = atoms.positions[i] - core_at;
    const double r = std::hypot(d.x(), d.y());
    // Away from the core, the rim and the cut, where the small vector leaves a step.
    if (r < 9.0 || r > 16.0 || std::abs(d.z()) > 10.0 || d.x() < 0.0) continue;
    const double expected = burgers / (4.0 * core::pi * r);
    const double across = (field.strain[i][3] * d.x() - field.strain[i][4] * d.y()) / r;
    BOOST_TEST(std::abs(across / expected - 1.0) < 0.15);
    ++seen;
  }
  BOOST_TEST(seen > 100);
}

BOOST_AUTO_TEST_CASE(two_halves_of_a_twin_are_unstrained) {
  const core::Atoms ball = fcc_ball(a, 14.0);
  const Vec3 normal = Vec3(1, 1, 1).normalized();
  std::vector<Vec3> twin;
  for (const Vec3& p : ball.positions) {
    const double height = p.dot(normal);
    if (height > -1e-6) twin.push_back(p);
    if (height > 1e-6) twin.push_back(p - 2.0 * height * normal); // the mirror image
  }
  const LatticeSites sites = sites_of(twin);
  BOOST_TEST(sites.grains.size() == 2U);
  const StrainField field = strain_field(twin, sites);
  for (std::size_t i = 0; i < twin.size(); ++i)
    if (field.valid[i] == 1)
      for (const double e : field.strain[i])
        BOOST_TEST(std::abs(e) < 1e-6);
  for (const double rms : field.displacement_rms_a)
    BOOST_TEST(rms < 1e-6);
}

BOOST_AUTO_TEST_CASE(errors_of_coordinates_become_errors_of_strain) {
  const core::Atoms ball = fcc_ball(a, 13.0);
  const double sd = 0.08;
  const std::vector<Vec3> errors(ball.size(), Vec3::Constant(sd));
  std::array<double, 6> squares{};
  double count = 0.0;
  for (std::uint64_t trial = 0; trial < 6; ++trial) {
    const core::Atoms off = shaken(ball, sd, 40 + trial);
    const LatticeSites sites = sites_of(off.positions);
    const StrainField field = strain_field(off.positions, sites, {}, errors);
    for (std::size_t i = 0; i < off.size(); ++i) {
      if (field.valid[i] == 0) continue;
      for (std::size_t c = 0; c < 6; ++c)
        squares[c] += std::pow(field.strain[i][c] / field.strain_sd[i][c], 2);
      count += 1.0;
    }
    // The 3D displacement: sqrt(3) x 0.08 A, less the seven parameters of the rigid lattice.
    BOOST_TEST(std::abs(field.displacement_rms_a[0] / (std::sqrt(3.0) * sd) - 1.0) < 0.05);
  }
  for (const double s : squares) // strains of neighbours err together: some 30 independent ones a trial
    BOOST_TEST(std::abs(std::sqrt(s / count) - 1.0) < 0.2);
}

BOOST_AUTO_TEST_CASE(bad_strain_input_is_named) {
  const core::Atoms ball = fcc_ball(a, 8.0);
  const LatticeSites sites = sites_of(ball.positions);
  BOOST_CHECK_EXCEPTION((void)strain_field(ball.positions, sites, {.kernel_a = 0.0}), core::ConfigError,
                        says("kernel of 0 A"));
  const std::vector<Vec3> few(3, Vec3::Zero());
  BOOST_CHECK_EXCEPTION((void)strain_field(ball.positions, sites, {}, few), core::DataError,
                        says("errors of 3 atoms"));
}

BOOST_AUTO_TEST_SUITE_END()
