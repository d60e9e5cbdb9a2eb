#include "recon/atoms/classify.hpp"
#include "recon/atoms/trace.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_atoms/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(classify)

using namespace aet;
using recon::Classification;
using recon::ClassifyOptions;
using recon::NonAtomMethod;

namespace {

/// Atoms of several species in a ball, with weak peaks that are none strewn outside of it.
struct Phantom {
  std::vector<core::Vec3> positions;
  std::vector<int> species; ///< -1: planted non-atom
  core::Volume volume;
};

struct PhantomOptions {
  std::size_t atoms = 300;
  std::vector<double> heights{0.16, 1.0}; ///< (26 / 78)^1.7 = 0.154
  std::vector<double> shares{0.4, 0.6};
  double height_sd = 0.05; ///< relative
  std::size_t non_atoms = 80;
  double non_atom_height = 0.04;
  double noise = 0.01;
  double wedge_dimming = 0.0; ///< intensity lost in the directions near the beam
  std::uint64_t seed = 1;
};

Phantom make(const PhantomOptions& o) {
  Phantom p;
  core::RandomStream random(o.seed, "test.species");
  const auto atoms = test::random_ball(o.atoms, 11.5, 2.4, o.seed);
  const auto shell = test::random_ball(3000, 15.5, 2.2, o.seed + 100);
  p.volume = core::Volume(92, 92, 92, 0.37);
  for (const auto& r : atoms) {
    double u = random.uniform();
    std::size_t s = 0;
    while (s + 1 < o.shares.size() && u > o.shares[s]) {
      u -= o.shares[s];
      ++s;
    }
    double height = o.heights[s] * (1.0 + o.height_sd * random.normal());
    if (std::abs(r.x()) < std::tan(25.0 * std::numbers::pi / 180.0) * std::abs(r.z()))
      height *= 1.0 - o.wedge_dimming;
    p.positions.push_back(r);
    p.species.push_back(static_cast<int>(s));
    test::add_atom(p.volume, r, height, {0.42, 1.15});
  }
  std::size_t planted = 0;
  for (const auto& r : shell) {
    if (planted == o.non_atoms || r.norm() < 13.5) continue;
    p.positions.push_back(r);
    p.species.push_back(-1);
    test::add_atom(p.volume, r, o.non_atom_height * (0.6 + 0.8 * random.uniform()));
    ++planted;
  }
  test::add_noise(p.volume, o.noise, o.seed);
  return p;
}

/// Peaks that came out as something else than they were made as.
std::size_t wrong(const Phantom& p, const Classification& c) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < p.species.size(); ++i)
    count += p.species[i] != c.species[i] ? 1U : 0U;
  return count;
}

ClassifyOptions iron_platinum() {
  ClassifyOptions options;
  options.elements = {78, 26};
  return options;
}

} // namespace

BOOST_AUTO_TEST_CASE(two_species_and_planted_non_atoms_are_told_apart) {
  const Phantom p = make({});
  const Classification c = recon::classify_peaks(p.volume, p.positions, iron_platinum(), {2});
  BOOST_TEST(wrong(p, c) == 0U);
  BOOST_TEST((c.elements == std::vector<int>{26, 78})); // by atomic number, dimmest first
  BOOST_TEST(c.summary.non_atoms == 80U);
  BOOST_TEST(c.summary.start_dependent == 0U);
  BOOST_TEST(c.summary.unbiased_settled);
  BOOST_TEST(c.summary.expected_wrong < 1.0);
  BOOST_TEST(c.summary.crossing_points.size() == 1U);
  const core::Atoms atoms = recon::classified_atoms(p.positions, c);
  BOOST_TEST(atoms.size() == c.summary.per_species[0] + c.summary.per_species[1]);
  BOOST_TEST(atoms.columns.at("probability").size() == atoms.size());
}

