// Moments of one specimen: laid onto each other, and how sure their events are.
#include "analysis/moment/moment_chance.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/specimen/random_packing.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/phantoms.hpp"
#include "validation/score/event_probability.hpp"
#include "validation/score/register_moments.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(moments)

using namespace aet;
using namespace aet::test;
using core::Vec3;

namespace {

core::Atoms packing(std::uint64_t seed) {
  core::Atoms atoms;
  specimen::PackingOptions options;
  options.seed = seed;
  atoms.positions = specimen::random_packing(300, specimen::Shape{}, 11.5, {}, options);
  atoms.atomic_numbers.assign(300, 78);
  return atoms;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_turned_moment_is_turned_back) {
  const core::Atoms first = packing(1);
  for (const double turn : {0.05, 1.2}) {
    core::Atoms later = shaken(rotated(first, {turn, 0.7 * turn, -0.4 * turn}), 0.1, 3);
    for (Vec3& p : later.positions)
      p += Vec3(1.5, -0.7, 0.3);
    later.positions.erase(later.positions.begin(), later.positions.begin() + 15); // it changed as well
    later.atomic_numbers.resize(later.positions.size());
    const auto done = validation::register_moment(first, later, validation::Alignment::rigid);
    BOOST_TEST_CONTEXT("turned by " << turn) {
      BOOST_TEST(done.moved);
      BOOST_TEST(done.matched > 0.93);
      for (std::size_t i = 0; i < later.size(); ++i)
        BOOST_TEST((later.positions[i] - first.positions[i + 15]).norm() < 0.7); // four times the shaking
    }
  }
}

BOOST_AUTO_TEST_CASE(another_particle_stays_where_it_is) {
  const core::Atoms first = packing(1);
  core::Atoms other = packing(2);
  const std::vector<Vec3> before = other.positions;
  const auto done = validation::register_moment(first, other, validation::Alignment::rigid);
  BOOST_TEST(!done.moved);
  BOOST_TEST((other.positions == before));
  BOOST_TEST(done.sentence.find("is it the same particle?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(planted_events_survive_small_errors_and_not_large_ones) {
  specimen::LiquidPhantom phantom = liquid_series();
  phantom.moments.resize(2);
  phantom.parents.resize(2);
  const std::vector<core::Atoms> series = specimen::build_phantom(phantom);
  const validation::Analyse analyse = [](const core::Atoms& atoms) {
    return analysis::analyze_moment(atoms, {});
  };
  std::vector<analysis::MomentAnalysis> frames;
  for (const core::Atoms& atoms : series)
    frames.push_back(analyse(atoms));
  analysis::Dynamics dynamics = analysis::analyze_dynamics(frames);
  BOOST_REQUIRE(dynamics.events.size() == 1U); // two crystals merge
  validation::set_event_probabilities(dynamics, frames, analyse, {.rms_pm = 10.0, .trials = 4});
  BOOST_TEST(dynamics.events[0].probability.value() == 1.0);
  validation::set_event_probabilities(dynamics, frames, analyse, {.rms_pm = 120.0, .trials = 4});
  BOOST_TEST(dynamics.events[0].probability.value() < 0.5);
  BOOST_CHECK_EXCEPTION(validation::set_event_probabilities(dynamics, frames, analyse, {.rms_pm = -1.0}),
                        core::ConfigError, says("allowed are 0 to 300"));
}

BOOST_AUTO_TEST_SUITE_END()
