#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/score/specimens.hpp"
#include "validation/score/frame_score.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

BOOST_AUTO_TEST_SUITE(frame_score)

using namespace aet;

namespace {

double value(const validation::FrameScore& score, const std::string& name) {
  const auto* figure = validation::find(score.figures, name);
  BOOST_REQUIRE_MESSAGE(figure != nullptr && figure->value, name << " has no value");
  return *figure->value;
}

std::string reason(const validation::FrameScore& score, const std::string& name) {
  const auto* figure = validation::find(score.figures, name);
  BOOST_REQUIRE(figure != nullptr);
  BOOST_TEST(!figure->value.has_value());
  return figure->reason;
}

core::Atoms alloy() {
  core::Atoms atoms = test::amorphous(300, 12.0, 2.2, 4);
  for (std::size_t i = 0; i < atoms.size(); i += 3)
    atoms.atomic_numbers[i] = 26;
  return atoms;
}

} // namespace

BOOST_AUTO_TEST_CASE(identical_atoms_score_perfectly) {
  const auto score = validation::score_frame("t000", alloy(), alloy());
  BOOST_TEST(value(score, "atoms.recall") == 1.0);
  BOOST_TEST(value(score, "atoms.precision") == 1.0);
  BOOST_TEST(value(score, "atoms.identified") == 1.0);
  BOOST_TEST(value(score, "atoms.rmsd_pm") < 1e-9);
  BOOST_TEST(!score.mirror.mirrored);
  BOOST_TEST(score.notes.empty());
  // What the score was not given is null with a reason, never zero.
  BOOST_TEST(test::contains(reason(score, "atoms.limit_rmsd_pm"), "not computed"));
  BOOST_TEST(test::contains(reason(score, "volume.r1"), "no reconstruction"));
  BOOST_TEST(test::contains(reason(score, "order.q6_rms"), "no column \"q6\""));
  BOOST_TEST(test::contains(reason(score, "nuclei.matched"), "no column \"nucleus\""));
}

BOOST_AUTO_TEST_CASE(another_model_is_scored_beside) {
  const core::Atoms truth = alloy();
  auto score = validation::score_frame("t000", truth, truth);
  core::Atoms other = test::shaken(truth, 0.1, 3);
  other.positions.pop_back();
  other.atomic_numbers.pop_back();
  validation::set_compared_model(score, truth, other);
  const auto alone = validation::score_frame("t000", truth, other);
  for (const char* key : {"model", "recall", "precision", "identified", "rmsd_pm"})
    BOOST_TEST(value(score, std::string("compared_model.") + key) ==
               value(alone, std::string("atoms.") + key));
  BOOST_TEST(value(score, "atoms.recall") == 1.0); // ours as before
}

