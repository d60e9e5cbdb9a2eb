#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/random.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/score/specimens.hpp"
#include "validation/score/baseline.hpp"
#include "validation/score/score_json.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

BOOST_AUTO_TEST_SUITE(baseline)

using namespace aet;
using validation::Baseline;
using validation::Check;
using validation::CheckStatus;
using validation::StoredRun;

namespace {

/// A run directory with the scores of a model that is the truth with normal errors [angstrom], less
/// `lost` atoms.
StoredRun run_of(const std::filesystem::path& dir, double sd, std::uint64_t seed, std::size_t lost = 0,
                 double scale = 1.0) {
  const core::Atoms truth = test::amorphous(300, 14.0, 2.2, 5);
  core::Atoms model = test::shaken(truth, sd, seed);
  for (auto& p : model.positions)
    p *= scale;
  model.positions.resize(model.positions.size() - lost);
  model.atomic_numbers.resize(model.atomic_numbers.size() - lost);
  validation::RunScores scores;
  scores.case_name = "a case";
  scores.frames.push_back(validation::score_frame("t000", truth, model));
  core::write_file(dir / "scores.json", validation::json_text(validation::score_json(scores)));
  core::write_file(dir / "config.toml",
                   fmt::format("seed = {}\n[images]\npixel_a = 0.40000000000000002\n", seed));
  return validation::read_stored_run(dir);
}

std::size_t failed(const std::vector<Check>& checks) {
  return static_cast<std::size_t>(std::count_if(
      checks.begin(), checks.end(), [](const Check& c) { return c.status == CheckStatus::fail; }));
}

const Check& named(const std::vector<Check>& checks, const std::string& figure) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const Check& c) { return c.name == figure + " against baseline"; });
  BOOST_REQUIRE(found != checks.end());
  return *found;
}

