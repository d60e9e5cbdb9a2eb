#include "recon/refine/edit.hpp"
#include "recon/refine/evidence.hpp"
#include "recon/refine/missing_atoms.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(evidence)

using namespace aet;

namespace {

constexpr int n = 52;
constexpr double pixel = 0.3;
constexpr core::Threads one{1};
const recon::PixelLikelihood poisson(recon::NoiseModel{1.0, 0.0, 0.0});

/// Some 30 atoms of two species at a dose where every atom is clear.
struct Cluster {
  recon::Scene truth;
  core::TiltSeries series;

  Cluster() {
    truth.positions = test::cluster(5.5, 2.8, 2);
    for (std::size_t a = 0; a < truth.size(); ++a)
      truth.species.push_back(a % 3 == 0 ? 1 : 0);
    truth.profiles = {{{{3.0, 0.45}}}, {{{5.0, 0.45}}}};
    truth.tilts = test::tilts_over(21, 130.0, 1.0);
    series = test::series_of(truth, pixel, n, 7);
  }
  [[nodiscard]] double loss(const recon::Scene& scene) const {
    return recon::misfit(scene, {series, poisson}, one).loss;
  }
  recon::EditCounts edit(recon::Scene& scene, const recon::EditOptions& options = {},
                         std::vector<core::Vec3> added = {}) const {
    const recon::LinearModel model(scene, {series, poisson}, {}, one);
    return recon::edit_atoms(scene, {series, poisson}, model, options, added, one);
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(evidence_is_the_change_of_the_whole_loss, Cluster) {
  const auto evidence = recon::atom_evidence(truth, {series, poisson}, one);
  for (const std::size_t a : {std::size_t{0}, std::size_t{5}, truth.size() - 1}) {
    recon::Scene without = truth;
    without.positions.erase(without.positions.begin() + static_cast<std::ptrdiff_t>(a));
    without.species.erase(without.species.begin() + static_cast<std::ptrdiff_t>(a));
    BOOST_TEST(evidence[a].presence == 2.0 * (loss(without) - loss(truth)),
               boost::test_tools::tolerance(1e-6));
    recon::Scene other = truth;
    const std::size_t s = other.species[a] == 0 ? 1 : 0;
    other.species[a] = static_cast<int>(s);
    // The two species' windows differ by a pixel at most, where the profiles are below 1e-4.
    BOOST_TEST(evidence[a].species[s] == 2.0 * (loss(truth) - loss(other)),
               boost::test_tools::tolerance(1e-3));
    BOOST_TEST(evidence[a].species[1 - s] == 0.0);
    BOOST_TEST(std::abs(evidence[a].occupancy - 1.0) < 0.4);
    BOOST_TEST(evidence[a].presence > 30.0);
    const auto p = recon::species_probabilities(evidence[a], 1.0);
    BOOST_TEST(p[0] + p[1] == 1.0, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(p[1 - s] > 0.5);
  }
}

BOOST_FIXTURE_TEST_CASE(a_right_model_is_left_alone, Cluster) {
  recon::Scene scene = truth;
  const recon::EditCounts counts = edit(scene);
  BOOST_TEST(counts.added == 0U);
  BOOST_TEST(counts.dropped == 0U);
  BOOST_TEST(counts.merged == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_missing_atom_is_put_back, Cluster) {
  recon::Scene scene = truth;
  const core::Vec3 gone = scene.positions[10];
  scene.positions.erase(scene.positions.begin() + 10);
  const int kind = scene.species[10];
  scene.species.erase(scene.species.begin() + 10);
  const recon::EditCounts counts = edit(scene);
  BOOST_TEST(counts.added == 1U);
  BOOST_TEST(counts.dropped == 0U);
  BOOST_TEST((scene.positions.back() - gone).norm() < 0.5); // half the grid's diagonal, and noise
  BOOST_TEST(scene.species.back() == kind);
}

BOOST_FIXTURE_TEST_CASE(an_atom_below_the_threshold_is_tried_when_nothing_else_is_to_change, Cluster) {
  recon::Scene scene = truth;
  const core::Vec3 gone = scene.positions[10];
  scene.positions.erase(scene.positions.begin() + 10);
  scene.species.erase(scene.species.begin() + 10);
  const recon::Scene without = scene;
  const recon::LinearModel model(scene, {series, poisson}, {}, one);
  const double found = recon::missing_atoms(scene, series, model, {}, one).front().evidence;
  recon::EditOptions options;
  options.drop = options.flip = false;
  options.threshold = options.trial_threshold = 1.1 * found;
  BOOST_TEST(edit(scene, options).added == 0U);
  options.trial_threshold = 0.9 * found;
  const recon::EditCounts counts = edit(scene, options);
  BOOST_TEST(counts.added == 1U);
  BOOST_TEST(counts.tried == 1U);
  BOOST_TEST((scene.positions.back() - gone).norm() < 0.5);
  // Not where it was put in vain before; once may have been bad luck.
  scene = without;
  BOOST_TEST(edit(scene, options, {gone}).added == 1U);
  scene = without;
  BOOST_TEST(edit(scene, options, {gone, gone}).added == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_atom_stronger_than_its_species_is_judged_at_its_own_strength, Cluster) {
  // The profile at a third of what the atoms show: the evidence at three times the strength is that of the
  // right profile, up to the linear estimate, for weights change with the mean.
  const auto right = recon::atom_evidence(truth, {series, poisson}, one, true);
  recon::Scene weak = truth;
  for (recon::AtomProfile& profile : weak.profiles)
    profile.terms[0].weight *= 1.0 / 3.0;
  // One atom alone is weak: the others' light must not be missed around it.
  recon::Scene scene = truth;
  scene.profiles.push_back(weak.profiles[0]);
  std::size_t a = 0;
  while (scene.species[a] != 0)
    ++a;
  scene.species[a] = 2;
  const auto e = recon::atom_evidence(scene, {series, poisson}, one, true)[a];
  BOOST_TEST(e.presence < 0.75 * right[a].presence);
  BOOST_TEST(e.presence_at_own_strength == right[a].presence, boost::test_tools::tolerance(0.25));
  BOOST_TEST(right[a].presence_at_own_strength >= right[a].presence);
}

BOOST_FIXTURE_TEST_CASE(spurious_double_and_mistaken_atoms_are_corrected, Cluster) {
  recon::Scene scene = truth;
  scene.positions.emplace_back(1.4, 1.4, 1.4); // between the lattice's sites
  scene.species.push_back(0);
  const recon::EditCounts dropped = edit(scene);
  BOOST_TEST(dropped.dropped == 1U);
  BOOST_TEST(scene.size() == truth.size());

  scene = truth;
  const core::Vec3 site = scene.positions[4];
  scene.positions[4] = site + core::Vec3(0.4, 0.0, 0.0);
  scene.positions.push_back(site - core::Vec3(0.4, 0.0, 0.0));
  scene.species.push_back(scene.species[4]);
  const recon::EditCounts merged = edit(scene);
  BOOST_TEST(merged.merged + merged.dropped == 1U);
  BOOST_TEST(scene.size() == truth.size());

  scene = truth;
  scene.species[7] = 1 - scene.species[7];
  const recon::EditCounts flipped = edit(scene);
  BOOST_TEST(flipped.flipped >= 1U);
  BOOST_TEST(scene.species[7] == truth.species[7]);
}

BOOST_FIXTURE_TEST_CASE(species_are_mistaken_as_often_as_the_distance_says, Cluster) {
  // Q(sqrt(d2) / 2) is the chance that noise makes the other species the likelier one; over all atoms and a
  // few draws the count is binomial. Weak atoms, so that there are some errors.
  truth.profiles = {{{{0.55, 0.45}}}, {{{0.75, 0.45}}}};
  double expected = 0.0;
  double seen = 0.0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    series = test::series_of(truth, pixel, n, seed);
    for (std::size_t a = 0;
         const recon::AtomEvidence& e : recon::atom_evidence(truth, {series, poisson}, one)) {
      const auto other = static_cast<std::size_t>(1 - truth.species[a++]);
      expected += 0.5 * std::erfc(0.5 * std::sqrt(e.distance2[other]) / std::sqrt(2.0));
      seen += e.species[other] > 0.0 ? 1.0 : 0.0;
    }
  }
  BOOST_TEST_MESSAGE("expected " << expected << " seen " << seen);
  BOOST_TEST(expected > 20.0);
  BOOST_TEST(std::abs(seen - expected) < 4.0 * std::sqrt(expected));
}

BOOST_AUTO_TEST_SUITE_END()
