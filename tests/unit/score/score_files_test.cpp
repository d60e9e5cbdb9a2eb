#include "sim/core/io/xyz.hpp"
#include "tests/support/message.hpp"
#include "tests/support/reference_data.hpp"
#include "tests/unit/score/specimens.hpp"
#include "validation/score/score_files.hpp"
#include "validation/score/score_json.hpp"
#include "validation/score/text_safety.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(score_files)

using namespace aet;
using validation::Direction;

namespace {

/// Is `xml` one well-formed element after its declaration? Tags balance, attributes are quoted, and & stands
/// only before the five named entities.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t roots = 0;
  for (std::size_t i = 0; i < xml.size();) {
    if (xml[i] == '&') {
      bool entity = false;
      for (const char* name : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"}) {
        entity = entity || xml.compare(i, std::string(name).size(), name) == 0;
      }
      if (!entity) return false;
    }
    if (xml[i] != '<') {
      if (xml[i] == '>') return false;
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    bool quoted = false;
    for (; end < xml.size() && (quoted || xml[end] != '>'); ++end) {
      if (xml[end] == '"') quoted = !quoted;
      if (xml[end] == '<') return false;
    }
    if (end >= xml.size()) return false;
    const std::string tag = xml.substr(i + 1, end - i - 1);
    i = end + 1;
    if (tag.front() == '?') continue;
    const std::string name =
        tag.substr(tag.front() == '/' ? 1 : 0, tag.find_first_of(" /", 1) - (tag.front() == '/' ? 1 : 0));
    if (tag.front() == '/') {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    } else {
      if (open.empty()) ++roots;
      if (tag.back() != '/') open.push_back(name);
    }
  }
  return open.empty() && roots == 1;
}

validation::RunScores hostile_run() {
  const auto truth = test::amorphous(60, 7.0, 2.2, 1);
  validation::RunScores run;
  run.case_name = "<script>alert('x')</script> & \"quotes\" | `code` \x01\xff \xc3\xa9";
  run.frames.push_back(validation::score_frame("t000", truth, test::shaken(truth, 0.1, 2)));
  run.frames.push_back(validation::score_frame("t<1>", truth, {}));
  run.checks = validation::evaluate_checks(run.frames, {{"atoms.recall", Direction::at_least, 0.95},
                                                        {"atoms.rmsd_pm", Direction::at_most, 50.0},
                                                        {"order.q6_rms", Direction::at_most, 0.1}});
  run.checks[0].reason = "a < b && c > \"d\" ]]> \n| cell";
  run.notes = {"note with | and <b>"};
  return run;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++n;
  return n;
}

} // namespace