struct Folder {
  test::TemporaryFolder temporary;
  std::filesystem::path dir = temporary.path();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(baseline, Folder)

BOOST_AUTO_TEST_CASE(noise_passes_on_twenty_seeds) {
  const Baseline accepted{{run_of(dir, 0.05, 1)}};
  for (std::uint64_t seed = 2; seed < 22; ++seed) {
    const auto checks = validation::compare_with_baseline(run_of(dir, 0.05, seed), accepted);
    BOOST_TEST(checks.size() >= 8U);
    BOOST_TEST(failed(checks) == 0U);
  }
}

BOOST_AUTO_TEST_CASE(regressions_fail_and_say_what) {
  const Baseline accepted{{run_of(dir, 0.05, 1)}};
  // Errors a third larger: 6 standard deviations of an RMSD over 300 atoms (900 coordinates, 2.4 % each run).
  auto checks = validation::compare_with_baseline(run_of(dir, 0.066, 2), accepted);
  BOOST_TEST((named(checks, "atoms.rmsd_pm").status == CheckStatus::fail));
  BOOST_TEST(
      test::contains(named(checks, "atoms.rmsd_pm").reason, "pm is worse than the baseline's", "chance"));
  BOOST_TEST((named(checks, "atoms.recall").status == CheckStatus::pass));
  // A pixel size wrong by 1 %.
  checks = validation::compare_with_baseline(run_of(dir, 0.05, 2, 0, 1.01), accepted);
  BOOST_TEST((named(checks, "atoms.rmsd_pm").status == CheckStatus::fail));
  // 15 of 300 atoms lost.
  checks = validation::compare_with_baseline(run_of(dir, 0.05, 2, 15), accepted);
  BOOST_TEST((named(checks, "atoms.recall").status == CheckStatus::fail));
  BOOST_TEST((named(checks, "atoms.precision").status == CheckStatus::pass));
}

BOOST_AUTO_TEST_CASE(an_improvement_passes_and_says_so) {
  const Baseline accepted{{run_of(dir, 0.05, 1)}};
  const auto checks = validation::compare_with_baseline(run_of(dir, 0.03, 2), accepted);
  BOOST_TEST(failed(checks) == 0U);
  BOOST_TEST(
      test::contains(named(checks, "atoms.rmsd_pm").reason, "is better than the baseline's", "--update"));
}

BOOST_AUTO_TEST_CASE(what_is_lost_fails) {
  const Baseline accepted{{run_of(dir, 0.05, 1)}};
  StoredRun run = run_of(dir, 0.05, 2);
  auto& figures = run.frames[0].figures;
  std::erase_if(figures, [](const auto& f) { return f.name == "atoms.rmsd_pm"; });
  auto checks = validation::compare_with_baseline(run, accepted);
  BOOST_TEST((named(checks, "atoms.rmsd_pm").status == CheckStatus::fail));
  BOOST_TEST(test::contains(named(checks, "atoms.rmsd_pm").reason, "no such figure"));
  run.frames.clear();
  checks = validation::compare_with_baseline(run, accepted);
  BOOST_TEST(failed(checks) == checks.size());
}

BOOST_AUTO_TEST_CASE(history_widens_what_chance_explains) {
  // Figures without an interval are judged by an assumed scatter of half the value, until enough was seen.
  const auto with = [](StoredRun run, double value) {
    validation::set(run.frames[0].figures, validation::known("opg.lambda_rms_a", value));
    return run;
  };
  const StoredRun plain = run_of(dir, 0.05, 1);
  Baseline accepted{{with(plain, 4.0)}};
  const auto count = [&accepted](const StoredRun& run) {
    const auto checks = validation::compare_with_baseline(run, accepted);
    return std::count_if(checks.begin(), checks.end(),
                         [](const Check& c) { return c.name.starts_with("opg."); });
  };
  BOOST_TEST(count(with(plain, 40.0)) == 1);
  BOOST_TEST(failed(validation::compare_with_baseline(with(plain, 40.0), accepted)) == 1U);
  BOOST_TEST(failed(validation::compare_with_baseline(with(plain, 5.0), accepted)) == 0U);
  accepted.history.insert(accepted.history.end(), {with(plain, 4.4), with(plain, 3.6), with(plain, 4.1)});
  BOOST_TEST(count(with(plain, 40.0)) == 1);
  BOOST_TEST(failed(validation::compare_with_baseline(with(plain, 40.0), accepted)) == 1U);
  BOOST_TEST(failed(validation::compare_with_baseline(with(plain, 4.5), accepted)) == 0U);
  // Lower is better: 3.5 is better than all, 4.2 than one of four.
  BOOST_TEST(*validation::rank_in_history(accepted, "t000", "opg.lambda_rms_a", 3.5) == 1.0);
  BOOST_TEST(*validation::rank_in_history(accepted, "t000", "opg.lambda_rms_a", 4.2) == 0.25);
}

BOOST_AUTO_TEST_CASE(few_runs_do_not_tell_the_scatter_and_alarms_stay_as_rare_as_stated) {
  core::RandomStream random(5, "test.baseline", {});
  const auto run = [&random](double mean) {
    StoredRun made;
    made.frames.push_back({"t000", {validation::known("opg.lambda_rms_a", mean + 0.3 * random.normal())}});
    return made;
  };
  for (const int runs : {4, 10}) {
    int alarms = 0;
    constexpr int trials = 20000;
    for (int trial = 0; trial < trials; ++trial) {
      Baseline accepted;
      for (int k = 0; k < runs; ++k)
        accepted.history.push_back(run(4.0));
      alarms += static_cast<int>(failed(validation::compare_with_baseline(run(4.0), accepted)));
    }
    BOOST_TEST(alarms <= 0.012 * trials); // 0.01 and 3 standard errors
  }
}

BOOST_AUTO_TEST_CASE(files_keep_everything) {
  const auto file = dir / "b.json";
  const StoredRun run = run_of(dir, 0.05, 1);
  validation::record_in_baseline(file, run);
  validation::record_in_baseline(file, run_of(dir, 0.05, 2));
  const Baseline back = validation::read_baseline(file);
  BOOST_REQUIRE(back.history.size() == 2U);
  BOOST_TEST(back.history[0].seed == 1U);
  BOOST_TEST(back.history[0].settings.at("images.pixel_a") == "0.4");
  BOOST_TEST(back.history[0].settings.count("seed") == 0U);
  BOOST_TEST(back.history[0].date.size() == 10U);
  BOOST_REQUIRE(back.history[0].frames.size() == 1U);
  for (const auto& figure : run.frames[0].figures) {
    const validation::Figure* stored = validation::find(back.history[0].frames[0].figures, figure.name);
    BOOST_REQUIRE(stored != nullptr);
    BOOST_TEST(*stored->value == *figure.value);
    BOOST_TEST((stored->interval == figure.interval));
  }
  StoredRun changed = run;
  changed.settings["images.pixel_a"] = "0.5";
  const auto changes = validation::changed_settings(changed, back);
  BOOST_REQUIRE(changes.size() == 1U);
  BOOST_TEST(changes[0] == "images.pixel_a: 0.4 in the baseline, 0.5 now");
}

BOOST_AUTO_TEST_CASE(a_report_gets_the_change_and_the_history) {
  const Folder folder;
  Baseline baseline;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    baseline.history.push_back(run_of(folder.dir, 0.1, seed));
  run_of(folder.dir, 0.2, 9);
  auto own = nlohmann::ordered_json::parse(core::read_file(folder.dir / "scores.json"));
  own["checks"].push_back({{"name", "atoms.rmsd_pm"},
                           {"frame", "t000"},
                           {"value", own["frames"][0]["atoms"]["rmsd_pm"]},
                           {"unit", "pm"},
                           {"limit", 50.0},
                           {"direction", "at_most"},
                           {"status", "pass"},
                           {"reason", "within the limit"}});
  core::write_file(folder.dir / "scores.json", own.dump());
  const auto with = nlohmann::ordered_json::parse(validation::scores_against(folder.dir, baseline));
  BOOST_TEST(with["verdict"] == "fail"); // twice the error, although the case's own limit is kept
  BOOST_TEST(with["checks"][0]["history"].size() == 4U);
  BOOST_TEST(!with["checks"][0].contains("baseline"));
  bool found = false;
  for (const auto& check : with["checks"]) {
    if (check["name"] != "atoms.rmsd_pm against baseline") continue;
    found = true;
    BOOST_TEST(check["status"] == "fail");
    BOOST_TEST(check["baseline"].get<double>() < 0.7 * check["value"].get<double>());
  }
  BOOST_TEST(found);
  BOOST_TEST(with["frames"] == own["frames"]);
}

BOOST_AUTO_TEST_CASE(unusable_files_are_named) {
  const auto file = dir / "bad.json";
  const auto message = [&file](const std::string& text) {
    std::ofstream(file) << text;
    return test::message_of<core::DataError>([&file] { (void)validation::read_baseline(file); });
  };
  BOOST_TEST(test::contains(message("{"), "bad.json", "not a baseline"));
  BOOST_TEST(test::contains(message(R"({"schema": 2, "history": []})"), "schema 2", "schema 1"));
  BOOST_TEST(test::contains(message(R"({"schema": 1, "history": []})"), "holds no run", "--update"));
  BOOST_TEST(test::contains(
      test::message_of<core::DataError>([this] { (void)validation::read_stored_run(dir / "nowhere"); }),
      "nowhere", "scores.json"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
