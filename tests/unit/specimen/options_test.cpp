#include "sim/core/error.hpp"
#include "sim/specimen/particle.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>

BOOST_AUTO_TEST_SUITE(particle_options)

using namespace aet;
using namespace aet::specimen;
using test::contains;

namespace {

ParticleOptions alloy() {
  ParticleOptions o;
  o.elements = {26, 78};
  o.atoms = 200;
  return o;
}

std::string refused(const std::function<void(ParticleOptions&)>& spoil) {
  ParticleOptions o = alloy();
  spoil(o);
  return test::message_of<core::ConfigError>([&] { (void)build_particle(o); });
}

} // namespace

BOOST_AUTO_TEST_CASE(every_mistake_is_named) {
  using O = ParticleOptions;
  BOOST_TEST(
      contains(refused([](O& o) { o.lattice_constant_a = 0.0; }), "lattice_constant_a = 0", "1 to 20"));
  BOOST_TEST(contains(refused([](O& o) { o.lattice_constant_a = std::nan(""); }), "nan"));
  BOOST_TEST(contains(refused([](O& o) { o.c_over_a = 9.0; }), "c_over_a = 9"));
  BOOST_TEST(contains(refused([](O& o) { o.elements.clear(); }), "number of elements = 0"));
  BOOST_TEST(contains(refused([](O& o) { o.elements = {78, 78}; }), "named twice"));
  BOOST_TEST(contains(refused([](O& o) { o.composition = {1.0}; }), "1 entries for 2 elements"));
  BOOST_TEST(contains(refused([](O& o) { o.composition = {0.5, 0.4}; }), "sums up to 0.9"));
  BOOST_TEST(contains(refused([](O& o) { o.composition = {1.5, -0.5}; }), "composition = 1.5"));
  BOOST_TEST(contains(refused([](O& o) { o.atoms.reset(); }), "radius_a or atoms"));
  BOOST_TEST(contains(refused([](O& o) { o.radius_a = 10.0; }), "not both"));
  BOOST_TEST(contains(refused([](O& o) { o.atoms = 0; }), "atoms = 0"));
  BOOST_TEST(contains(refused([](O& o) { o.grains.clear(); }), "at least one grain"));
  BOOST_TEST(contains(refused([](O& o) { o.grains[0].axis = 3; }), "grain 0: axis = 3"));
  BOOST_TEST(contains(refused([](O& o) { o.grains[0].variant = 1; }), "variant of A1 = 1"));
  BOOST_TEST(contains(refused([](O& o) { o.grains[0].order_parameter = 0.5; }), "grain 0", "A1"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.grains[0].phase = Phase::l1_0;
                        o.grains[0].order_parameter = 0.5;
                        o.grains[0].antisite_fraction = 0.1;
                      }),
                      "not both"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.grains[0].phase = Phase::l1_0;
                        o.lattice = Lattice::bcc;
                      }),
                      "L1_0", "not of bcc"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.grains[0].phase = Phase::l1_0;
                        o.elements = {78};
                      }),
                      "needs two elements; there are 1"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.grains[0].phase = Phase::l1_0;
                        o.grains[0].axis = 0;
                        o.c_over_a = 0.96;
                      }),
                      "stretched along axis 2"));
  BOOST_TEST(
      contains(refused([](O& o) { o.grains[0].rotation = 2.0 * core::Mat3::Identity(); }), "rotation"));
  BOOST_TEST(contains(refused([](O& o) { o.nuclei.emplace_back().phase = Phase::a1; }), "must be ordered"));
  BOOST_TEST(
      contains(refused([](O& o) { o.nuclei.emplace_back().length_a = 0.0; }), "nucleus 0: length_a = 0"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.nuclei.emplace_back();
                        o.grains.resize(2);
                      }),
                      "single grain"));
  BOOST_TEST(contains(refused([](O& o) { o.vacancy_fraction = 0.5; }), "vacancy_fraction = 0.5"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.atoms = 20;
                        o.vacancy_fraction = 0.2;
                      }),
                      "5 vacancies"));
  BOOST_TEST(contains(refused([](O& o) { o.strain(0, 0) = 0.5; }), "strain"));
  BOOST_TEST(contains(refused([](O& o) { o.strain(0, 1) = 0.1; }), "symmetric"));
  BOOST_TEST(contains(refused([](O& o) { o.orientation(0, 0) = -1.0; }), "orientation"));
  BOOST_TEST(contains(refused([](O& o) { o.u_rms_a = {0.1}; }), "1 entries for 2 elements"));
  BOOST_TEST(contains(refused([](O& o) { o.u_rms_a = {0.1, 0.9}; }), "u_rms_a = 0.9"));
  BOOST_TEST(contains(refused([](O& o) { o.static_displacement_a = -1.0; }), "static_displacement_a = -1"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.matrix = MatrixOptions{};
                        o.matrix->core_radius_a = 30.0;
                      }),
                      "does not fit"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.matrix = MatrixOptions{};
                        o.vacancy_fraction = 0.1;
                      }),
                      "cannot be combined"));
  BOOST_TEST(contains(refused([](O& o) {
                        o.atoms.reset();
                        o.radius_a = 1.0;
                        o.centre_cells = core::Vec3(0.5, 0, 0);
                      }),
                      "no lattice site"));
}

BOOST_AUTO_TEST_CASE(atoms_that_come_too_close_are_refused) {
  ParticleOptions o = alloy();
  o.static_displacement_a = 0.5;
  BOOST_TEST(contains(test::message_of<core::DataError>([&] { (void)build_particle(o); }), "apart",
                      "static_displacement_a"));
}

BOOST_AUTO_TEST_SUITE_END()
