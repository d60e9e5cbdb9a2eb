#include "analysis/chemistry/chemistry.hpp"
#include "analysis/moment/analysis_json.hpp"
#include "sim/core/error.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/score/specimens.hpp"
#include "validation/figures/table.hpp"
#include "validation/score/analysis_figures.hpp"
#include "validation/score/baseline.hpp"
#include "validation/score/chemistry_compare.hpp"
#include "validation/score/frame_score.hpp"
#include "validation/score/order_figures.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

BOOST_AUTO_TEST_SUITE(table_of_figures)

using namespace aet;
using namespace aet::validation;

namespace {

core::Atoms alloy() {
  core::Atoms atoms = test::amorphous(300, 12.0, 2.2, 4);
  for (std::size_t i = 0; i < atoms.size(); i += 3)
    atoms.atomic_numbers[i] = 26;
  return atoms;
}

/// Of a small ball of L1_0 against itself.
Figures figures_of_chemistry() {
  core::Atoms ball = test::fcc_ball(3.87, 9.0);
  for (std::size_t i = 0; i < ball.size(); ++i)
    ball.atomic_numbers[i] = std::lround(ball.positions[i].z() / (0.5 * 3.87)) % 2 == 0 ? 26 : 78;
  const auto chemistry = analysis::analyze_chemistry(ball, {.neighbour_cutoff_a = 3.3});
  return chemistry_figures(to_json(compare_chemistry(chemistry, chemistry)));
}

/// All figures that a score of the pipeline has: of a frame, and of the whole run.
Figures all_figures() {
  const core::Atoms truth = alloy();
  const core::Atoms model = test::shaken(truth, 0.1, 1);
  const analysis::MomentAnalysis of_truth = analysis::analyze_moment(truth, {}, core::Threads{1}, "truth");
  const analysis::MomentAnalysis of_model = analysis::analyze_moment(model, {}, core::Threads{1}, "model");
  FrameScore score = score_frame("t000", of_truth.atoms, of_model.atoms);
  set_compared_model(score, truth, model);
  set_limit(score, 5.0);
  const nlohmann::json t = analysis::to_json(of_truth);
  const nlohmann::json m = analysis::to_json(of_model);
  Figures figures = score.figures;
  const nlohmann::json comparison = to_json(compare_analyses(of_truth, of_model, score.match));
  const nlohmann::json dynamics{{"common_nuclei", nlohmann::json::array()},
                                {"events", nlohmann::json::array()}};
  EventConfusion events{};
  for (auto& row : events)
    row.fill(1);
  for (const Figures& more :
       {order_figures(t, m), opg_figures(t, m, score.nuclei), comparison_figures(comparison),
        dynamics_figures(dynamics, dynamics), event_figures(to_json(events)),
        Figures{chemical_event_figure(to_json(events))}, figures_of_chemistry()})
    for (const Figure& figure : more)
      set(figures, figure);
  return figures;
}

/// A run with a value for every figure of the table, good enough that it can become better and worse.
StoredRun good_run() {
  StoredRun run;
  run.frames = {{"t000", {}}, {"", {}}};
  for (const FigureDefinition& row : figure_table()) {
    std::string name(row.name);
    if (const auto at = row.name.find("SYMBOL"); at != std::string_view::npos)
      name = fmt::format("{}Fe{}", row.name.substr(0, at), row.name.substr(at + 6));
    if (name.find("SIDE") != std::string::npos || name.find("TRUE") != std::string::npos) continue;
    const double value = row.form == Form::count ? (row.better == Better::lower ? 20.0 : 40.0) : 0.5;
    Figure figure{name, value, {}, ""};
    if (row.rule == Rule::interval) figure.interval = {value - 0.02, value + 0.02};
    run.frames[of_whole_run(name) ? 1 : 0].figures.push_back(figure);
  }
  return run;
}

std::set<std::string> failed(const std::vector<Check>& checks) {
  std::set<std::string> names;
  for (const Check& check : checks)
    if (check.status == CheckStatus::fail) names.insert(check.name.substr(0, check.name.find(' ')));
  return names;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_score_has_the_figures_of_the_table_and_no_others) {
  const Figures figures = all_figures();
  for (const Figure& figure : figures) {
    BOOST_TEST((find_definition(figure.name) != nullptr), figure.name);
    BOOST_TEST(figure.value.has_value() == figure.reason.empty(), figure.name);
  }
  for (const FigureDefinition& row : figure_table())
    BOOST_TEST(std::any_of(figures.begin(), figures.end(),
                           [&row](const Figure& f) { return find_definition(f.name) == &row; }),
               row.name);
  BOOST_CHECK_THROW((void)known("atoms.recal", 1.0), std::logic_error);
  BOOST_CHECK_THROW((void)unknown("dynamics.event_merge_as_split", ""), std::logic_error);
}

BOOST_AUTO_TEST_CASE(rows_are_whole) {
  std::set<std::string_view> names;
  std::set<std::string_view> labels;
  for (const FigureDefinition& row : figure_table()) {
    BOOST_TEST(names.insert(row.name).second, row.name);
    BOOST_TEST(labels.insert(row.label).second, row.label);
    BOOST_TEST(row.meaning.ends_with('.'), row.name);
    BOOST_TEST(!group_heading(group_of(row.name)).empty());
    // A figure with a good side is judged, and what is judged by a scatter has one.
    if (row.better != Better::neither) BOOST_TEST((row.rule != Rule::none), row.name);
    if (row.better != Better::neither && row.rule != Rule::count)
      BOOST_TEST(row.scatter.absolute > 0.0, row.name);
    if (row.better == Better::lower && row.rule == Rule::count) BOOST_TEST(!row.part_of.empty(), row.name);
    for (const std::string_view other : {row.part_of, row.rests_on.count})
      if (!other.empty()) BOOST_TEST((definition_of(other).rule == Rule::count), row.name);
    if (row.name.ends_with("_pm")) BOOST_TEST(row.unit == "pm", row.name);
  }
}

BOOST_AUTO_TEST_CASE(whatever_has_a_good_side_can_fail_a_check) {
  const StoredRun run = good_run();
  for (const CheckKey& key : check_keys({"Fe"})) {
    const Figure* figure = find(run.frames[of_whole_run(key.figure) ? 1 : 0].figures, key.figure);
    if (figure == nullptr) continue;
    FrameScore frame;
    frame.name = "t000";
    frame.figures = run.frames[0].figures;
    const double step = key.at_least ? 0.01 : -0.01;
    const Direction direction = key.at_least ? Direction::at_least : Direction::at_most;
    const auto status = [&](double limit) {
      return evaluate_checks({frame}, {{key.figure, direction, limit}}, run.frames[1].figures).at(0).status;
    };
    BOOST_TEST((status(*figure->value + step) == CheckStatus::fail), key.key);
    BOOST_TEST((status(*figure->value - step) == CheckStatus::pass), key.key);
  }
  for (const FigureDefinition& row : figure_table())
    if (row.better != Better::neither) BOOST_TEST(row.checked, row.name);
}

BOOST_AUTO_TEST_CASE(whatever_has_a_good_side_can_fail_against_a_baseline) {
  // After one accepted run, and after many that agree so well that they show no scatter.
  for (const std::size_t accepted : {1U, 5U}) {
    const Baseline baseline{std::vector<StoredRun>(accepted, good_run())};
    BOOST_TEST(failed(compare_with_baseline(good_run(), baseline)).empty());
    for (std::size_t f = 0; f < baseline.history.back().frames.size(); ++f) {
      const auto& figures = baseline.history.back().frames[f].figures;
      for (std::size_t i = 0; i < figures.size(); ++i) {
        const FigureDefinition& row = definition_of(figures[i].name);
        if (row.better == Better::neither) continue;
        const auto moved = [&](double to) {
          StoredRun run = good_run();
          Figure& figure = run.frames[f].figures[i];
          figure.value = to;
          if (figure.interval) figure.interval = {to - 0.02, to + 0.02};
          return failed(compare_with_baseline(run, baseline));
        };
        const bool counts = row.form == Form::count;
        const double low = counts ? 1.0 : 0.0;
        const double high = counts ? 39.0 : row.better == Better::higher ? 1.0 : 5.0;
        const bool higher = row.better == Better::higher;
        BOOST_TEST(moved(higher ? low : high).contains(figures[i].name), figures[i].name);
        BOOST_TEST(!moved(higher ? high : low).contains(figures[i].name), figures[i].name);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_figure_of_a_run_is_read_back_with_its_unit_and_words) {
  BOOST_TEST(label_of("atoms.by_species.Pt.recall") == "Pt: recall");
  BOOST_TEST(label_of("dynamics.event_divide_as_none") ==
             "Events: divide in the truth, nothing in the model");
  BOOST_TEST(label_of("order.q6_mean_model") == "Mean Q6, model");
  BOOST_TEST(label_of("of.another.version") == "of.another.version");
  BOOST_TEST(label_of_check("atoms.rmsd_pm against baseline") == "RMSD against baseline");
  BOOST_TEST(axis_label_of("volume.shift_error_px") == "Error of the shifts after refinement [px]");
  BOOST_TEST(axis_label_of("opg.lambda_rms_a") == "\u03bb, rms difference [\u00c5]");
  BOOST_TEST(column_heading_of("atoms.by_species.Fe.rmsd_pm") == "Fe: RMSD [pm]");
  BOOST_TEST(column_heading_of("atoms.recall") == "Recall [%]");
  BOOST_TEST(text_of(definition_of("atoms.recall"), 0.98254) == "98.25 %");
  BOOST_TEST(text_of(definition_of("atoms.rmsd_pm"), 17.244) == "17.24 pm");
  BOOST_TEST(text_of(definition_of("nuclei.truth"), 4.0) == "4");
}

BOOST_AUTO_TEST_CASE(the_table_explains_itself) {
  const std::string all = describe_figures("");
  for (const FigureDefinition& row : figure_table())
    BOOST_TEST(all.find(fmt::format("{}  (", row.name)) != std::string::npos, row.name);
  BOOST_TEST(test::contains(describe_figures("atoms.by_species.Fe.recall"), "share, 0 to 1",
                            "higher is better", "95 % intervals", "by_species_SYMBOL_recall_min"));
  BOOST_TEST(test::contains(describe_figures("nuclei"), "nuclei.f1", "nuclei.spurious"));
  BOOST_TEST(describe_figures("nuclei").find("atoms.recall") == std::string::npos);
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>([] { (void)describe_figures("nuclei.f2"); }),
                            "nuclei.f2", "did you mean 'nuclei.f1'"));
}

BOOST_AUTO_TEST_SUITE_END()