BOOST_AUTO_TEST_CASE(text_is_made_safe) {
  BOOST_TEST(validation::clean_text("a\x01"
                                    "b\tc\xff\xc3\xa9") == "ab c\xEF\xBF\xBD\xc3\xa9");
  BOOST_TEST(validation::clean_text("\xed\xa0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"); // a surrogate
  BOOST_TEST(validation::clean_text("\xc0\xaf") == "\xEF\xBF\xBD\xEF\xBF\xBD");                 // overlong
  BOOST_TEST(validation::clean_text("\xe2\x82") == "\xEF\xBF\xBD\xEF\xBF\xBD");                 // cut off
  BOOST_TEST(validation::xml_text("<a href=\"x\">'&") == "&lt;a href=&quot;x&quot;&gt;&apos;&amp;");
  BOOST_TEST(validation::markdown_text("a|b\n<i>") == "a\\|b &lt;i&gt;");
  BOOST_TEST(validation::markdown_text("abc", 2) == "ab\u2026");
}

BOOST_AUTO_TEST_CASE(junit_is_well_formed_whatever_the_text) {
  BOOST_TEST(!well_formed("<a><b></a></b>")); // the checker itself
  BOOST_TEST(!well_formed("<a>& b</a>"));
  const auto run = hostile_run();
  const std::string xml = validation::junit_xml(run);
  BOOST_TEST(well_formed(xml), xml);
  BOOST_TEST(count_of(xml, "<testcase ") == run.checks.size());
  // t000: recall and RMSD pass, q6 open; the empty model: recall fails, RMSD and q6 open.
  BOOST_TEST(count_of(xml, "<failure ") == 1U);
  BOOST_TEST(count_of(xml, "<skipped ") == 3U);
  BOOST_TEST(test::contains(xml, "tests=\"6\" failures=\"1\" errors=\"0\" skipped=\"3\"", "&lt;script&gt;",
                            "not assessed: "));
  validation::RunScores none;
  BOOST_TEST(well_formed(validation::junit_xml(none)));
}

BOOST_AUTO_TEST_CASE(scores_json_has_its_schema) {
  const auto run = hostile_run();
  const auto json = nlohmann::json::parse(validation::json_text(validation::score_json(run)));
  BOOST_TEST(json["schema"] == 1);
  BOOST_TEST(json["verdict"] == "fail");
  BOOST_TEST(json["dynamics"].is_null());
  BOOST_TEST(!json["dynamics_reason"].get<std::string>().empty());
  const auto& good = json["frames"][0];
  BOOST_TEST(good["name"] == "t000");
  BOOST_TEST(good["atoms"]["recall"] == 1.0);
  BOOST_TEST(good["atoms"]["rmsd_axis_pm"].size() == 3U);
  BOOST_TEST(good["atoms"]["recall_interval"].size() == 2U);
  BOOST_TEST(good["atoms"]["by_species"]["Pt"]["recall"] == 1.0);
  BOOST_TEST(good["atoms"]["limit_rmsd_pm"].is_null());
  BOOST_TEST(!good["atoms"]["limit_rmsd_pm_reason"].get<std::string>().empty());
  BOOST_TEST(good["published"]["yang2021"]["matched"] == 60);
  const auto& empty = json["frames"][1];
  BOOST_TEST(empty["atoms"]["rmsd_pm"].is_null());
  BOOST_TEST(empty["atoms"]["rmsd_axis_pm"].is_null());
  BOOST_TEST(!empty["atoms"]["rmsd_axis_pm_reason"].get<std::string>().empty());
  // Everywhere: what is null says why, beside it (the mirror test's own reason is its key "reason").
  const auto look = [](const auto& self, const nlohmann::json& value) -> void {
    if (value.is_object()) {
      for (const auto& [key, inner] : value.items()) {
        if (inner.is_null()) BOOST_TEST((value.contains(key + "_reason") || value.contains("reason")), key);
        self(self, inner);
      }
    } else if (value.is_array()) {
      for (const auto& inner : value)
        self(self, inner);
    }
  };
  look(look, json);
  const auto& check = json["checks"][0];
  for (const char* key : {"name", "frame", "value", "unit", "limit", "direction", "status", "reason"}) {
    BOOST_TEST(check.contains(key));
  }
  const auto matches =
      nlohmann::json::parse(validation::json_text(validation::match_json(run.frames[0].match)));
  BOOST_TEST(matches["pairs"].size() == 60U);
  BOOST_TEST(matches["pairs"][0].size() == 5U);
}

BOOST_AUTO_TEST_CASE(dynamics_are_written_when_given) {
  validation::RunScores run;
  run.dynamics = {validation::known("dynamics.common_truth", 3.0)};
  const auto json = validation::score_json(run);
  BOOST_TEST(json["dynamics"]["common_truth"] == 3.0);
}

BOOST_AUTO_TEST_CASE(markdown_escapes_and_stays_small) {
  auto run = hostile_run();
  const std::string md = validation::score_markdown(run);
  BOOST_TEST(md.find("<script>") == std::string::npos);
  BOOST_TEST(test::contains(md, "**Verdict: fail: 2 of 6 checks passed, 1 failed, 3 not assessed.**",
                            "**not assessed**"));
  const std::size_t failed = md.find("**fail** | Recall \\(atoms.recall\\)");
  BOOST_TEST_REQUIRE(failed != std::string::npos);
  BOOST_TEST(failed < md.find("| pass | Recall \\(atoms.recall\\)"));
  const auto frame = run.frames[0];
  const auto check = run.checks[0];
  for (int i = 0; i < 3000; ++i) {
    run.frames.push_back(frame);
    run.frames.back().name = std::string(500, 'x');
    run.frames.back().notes.emplace_back(5000, '|');
    run.checks.push_back(check);
    run.checks.back().reason = std::string(5000, '<');
  }
  BOOST_TEST(validation::score_markdown(run).size() < 524288U);
}

BOOST_AUTO_TEST_CASE(terminal_text) {
  const auto run = hostile_run();
  const std::string empty = validation::format_score_text(run.frames[1]);
  BOOST_TEST(test::contains(empty, "0 of 60 atoms matched", "not assessed (no atom of the model"));
  BOOST_TEST(empty.find("RMSD 0") == std::string::npos);
  const std::string checks = validation::format_checks_text(run.checks);
  BOOST_TEST(test::contains(checks, "fail", "not assessed", "2 of 6 checks passed"));
  BOOST_TEST(validation::format_checks_text({}).empty());
}

BOOST_AUTO_TEST_CASE(terminal_text_of_a_published_model, test::needs_reference()) {
  const auto dir = test::reference_dir() / "asi208_1p6e4";
  const std::string text = validation::format_score_text(validation::score_frame(
      "asi208", core::read_xyz(dir / "truth.xyz"), core::read_xyz(dir / "published_model.xyz")));
  BOOST_TEST(test::contains(text, "208 of 208 atoms matched", "17.24 pm", "17.31 pm"));
}

BOOST_AUTO_TEST_SUITE_END()