BOOST_AUTO_TEST_CASE(the_published_methods_find_species_too) {
  const Phantom p = make({});
  for (const auto method : {NonAtomMethod::three_class_l1, NonAtomMethod::k_means_l1}) {
    ClassifyOptions options = iron_platinum();
    options.non_atoms = method;
    const Classification c = recon::classify_peaks(p.volume, p.positions, options, {1});
    std::size_t species_wrong = 0;
    for (std::size_t i = 0; i < p.species.size(); ++i)
      species_wrong += p.species[i] >= 0 && c.species[i] >= 0 && p.species[i] != c.species[i] ? 1U : 0U;
    BOOST_TEST(species_wrong == 0U);
    // Their line between dim atoms and non-atoms lies half way; height 0.04 against 0.16 is well apart.
    BOOST_TEST(wrong(p, c) <= p.species.size() / 50);
  }
}

BOOST_AUTO_TEST_CASE(three_species_as_in_cobalt_palladium_platinum) {
  PhantomOptions o;
  o.heights = {0.165, 0.41, 1.0}; // (27 / 78)^1.7, (46 / 78)^1.7
  o.shares = {0.3, 0.3, 0.4};
  const Phantom p = make(o);
  ClassifyOptions options;
  options.elements = {27, 46, 78};
  const Classification c = recon::classify_peaks(p.volume, p.positions, options, {2});
  BOOST_TEST(wrong(p, c) == 0U);
  BOOST_TEST(c.summary.crossing_points.size() == 2U);
}

BOOST_AUTO_TEST_CASE(probabilities_are_right_where_species_overlap) {
  PhantomOptions o;
  o.heights = {0.7, 1.0};
  o.height_sd = 0.12;
  o.noise = 0.02;
  std::size_t mistakes = 0;
  std::size_t listed = 0;
  double expected = 0.0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    o.seed = seed;
    const Phantom p = make(o);
    ClassifyOptions options;
    options.elements = {64, 78}; // (64 / 78)^1.7 = 0.71
    const Classification c = recon::classify_peaks(p.volume, p.positions, options, {2});
    for (std::size_t i = 0; i < p.species.size(); ++i) {
      const bool is_wrong = p.species[i] >= 0 && p.species[i] != c.species[i];
      mistakes += is_wrong ? 1U : 0U;
      const auto& b = c.summary.borderline;
      listed += is_wrong && std::find(b.begin(), b.end(), i) != b.end() ? 1U : 0U;
    }
    expected += c.summary.expected_wrong;
  }
  BOOST_TEST_MESSAGE("mistakes " << mistakes << ", expected " << expected << ", listed " << listed);
  BOOST_TEST(mistakes > 20U); // otherwise nothing is tested
  // The sum of 1 - p predicts the number of mistakes: Poisson error of some 80 is 11 %, and the two means and
  // widths are themselves fitted to overlapping data.
  BOOST_TEST(std::abs(expected - static_cast<double>(mistakes)) < 0.4 * static_cast<double>(mistakes));
  BOOST_TEST(static_cast<double>(listed) > 0.85 * static_cast<double>(mistakes));
}

BOOST_AUTO_TEST_CASE(atoms_in_the_missing_wedge_are_weaker_and_still_right) {
  PhantomOptions o;
  o.heights = {0.6, 1.0};
  o.wedge_dimming = 0.22; // dims the brighter one to 0.78, below the middle of 0.8
  const Phantom p = make(o);
  ClassifyOptions options;
  options.elements = {58, 78}; // (58 / 78)^1.7 = 0.60
  options.local_radius_a = 0.0;
  const auto mistakes = [&](const ClassifyOptions& with) {
    return wrong(p, recon::classify_peaks(p.volume, p.positions, with, {2}));
  };
  const std::size_t without = mistakes(options);
  options.missing_wedge_deg = 25.0;
  const Classification c = recon::classify_peaks(p.volume, p.positions, options, {2});
  BOOST_TEST(c.summary.wedge_treated);
  BOOST_TEST(c.summary.wedge_peaks > 40U);
  BOOST_TEST(c.summary.wedge_ratio < 0.95);
  const std::size_t wedge = wrong(p, c);
  options.local_radius_a = 6.76;
  const std::size_t local = mistakes(options);
  BOOST_TEST_MESSAGE("wrong: plain " << without << ", wedge " << wedge << ", wedge and local " << local);
  BOOST_TEST(wedge <= without);
  BOOST_TEST(local <= 6U);
}