BOOST_AUTO_TEST_CASE(errors_are_held_against_the_error_bars) {
  const core::Atoms truth = alloy();
  core::Atoms model = truth;
  validation::ScoreOptions options;
  options.match.alignment = validation::Alignment::none;
  const auto without = validation::score_frame("x", truth, model, options);
  BOOST_TEST(!find(without.figures, "atoms.z_rms_x")->value);
  // Every second atom is off by two of its standard errors along x, all by half of one along y, none along z.
  for (std::size_t i = 0; i < model.size(); ++i) {
    model.positions[i].x() += i % 2 == 0 ? 0.20 : 0.0;
    model.positions[i].y() -= 0.02;
  }
  model.columns["sd_x_pm"].assign(model.size(), 10.0);
  model.columns["sd_y_pm"].assign(model.size(), 4.0);
  model.columns["sd_z_pm"].assign(model.size(), 5.0);
  const auto score = validation::score_frame("x", truth, model, options);
  const auto n = static_cast<double>(truth.size());
  const double half = std::ceil(0.5 * n) / n;
  BOOST_TEST(value(score, "atoms.z_rms_x") == std::sqrt(4.0 * half), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(value(score, "atoms.z_rms_y") == 0.5, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(std::abs(value(score, "atoms.z_rms_z")) < 1e-9);
  BOOST_TEST(value(score, "atoms.cover_68") == 1.0 - half / 3.0, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(value(score, "atoms.cover_95") == 1.0 - half / 3.0, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(species_and_errors_by_hand) {
  const core::Atoms truth = alloy();
  core::Atoms model = truth;
  for (std::size_t i = 0; i < 30; ++i)
    model.atomic_numbers[i] = model.atomic_numbers[i] == 26 ? 78 : 26;
  for (auto& p : model.positions)
    p.x() += 0.0;
  model.positions[7].z() += 0.5; // the only error
  validation::ScoreOptions options;
  options.match.alignment = validation::Alignment::none;
  options.worst_atoms = 1;
  const auto score = validation::score_frame("x", truth, model, options);
  const auto n = static_cast<double>(truth.size());
  BOOST_TEST(value(score, "atoms.species_correct") == (n - 30) / n, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(value(score, "atoms.rmsd_pm") == 50.0 / std::sqrt(n), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(value(score, "atoms.rmsd_z_pm") == 50.0 / std::sqrt(n), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(value(score, "atoms.rmsd_x_pm") == 0.0);
  BOOST_TEST(value(score, "atoms.median_pm") == 0.0);
  // Of the first 30 atoms every third is iron: 10 iron became platinum, 20 platinum became iron.
  const double iron = value(score, "atoms.by_species.Fe.truth");
  BOOST_TEST(value(score, "atoms.by_species.Fe.identified") == (iron - 10) / iron,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(value(score, "atoms.by_species.Fe.model") == iron + 10);
  BOOST_TEST(value(score, "atoms.by_species.Fe.precision") == (iron - 10) / (iron + 10),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(value(score, "atoms.by_species.Fe.recall") == 1.0);
  BOOST_REQUIRE(score.worst.size() == 1U);
  BOOST_TEST(score.worst[0].truth == 7U);
  const auto& counts = score.histogram.counts;
  BOOST_TEST(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == score.match.pairs.size());
  BOOST_TEST(counts[0] == truth.size() - 1);
  BOOST_TEST(counts[10] == 1U); // 50 pm in bins of 5
}

BOOST_AUTO_TEST_CASE(intervals_hold_the_values) {
  const auto score = validation::score_frame("x", alloy(), test::shaken(alloy(), 0.1, 1));
  for (const char* name : {"atoms.recall", "atoms.rmsd_pm", "atoms.rmsd_x_pm", "atoms.median_pm"}) {
    const auto* figure = validation::find(score.figures, name);
    BOOST_REQUIRE(figure->interval.has_value());
    BOOST_TEST(figure->interval->first <= *figure->value);
    BOOST_TEST(figure->interval->second >= *figure->value);
  }
}

BOOST_AUTO_TEST_CASE(order_through_the_matching) {
  core::Atoms truth = alloy();
  core::Atoms model = alloy();
  std::reverse(model.positions.begin(), model.positions.end()); // another order of atoms
  std::reverse(model.atomic_numbers.begin(), model.atomic_numbers.end());
  auto& t = truth.columns["q6"];
  auto& m = model.columns["q6"];
  for (std::size_t i = 0; i < truth.size(); ++i) {
    t.push_back(0.01 * static_cast<double>(i));
    m.push_back(0.01 * static_cast<double>(truth.size() - 1 - i) + 0.2);
  }
  m[5] = std::numeric_limits<double>::quiet_NaN();
  truth.columns["alpha"] = std::vector<double>(truth.size(), std::numeric_limits<double>::quiet_NaN());
  model.columns["alpha"] = std::vector<double>(model.size(), 0.5);
  truth.columns["q4"] = t;
  const auto score = validation::score_frame("x", truth, model);
  BOOST_TEST(value(score, "order.q6_rms") == 0.2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(value(score, "order.q6_mean_difference") == 0.2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(test::contains(reason(score, "order.q4_rms"), "the model has no column \"q4\""));
  BOOST_TEST(test::contains(reason(score, "order.alpha_rms"), "finite alpha"));
}

BOOST_AUTO_TEST_CASE(nuclei_through_the_matching) {
  core::Atoms truth = alloy();
  core::Atoms model = alloy();
  truth.columns["nucleus"].assign(truth.size(), -1.0);
  model.columns["nucleus"].assign(model.size(), -1.0);
  auto score = validation::score_frame("x", truth, model);
  BOOST_TEST(value(score, "nuclei.truth") == 0.0);
  BOOST_TEST(test::contains(reason(score, "nuclei.recall"), "no nucleus"));
  for (std::size_t i = 0; i < 40; ++i)
    truth.columns["nucleus"][i] = i < 20 ? 0 : 1;
  for (std::size_t i = 0; i < 20; ++i)
    model.columns["nucleus"][i] = 0;
  score = validation::score_frame("x", truth, model);
  BOOST_TEST(value(score, "nuclei.truth") == 2.0);
  BOOST_TEST(value(score, "nuclei.model") == 1.0);
  BOOST_TEST(value(score, "nuclei.matched") == 1.0);
  BOOST_TEST(value(score, "nuclei.recall") == 0.5);
  BOOST_TEST(value(score, "nuclei.mean_overlap") == 1.0);
}

BOOST_AUTO_TEST_CASE(an_empty_model_has_no_errors_rather_than_zero) {
  const auto score = validation::score_frame("x", alloy(), {});
  BOOST_TEST(value(score, "atoms.recall") == 0.0);
  BOOST_TEST(test::contains(reason(score, "atoms.precision"), "model has no atoms"));
  BOOST_TEST(test::contains(reason(score, "atoms.rmsd_pm"), "no atom of the model"));
  BOOST_TEST(test::contains(reason(score, "atoms.species_correct"), "no atom of the model"));
}

BOOST_AUTO_TEST_CASE(notes_name_mirror_and_chance) {
  const auto mirrored = validation::score_frame(
      "x", alloy(), test::moved(alloy(), -core::Mat3::Identity(), core::Vec3::Zero()));
  BOOST_REQUIRE(!mirrored.notes.empty());
  BOOST_TEST(test::contains(mirrored.notes[0], "mirror image"));
  const auto other = validation::score_frame("x", alloy(), test::amorphous(300, 12.0, 2.2, 77));
  BOOST_REQUIRE(!other.notes.empty());
  BOOST_TEST(test::contains(other.notes[0], "near what chance gives"));
}

BOOST_AUTO_TEST_CASE(limit_and_efficiency) {
  auto score = validation::score_frame("x", alloy(), test::shaken(alloy(), 0.1, 1));
  validation::set_limit(score, 10.0);
  BOOST_TEST(value(score, "atoms.efficiency") == 10.0 / value(score, "atoms.rmsd_pm"),
             boost::test_tools::tolerance(1e-12));
  auto perfect = validation::score_frame("x", alloy(), {});
  validation::set_limit(perfect, 10.0);
  BOOST_TEST(test::contains(reason(perfect, "atoms.efficiency"), "no RMSD"));
}

BOOST_AUTO_TEST_CASE(options_out_of_range) {
  validation::ScoreOptions options;
  options.bootstrap = 0;
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>(
                                [&] { (void)validation::score_frame("x", alloy(), alloy(), options); }),
                            "bootstrap is 0"));
}

BOOST_AUTO_TEST_SUITE_END()
