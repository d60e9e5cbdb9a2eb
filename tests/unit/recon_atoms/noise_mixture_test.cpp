#include "recon/atoms/noise_mixture.hpp"
#include "sim/core/random.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>

BOOST_AUTO_TEST_SUITE(noise_mixture)

using namespace aet;

namespace {

/// Peaks of noise down to a cut, and atoms.
std::vector<double> strengths(std::size_t noise, double noise_sd, std::size_t atoms, double atom_sd,
                              std::uint64_t seed) {
  core::RandomStream random(seed, "strengths");
  std::vector<double> out;
  while (out.size() < noise) {
    const double v = noise_sd * std::abs(random.normal());
    if (v > 0.05) out.push_back(v);
  }
  for (std::size_t i = 0; i < atoms; ++i)
    out.push_back(1.0 + atom_sd * random.normal());
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(planted_parts_are_found_where_no_valley_is_left) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto found = recon::noise_mixture(strengths(8000, 0.33, 4000, 0.3, seed), 1.0);
    BOOST_REQUIRE(found.has_value());
    // The parts overlap; 12,000 peaks tell their sizes to a few percent, the noise from its lower half.
    BOOST_TEST(found->noise_count == 8000.0, boost::test_tools::tolerance(0.05));
    BOOST_TEST(found->noise_sd == 0.33, boost::test_tools::tolerance(0.08));
    BOOST_TEST(found->mean == 1.0, boost::test_tools::tolerance(0.03));
    BOOST_TEST(found->sd == 0.3, boost::test_tools::tolerance(0.06));
    BOOST_TEST(found->threshold > 0.45);
    BOOST_TEST(found->threshold < 0.85);
  }
}

BOOST_AUTO_TEST_CASE(the_expected_mistakes_are_those_made) {
  const std::size_t noise = 8000;
  const std::vector<double> all = strengths(noise, 0.33, 4000, 0.3, 9);
  const auto found = recon::noise_mixture(all, 1.0);
  BOOST_REQUIRE(found.has_value());
  double above = 0.0;
  double below = 0.0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i < noise && all[i] > found->threshold) above += 1.0;
    if (i >= noise && all[i] < found->threshold) below += 1.0;
  }
  // Four standard deviations of counts, and what the parts' sizes are uncertain by.
  BOOST_TEST(std::abs(found->noise_above - above) < 4.0 * std::sqrt(above) + 0.1 * above);
  BOOST_TEST(std::abs(found->atoms_below - below) < 4.0 * std::sqrt(below) + 0.1 * below);
}

BOOST_AUTO_TEST_CASE(one_species_alone_and_two_species_are_not_divided) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    BOOST_TEST(!recon::noise_mixture(strengths(0, 1.0, 3000, 0.25, seed), 1.0).has_value());
    std::vector<double> two = strengths(0, 1.0, 2000, 0.1, seed);
    for (const double v : strengths(0, 1.0, 2000, 0.1, seed + 50))
      two.push_back(0.35 * v);
    BOOST_TEST(!recon::noise_mixture(two, 1.0).has_value());
  }
  BOOST_TEST(!recon::noise_mixture({1.0, 0.9, 1.1}, 1.0).has_value());
  BOOST_TEST(!recon::noise_mixture(std::vector<double>(500, 1.0), 1.0).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
