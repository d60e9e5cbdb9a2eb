#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "tests/support/message.hpp"
#include "validation/score/model_comparison.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>

BOOST_AUTO_TEST_SUITE(model_comparison)

using namespace aet;

namespace {

/// 1,000 sites 2.75 A apart with alternating species.
core::Atoms crystal() {
  core::Atoms atoms;
  for (int z = 0; z < 10; ++z) {
    for (int y = 0; y < 10; ++y) {
      for (int x = 0; x < 10; ++x) {
        atoms.positions.push_back(2.75 * core::Vec3(x - 4.5, y - 4.5, z - 4.5));
        atoms.atomic_numbers.push_back((x + y + z) % 2 == 0 ? 26 : 78);
      }
    }
  }
  return atoms;
}

core::Atoms measured(core::Atoms atoms, double sd, std::uint64_t seed) {
  core::RandomStream random(seed, "test.measured");
  for (auto& p : atoms.positions)
    p += sd * core::Vec3(random.normal(), random.normal(), random.normal());
  return atoms;
}

} // namespace

BOOST_AUTO_TEST_CASE(known_displacements_give_the_known_precision) {
  // Two measurements with sd 0.15 A per axis each: deviations are Maxwell with sd 0.15 sqrt 2, mean 2 sqrt(2
  // / pi) of it; precision is that over sqrt 2.
  const auto a = measured(crystal(), 0.15, 1);
  const auto b = measured(crystal(), 0.15, 2);
  const auto c = validation::compare_models(a, b);
  BOOST_TEST(c.pairs == 1000U);
  BOOST_TEST(c.score.consistency == 1.0);
  const double mean = 0.15 * std::sqrt(2.0) * 2.0 * std::sqrt(2.0 / std::numbers::pi);
  // Of 1,000 Maxwell deviations the mean has a standard error of 1.3 %; the affine fit takes 12 degrees of
  // freedom.
  BOOST_TEST(std::abs(*c.score.mean_deviation_a / mean - 1.0) < 0.05);
  BOOST_TEST(std::abs(*c.score.precision_a / (mean / std::sqrt(2.0)) - 1.0) < 0.05);
  BOOST_TEST(std::abs(*c.rmsd_a / (0.15 * std::sqrt(6.0)) - 1.0) < 0.05);
}

BOOST_AUTO_TEST_CASE(a_remnant_distortion_is_taken_out) {
  const auto a = crystal();
  auto b = a;
  core::Mat3 stretch = core::tilt_rotation(0.02);
  stretch(2, 2) *= 1.02;
  for (auto& p : b.positions)
    p = stretch * p + core::Vec3(0.1, -0.2, 0.3);
  const auto c = validation::compare_models(a, b);
  BOOST_TEST(*c.rmsd_a < 1e-9);
  BOOST_TEST(*c.rmsd_rigid_a > 0.03);
  BOOST_TEST(std::abs(c.largest_strain - 0.02) < 1e-3);
}

BOOST_AUTO_TEST_CASE(borderline_atoms_take_the_species_of_a_sure_partner) {
  auto a = crystal();
  auto b = crystal();
  a.columns["probability"].assign(1000, 1.0);
  b.columns["probability"].assign(1000, 1.0);
  for (const std::size_t i : {10U, 500U, 700U})
    a.atomic_numbers[i] = a.atomic_numbers[i] == 26 ? 78 : 26;
  a.columns["probability"][10] = 0.6;  // doubtful here, sure there: taken over
  a.columns["probability"][500] = 0.6; // doubtful on both sides: left
  b.columns["probability"][500] = 0.7;
  const auto c = validation::compare_models(a, b); // 700: sure on both sides, left
  BOOST_TEST((c.other_species == std::vector<std::size_t>{10, 500, 700}));
  BOOST_TEST((c.taken_over == std::vector<std::size_t>{10}));
  BOOST_TEST(c.first.atomic_numbers[10] == b.atomic_numbers[10]);
  BOOST_TEST(c.first.atomic_numbers[500] == a.atomic_numbers[500]);
  BOOST_TEST(std::abs(c.score.consistency - 0.997) < 1e-12); // before species are taken over
}

BOOST_AUTO_TEST_CASE(missing_atoms_lower_the_consistency) {
  const auto a = crystal();
  auto b = crystal();
  b.positions.resize(900);
  b.atomic_numbers.resize(900);
  const auto c = validation::compare_models(a, b);
  BOOST_TEST(std::abs(c.score.consistency - 1800.0 / 1900.0) < 1e-12);
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_named) {
  validation::ComparisonOptions options;
  options.borderline_probability = 1.5;
  const auto message = test::message_of<core::ConfigError>(
      [&] { (void)validation::compare_models(crystal(), crystal(), options); });
  BOOST_TEST(test::contains(message, "borderline_probability is 1.5"));
}

BOOST_AUTO_TEST_SUITE_END()
