#include "sim/core/error.hpp"
#include "tests/support/crystals.hpp"
#include "validation/score/analysis_compare.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(analysis_comparison)

using namespace aet;
using namespace aet::validation;
using namespace aet::test;

namespace {

/// A ball whose order fades from the core outwards: one nucleus.
core::Atoms fading(std::uint64_t seed) {
  core::Atoms atoms = fcc_ball(3.92, 15.0);
  core::RandomStream random(seed, "test.fading");
  for (Vec3& p : atoms.positions) {
    const double s = 0.05 + 0.5 * std::pow(p.norm() / 15.0, 2);
    p += s * Vec3(random.normal(), random.normal(), random.normal());
  }
  return atoms;
}

analysis::Event event(analysis::EventKind kind, std::size_t frame, std::vector<int> from,
                      std::vector<int> to) {
  return {kind, frame, std::move(from), std::move(to)};
}

/// Model nucleus k stands for truth nucleus truth_of[k]; -1 for none.
NucleiMatch matched(const std::vector<int>& truth_of) {
  NucleiMatch m;
  for (std::size_t k = 0; k < truth_of.size(); ++k) {
    if (truth_of[k] < 0) continue;
    NucleusPair pair;
    pair.truth = truth_of[k];
    pair.model = static_cast<int>(k);
    m.pairs.push_back(pair);
  }
  return m;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_truth_is_like_itself_and_unlike_its_ruin) {
  const core::Atoms atoms = fading(1);
  const analysis::MomentAnalysis truth = analysis::analyze_moment(atoms);
  BOOST_REQUIRE(!truth.nuclei.empty());
  const AnalysisComparison same = compare_analyses(truth, truth, match_atoms(atoms, atoms));
  BOOST_TEST(same.f1 == 1.0);
  BOOST_TEST(same.nuclei_missed == 0U);
  BOOST_TEST(*same.alpha_rms_error == 0.0);
  BOOST_TEST(*same.size.rms == 0.0);
  if (same.lambda.compared > 0) BOOST_TEST(*same.lambda.in_interval == 1.0);

  const core::Atoms off = disturbed(atoms, 0.3, 0.0, 5, 0);
  const analysis::MomentAnalysis model = analysis::analyze_moment(off);
  const MatchResult match = match_atoms(atoms, off, {.cutoff_a = 1.4, .alignment = Alignment::none});
  const AnalysisComparison other = compare_analyses(truth, model, match);
  BOOST_TEST(*other.alpha_mean_error < 0.0); // disorder lowers alpha
  BOOST_TEST(*other.alpha_rms_error > 0.02);
  BOOST_CHECK_EXCEPTION((void)compare_analyses(truth, truth, MatchResult{}), core::DataError,
                        says("of 0 and 0"));
}

BOOST_AUTO_TEST_CASE(events_are_compared_by_their_nuclei) {
  using enum analysis::EventKind;
  analysis::Dynamics truth;
  truth.events = {event(merge, 1, {0, 1}, {0}), event(nucleate, 1, {}, {1}), event(dissolve, 2, {1}, {})};
  analysis::Dynamics model;
  // The merger is seen (numbers swapped), the new nucleus is taken for a division, the end is missed.
  model.events = {event(merge, 1, {0, 1}, {1}), event(divide, 1, {2}, {0}), event(nucleate, 2, {}, {3})};
  const std::vector<NucleiMatch> nuclei{matched({1, 0, -1}), matched({1, 0}), matched({0, -1, -1, -1})};
  const EventConfusion table = event_confusion(truth, model, nuclei);
  BOOST_TEST(table[0][0] == 1);
  BOOST_TEST(table[2][1] == 1);
  BOOST_TEST(table[3][4] == 1);
  BOOST_TEST(table[4][2] == 1);
  BOOST_TEST(event_accuracy(table) == 0.25);
  BOOST_TEST(event_accuracy(EventConfusion{}) == 1.0);
  BOOST_CHECK_EXCEPTION((void)event_confusion(truth, model, std::span(nuclei).subspan(0, 2)), core::DataError,
                        says("moment 2"));
}

BOOST_AUTO_TEST_CASE(errors_are_as_large_as_asked_for) {
  core::Atoms atoms = fcc_ball(3.87, 25.0);
  for (std::size_t i = 0; i < atoms.size(); i += 2)
    atoms.atomic_numbers[i] = 26;
  const core::Atoms off = disturbed(atoms, 0.25, 0.1, 3, 7);
  double squares = 0.0;
  double wrong = 0.0;
  const double n = static_cast<double>(atoms.size());
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    squares += (off.positions[i] - atoms.positions[i]).squaredNorm() / n;
    wrong += off.atomic_numbers[i] != atoms.atomic_numbers[i] ? 1.0 / n : 0.0;
  }
  BOOST_TEST(std::abs(std::sqrt(squares) / 0.25 - 1.0) < 4.0 / std::sqrt(6.0 * n));
  BOOST_TEST(std::abs(wrong - 0.1) < 4.0 * std::sqrt(0.09 / n));
  BOOST_TEST(disturbed(atoms, 0.25, 0.0, 3, 7).positions[5] == off.positions[5]);
  BOOST_CHECK_EXCEPTION((void)disturbed(atoms, -1.0, 0.0, 1, 0), core::ConfigError, says("-1 A"));
}

BOOST_AUTO_TEST_SUITE_END()
