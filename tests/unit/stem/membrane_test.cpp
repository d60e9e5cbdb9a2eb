#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/membrane.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

namespace {

using namespace aet;
using namespace aet::stem;

core::Atoms one_atom() {
  core::Atoms atoms;
  atoms.positions.emplace_back(0.0, 0.0, 0.0);
  atoms.atomic_numbers.push_back(78);
  return atoms;
}

std::vector<core::Mat3> tilts(const std::vector<double>& degrees) {
  std::vector<core::Mat3> out;
  for (const double d : degrees)
    out.push_back(core::tilt_rotation(d * core::radian_per_degree));
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(membrane)

BOOST_AUTO_TEST_CASE(density_composition_and_distances_are_right) {
  const Scan scan{16, 1.0};
  const auto film =
      membrane_atoms({MembraneMaterial::silicon_nitride, 20.0, 2.0}, one_atom(), tilts({0.0, 60.0}), scan, 1);
  core::Vec3 low = film.positions.front();
  core::Vec3 high = low;
  double nearest = 1e9;
  for (std::size_t i = 0; i < film.size(); ++i) {
    low = low.cwiseMin(film.positions[i]);
    high = high.cwiseMax(film.positions[i]);
    for (std::size_t j = 0; j < i; ++j)
      nearest = std::min(nearest, (film.positions[i] - film.positions[j]).norm());
  }
  BOOST_TEST(nearest >= 1.55);
  BOOST_TEST(low.z() >= 2.0); // behind the atom, by the gap
  BOOST_TEST(high.z() <= 22.0);
  // At 60 degrees the field of 16 A and 8 A around it looks at twice that width, and sideways through the
  // film.
  BOOST_TEST(high.x() > 32.0 + 1.7 * 2.0);
  BOOST_TEST(high.y() < 17.0);
  const double volume = (high - low).prod();
  BOOST_TEST(static_cast<double>(film.size()) / volume == 0.0901, boost::test_tools::tolerance(0.02));
  const auto silicon = std::count(film.atomic_numbers.begin(), film.atomic_numbers.end(), 14);
  BOOST_TEST(static_cast<double>(silicon) / static_cast<double>(film.size()) == 3.0 / 7.0,
             boost::test_tools::tolerance(0.01));
}

BOOST_AUTO_TEST_CASE(the_signal_of_a_thin_film_is_that_of_its_atoms) {
  // Far from the particle the film alone is seen; a thin light film scatters once, so that its mean signal is
  // the sum of cross-sections per area, which the kinematic method adds up.
  const Scan scan{16, 1.1};
  core::Atoms none = one_atom();
  const auto film = membrane_atoms({MembraneMaterial::carbon, 20.0, 0.0, true}, none, tilts({0.0}), scan, 3);
  StemOptions options;
  const core::Image fast = simulate_image({film, core::Mat3::Identity(), scan}, options, core::Threads{2});
  options.method = Method::kinematic;
  const core::Image sum = simulate_image({film, core::Mat3::Identity(), scan}, options, core::Threads{2});
  double a = 0.0;
  double b = 0.0;
  for (std::size_t i = 0; i < fast.data.size(); ++i) {
    a += static_cast<double>(fast.data[i]);
    b += static_cast<double>(sum.data[i]);
  }
  BOOST_TEST_MESSAGE("mean signal of 20 A of carbon " << a / 256.0 << ", sum of single atoms " << b / 256.0);
  // Multiple scattering and absorption: some per cent at this thickness.
  BOOST_TEST(a == b, boost::test_tools::tolerance(0.1));
}

BOOST_AUTO_TEST_CASE(a_film_seen_edge_on_is_refused) {
  BOOST_CHECK_THROW(static_cast<void>(membrane_atoms({MembraneMaterial::carbon}, one_atom(),
                                                     tilts({0.0, 85.0}), {16, 1.0}, 1)),
                    core::ConfigError);
  BOOST_CHECK_THROW(static_cast<void>(membrane_atoms({MembraneMaterial::carbon, 1000.0}, one_atom(),
                                                     tilts({0.0, 75.0}), {256, 1.0}, 1)),
                    core::ConfigError);
}

BOOST_AUTO_TEST_CASE(columns_of_the_particle_are_zero_for_the_film) {
  core::Atoms particle = one_atom();
  particle.columns["u_rms"] = {0.07};
  const auto film = membrane_atoms({MembraneMaterial::carbon, 5.0}, particle, tilts({0.0}), {16, 0.5}, 1);
  const auto both = on_membrane(particle, film);
  BOOST_TEST(both.size() == film.size() + 1);
  BOOST_TEST(both.columns.at("u_rms").front() == 0.07);
  BOOST_TEST(both.columns.at("u_rms").back() == 0.0);
  core::validate(both, "test");
}

BOOST_AUTO_TEST_SUITE_END()