BOOST_AUTO_TEST_CASE(an_even_specimen_needs_no_wedge_treatment) {
  ClassifyOptions options = iron_platinum();
  options.missing_wedge_deg = 25.0;
  const Phantom p = make({});
  const Classification c = recon::classify_peaks(p.volume, p.positions, options, {1});
  BOOST_TEST(!c.summary.wedge_treated);
  BOOST_TEST(std::abs(c.summary.wedge_ratio - 1.0) < 0.03);
}

BOOST_AUTO_TEST_CASE(a_species_that_is_not_there_stays_empty) {
  PhantomOptions o;
  o.heights = {1.0};
  o.shares = {1.0};
  const Phantom p = make(o);
  const Classification c = recon::classify_peaks(p.volume, p.positions, iron_platinum(), {1});
  BOOST_TEST(c.summary.per_species[0] == 0U);
  BOOST_TEST(c.summary.per_species[1] == 300U);
  BOOST_TEST(c.summary.non_atoms == 80U);
}

BOOST_AUTO_TEST_CASE(clean_data_without_non_atoms_lose_nothing) {
  PhantomOptions o;
  o.non_atoms = 0;
  const Phantom p = make(o);
  const Classification c = recon::classify_peaks(p.volume, p.positions, iron_platinum(), {1});
  BOOST_TEST(wrong(p, c) == 0U);
}

BOOST_AUTO_TEST_CASE(the_result_does_not_depend_on_threads) {
  const Phantom p = make({});
  const Classification one = recon::classify_peaks(p.volume, p.positions, iron_platinum(), {1});
  const Classification two = recon::classify_peaks(p.volume, p.positions, iron_platinum(), {2});
  BOOST_TEST((one.species == two.species));
  BOOST_TEST((one.probability == two.probability));
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  const Phantom p = make({});
  const auto refusal = [&](const ClassifyOptions& options) {
    return test::message_of<core::ConfigError>(
        [&] { (void)recon::classify_peaks(p.volume, p.positions, options, {1}); });
  };
  ClassifyOptions options;
  BOOST_TEST(test::contains(refusal(options), "0 elements"));
  options.elements = {26, 26};
  BOOST_TEST(test::contains(refusal(options), "26 is given twice"));
  options = iron_platinum();
  options.local_radius_a = 1.0;
  BOOST_TEST(test::contains(refusal(options), "local_radius_a is 1", "3 to 50"));
  BOOST_TEST(test::contains(
      test::message_of<core::ConfigError>([] { (void)recon::non_atom_method_from_name("guess"); }),
      "\"guess\" is unknown", "three_class_l1"));

  const auto data_error = [&](const core::Volume& v, const std::vector<core::Vec3>& positions) {
    return test::message_of<core::DataError>(
        [&] { (void)recon::classify_peaks(v, positions, iron_platinum(), {1}); });
  };
  BOOST_TEST(test::contains(data_error(p.volume, {core::Vec3::Zero()}), "1 peaks cannot be classified"));
  BOOST_TEST(test::contains(data_error(p.volume, {core::Vec3::Zero(), core::Vec3(99, 0, 0)}),
                            "atom 2 at (99.00", "belong to this volume"));
  core::Volume no_size = p.volume;
  no_size.voxel_size = 0.0;
  BOOST_TEST(test::contains(data_error(no_size, p.positions), "voxel size is 0"));
}

BOOST_AUTO_TEST_SUITE_END()
