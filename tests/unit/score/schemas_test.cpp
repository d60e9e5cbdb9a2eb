#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "tests/support/message.hpp"
#include "tests/support/schema_check.hpp"
#include "tests/unit/score/specimens.hpp"
#include "validation/figures/schemas.hpp"
#include "validation/figures/table.hpp"
#include "validation/score/score_json.hpp"
#include "validation/score/stored_run.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

BOOST_AUTO_TEST_SUITE(schemas)

using namespace aet;
using nlohmann::json;

namespace {

/// Scores of two moments, the second with an empty model, and dynamics.
json scores() {
  const auto truth = test::amorphous(60, 7.0, 2.2, 1);
  validation::RunScores run;
  run.case_name = "a case";
  run.frames.push_back(validation::score_frame("t000", truth, test::shaken(truth, 0.1, 2)));
  run.frames.push_back(validation::score_frame("t001", truth, {}));
  validation::set_compared_model(run.frames.front(), truth, truth);
  validation::set_limit(run.frames.front(), 5.0);
  run.dynamics = {validation::known("dynamics.event_accuracy", 0.5, std::pair(0.1, 0.9)),
                  validation::known("dynamics.event_merge_as_none", 2.0),
                  validation::known("dynamics.growing_truth", 3.0)};
  run.checks =
      validation::evaluate_checks(run.frames, {{"atoms.recall", validation::Direction::at_least, 0.95},
                                               {"order.q6_rms", validation::Direction::at_most, 0.1}});
  return json::parse(validation::json_text(validation::score_json(run)));
}

std::vector<std::string> errors_of(const char* name, const json& document) {
  return test::schema_errors(validation::schema_text(name), document.dump());
}

} // namespace

BOOST_AUTO_TEST_CASE(the_committed_files_are_those_of_the_table) {
  for (const std::string& name : validation::schema_names())
    BOOST_TEST((core::read_file(test::schema_file(name)) == validation::schema_text(name)),
               "write it anew: aetval figures --schema " << name << " > "
                                                         << test::schema_file(name).string());
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>([] { (void)validation::schema_of("score"); }),
                            "score", "scores"));
}

BOOST_AUTO_TEST_CASE(scores_are_as_their_schema_says) {
  for (const std::string& error : errors_of("scores", scores()))
    BOOST_ERROR(error);
  validation::RunScores empty;
  for (const std::string& error : errors_of("scores", json::parse(validation::score_json(empty).dump())))
    BOOST_ERROR(error);
}

BOOST_AUTO_TEST_CASE(what_is_not_in_the_table_is_refused) {
  const auto refused = [](auto change) {
    json document = scores();
    change(document);
    return !errors_of("scores", document).empty();
  };
  BOOST_TEST(refused([](json& d) { d["frames"][0]["atoms"]["recal"] = 0.5; }));
  BOOST_TEST(refused([](json& d) { d["frames"][0]["atoms"]["recall"] = 1.5; }));
  BOOST_TEST(refused([](json& d) { d["frames"][0]["atoms"]["recall"] = "good"; }));
  BOOST_TEST(refused([](json& d) { d["frames"][0]["atoms"]["rmsd_axis_pm"] = {1.0, 2.0}; }));
  BOOST_TEST(refused([](json& d) { d["frames"][0]["atoms"]["by_species"]["Pt"]["colour"] = 1; }));
  BOOST_TEST(refused([](json& d) { d["frames"][0].erase("nuclei"); }));
  BOOST_TEST(refused([](json& d) { d["dynamics"]["event_merge_as_split"] = 1; }));
  BOOST_TEST(refused([](json& d) { d["checks"][0]["status"] = "fine"; }));
  BOOST_TEST(refused([](json& d) { d["more"] = 1; }));
}

BOOST_AUTO_TEST_CASE(committed_baselines_are_as_their_schema_says) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(AET_SOURCE_DIR "/inputs/baselines")) {
    ++files;
    json baseline = json::parse(core::read_file(entry.path()));
    for (const std::string& error : errors_of("baseline", baseline))
      BOOST_ERROR(entry.path().string() + ": " + error);
    baseline["history"][0]["frames"][0]["figures"]["atoms.by_species.Fe.colour"] = {{"value", 1}};
    BOOST_TEST(!errors_of("baseline", baseline).empty());
  }
  BOOST_TEST(files > 0);
}

BOOST_AUTO_TEST_SUITE_END()
