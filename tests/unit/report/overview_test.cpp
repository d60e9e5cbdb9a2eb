#include "validation/report/figures.hpp"
#include "validation/report/overview.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(first_page)

using namespace aet::validation::page;

namespace {

Part<JsonText> scores(const std::string& json) {
  return {.value = JsonText{json}, .reason = ""};
}

const std::vector<std::string> frames{"t000", "t001"};

const std::string two_frames = R"({"case": "A case", "verdict": "fail", "checks": [
  {"name": "recall t000", "value": 0.99, "limit": 0.95, "unit": "", "direction": "at_least", "status": "pass", "reason": ""},
  {"name": "recall t001", "value": 0.90, "limit": 0.95, "unit": "", "direction": "at_least", "status": "fail", "reason": "too few"},
  {"name": "RMSD", "frame": "t000", "value": 20, "limit": 50, "unit": "pm", "direction": "at_most", "status": "pass",
   "history": [10, 25, 30, 60], "baseline": 22},
  {"name": "efficiency", "value": null, "limit": 0.5, "unit": "", "direction": "at_least", "status": "not assessed", "reason": "no bound"}]})";

} // namespace

BOOST_AUTO_TEST_SUITE(overview_of_checks)

BOOST_AUTO_TEST_CASE(names_lose_their_frame) {
  BOOST_TEST(without_frame("recall t001", "t001") == "recall");
  BOOST_TEST(without_frame("t001.atoms.recall", "t001") == "atoms.recall");
  BOOST_TEST(without_frame("recall (t001)", "t001") == "recall");
  BOOST_TEST(without_frame("recall t0011", "t001") == "recall t0011");
  BOOST_TEST(without_frame("t001", "t001") == "t001");
}

BOOST_AUTO_TEST_CASE(figures_are_called_by_their_words) {
  const Overview view =
      overview(scores(R"({"checks": [{"name": "atoms.rmsd_pm", "frame": "t001", "status": "pass"},
    {"name": "nuclei.recall", "frame": "", "status": "pass"}, {"name": "atoms.by_species.Pt.recall", "status": "pass"}]})"),
               frames);
  BOOST_TEST(view.checks[0].name == "RMSD");
  BOOST_TEST(view.checks[0].frame == "t001");
  BOOST_TEST(view.checks[1].name == "Recall of nuclei");
  BOOST_TEST(view.checks[2].name == "Pt: recall");
}

BOOST_AUTO_TEST_CASE(a_comparison_with_a_baseline_is_no_slider) {
  const Overview view = overview(
      scores(R"({"checks": [{"name": "atoms.rmsd_pm against baseline", "frame": "t001", "status": "pass",
    "value": 9, "limit": 12, "baseline": 10, "direction": "at_most"},
    {"name": "atoms.rmsd_pm", "frame": "t001", "status": "pass", "value": 9, "limit": 50, "direction": "at_most"}]})"),
      frames);
  BOOST_REQUIRE(view.checks.size() == 2U);
  BOOST_TEST(view.checks[0].name == "RMSD");
  BOOST_TEST(view.checks[0].against_baseline);
  BOOST_TEST(!view.checks[1].against_baseline);
  BOOST_TEST(view.sliders.size() == 1U);
}

BOOST_AUTO_TEST_CASE(failures_come_first_and_the_sentence_counts) {
  const Overview view = overview(scores(two_frames), frames);
  BOOST_TEST(view.title == "A case");
  BOOST_TEST((view.verdict == Status::fail));
  BOOST_TEST(view.sentence == "2 of 4 checks passed; 1 failed (recall t001); 1 could not be assessed.");
  BOOST_REQUIRE(view.checks.size() == 4U);
  BOOST_TEST((view.checks[0].status == Status::fail));
  BOOST_TEST((view.checks[1].status == Status::not_assessed));
}

BOOST_AUTO_TEST_CASE(frames_share_a_slider_and_right_is_better) {
  const Overview view = overview(scores(two_frames), frames);
  BOOST_REQUIRE(view.sliders.size() == 2U);
  const Slider& recall = view.sliders[0];
  BOOST_REQUIRE(recall.marks.size() == 2U);
  BOOST_TEST(recall.marks[0].place > recall.limit_place);
  BOOST_TEST(recall.marks[1].place < recall.limit_place);
  BOOST_TEST(recall.right == 1.0);
  const Slider& rmsd = view.sliders[1];
  BOOST_TEST(rmsd.right == 0.0);
  BOOST_TEST(rmsd.marks[0].place > rmsd.limit_place); // smaller is better, so it lies to the right
  BOOST_TEST(rmsd.history_places.size() == 4U);
  BOOST_TEST(rmsd.better_than.value() == 0.75); // 20 pm beats 25, 30 and 60, not 10
}

BOOST_AUTO_TEST_CASE(places_stay_on_the_bar) {
  for (const char* value : {"-5", "0", "1", "1e9", "0.95"}) {
    const std::string json = std::string(R"({"checks": [{"name": "n", "value": )") + value +
                             R"(, "limit": 0.95, "direction": "at_least", "status": "pass"}]})";
    const Overview view = overview(scores(json), {});
    BOOST_REQUIRE(view.sliders.size() == 1U);
    BOOST_TEST(view.sliders[0].marks[0].place >= 0.0);
    BOOST_TEST(view.sliders[0].marks[0].place <= 1.0);
    BOOST_TEST(view.sliders[0].limit_place >= 0.0);
    BOOST_TEST(view.sliders[0].limit_place <= 1.0);
  }
}

BOOST_AUTO_TEST_CASE(what_was_recovered_is_said_also_without_checks) {
  const Overview view = overview(
      scores(
          R"({"frames": [{"name": "t000", "atoms": {"truth": 200, "model": 199, "matched": 198, "recall": 0.99,
              "identified": 0.985, "rmsd_pm": 10.68307, "limit_rmsd_pm": 6.61774}},
              {"name": "t001", "atoms": {"truth": 20, "model": 20, "matched": 20}}, {"name": "t002"}, 7]})"),
      {});
  BOOST_REQUIRE(view.headlines.size() == 2U);
  BOOST_TEST(view.headlines[0] ==
             "t000: 198 of 200 atoms recovered, 1 spurious; position and element correct for 197; "
             "RMSD 10.68 pm, physical limit 6.618 pm.");
  BOOST_TEST(view.headlines[1] == "t001: 20 of 20 atoms recovered, 0 spurious.");
  std::string many = R"({"frames": [)";
  for (int i = 0; i < 6; ++i)
    many += std::string(i > 0 ? "," : "") + R"({"name": "t00)" + std::to_string(i) +
            R"(", "atoms": {"truth": 9, "model": 9, "matched": 9, "recall": )" + (i == 3 ? "0.5" : "0.9") +
            "}}";
  const Overview worst = overview(scores(many + "]}"), {});
  BOOST_REQUIRE(worst.headlines.size() == 1U);
  BOOST_TEST(worst.headlines[0] == "The worst of 6 frames, t003: 9 of 9 atoms recovered, 0 spurious.");
}

BOOST_AUTO_TEST_CASE(nothing_assessed_never_looks_like_a_pass) {
  const Overview none = overview({.value = {}, .reason = "the run has no scores.json"}, {});
  BOOST_TEST((none.verdict == Status::not_assessed));
  BOOST_TEST(none.sentence == "Nothing was assessed: the run has no scores.json.");
  // Fields of a wrong type are not there; an unknown status is no pass.
  const Overview odd = overview(
      scores(R"({"case": 3, "verdict": "PASS", "checks": [7, {"name": [], "value": "x", "status": "ok"}]})"),
      {});
  BOOST_TEST((odd.verdict == Status::not_assessed));
  BOOST_REQUIRE(odd.checks.size() == 1U);
  BOOST_TEST((odd.checks[0].status == Status::not_assessed));
  BOOST_TEST(odd.sliders.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(figures)

BOOST_AUTO_TEST_CASE(numbers_and_reasons_meet_in_one_table) {
  const FigureTable table = frame_figures(scores(R"({"frames": [
    {"name": "t000", "atoms": {"rmsd_pm": 17.244, "rmsd_pm_interval": [16.5, 18.25], "recall": 1, "limit_rmsd_pm": null, "limit_rmsd_pm_reason": "no dose",
      "rmsd_axis_pm": [1.5, 2.5, 3.5], "by_species": {"Pt": {"recall": 0.5}}, "curve": [1, 2, 3, 4, 5, 6, 7]}},
    {"name": "t001", "atoms": {"recall": 0.875}}]})"));
  BOOST_REQUIRE(table.groups.size() == 1U);
  const auto& rows = table.groups[0].rows;
  BOOST_REQUIRE(rows.size() == 5U);
  BOOST_TEST(rows[0].label == "Recall");
  BOOST_TEST(rows[0].cells[0].text == "1");
  BOOST_TEST(rows[0].cells[1].text == "0.875");
  BOOST_TEST(rows[1].label == "RMSD");
  BOOST_TEST(rows[1].unit == "pm");
  BOOST_TEST(!rows[1].meaning.empty());
  BOOST_TEST(rows[1].cells[0].text == "17.24");
  BOOST_TEST(rows[1].cells[0].interval == "16.5 to 18.25");
  BOOST_TEST(rows[1].cells[1].text.empty());
  BOOST_TEST(!rows[1].cells[1].reason.empty());
  BOOST_TEST(rows[2].cells[0].text == "1.5\n2.5\n3.5");
  BOOST_TEST(rows[3].cells[0].reason == "no dose");
  BOOST_TEST(rows[4].label == "Pt: recall");
}

BOOST_AUTO_TEST_CASE(dynamics_put_truth_beside_model) {
  const FigureTable table = dynamics_figures(scores(
      R"({"dynamics": {"growing_truth": 3, "growing_model": null, "growing_model_reason": "one frame", "event_accuracy": 0.5}})"));
  const auto& rows = table.groups.at(0).rows;
  BOOST_REQUIRE(rows.size() == 2U);
  BOOST_TEST(rows[0].label == "Growing nuclei");
  BOOST_TEST(rows[0].cells[0].text == "3");
  BOOST_TEST(rows[0].cells[1].reason == "one frame");
  BOOST_TEST(rows[0].cells[2].text.empty());
  BOOST_TEST(rows[0].cells[2].reason.empty());
  BOOST_TEST(rows[1].label == "Events reported correctly");
  BOOST_TEST(rows[1].cells[2].text == "0.5");
}

BOOST_AUTO_TEST_CASE(absent_figures_say_why) {
  BOOST_TEST(frame_figures({.value = {}, .reason = "gone"}).missing == "gone");
  BOOST_TEST(frame_figures(scores(R"({"frames": {}})")).missing == "scores.json holds no frames");
  BOOST_TEST(dynamics_figures(scores(R"({"dynamics": null, "dynamics_reason": "one frame"})")).missing ==
             "one frame");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
