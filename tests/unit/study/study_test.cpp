#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/study/results.hpp"
#include "validation/study/study.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <set>

BOOST_AUTO_TEST_SUITE(study)

using namespace aet;
using validation::Study;

namespace {

struct Folder {
  test::TemporaryFolder folder;
  std::filesystem::path dir = folder.path();
  Folder() {
    core::write_file(dir / "one.toml",
                     "title = 'one'\n[images]\npixels = 24\n[images.noise]\nreadout_sd = 0.5\n");
    core::write_file(dir / "two.toml", "title = 'two'\n");
  }

  [[nodiscard]] Study study(const std::string& text) const {
    core::write_file(dir / "s.toml", text);
    return validation::read_study(dir / "s.toml");
  }
  [[nodiscard]] std::string refusal(const std::string& text) const {
    return test::message_of<core::ConfigError>([&] { (void)study(text); });
  }
  void scores(const std::string& point, double recall, double rmsd) const {
    core::write_file(dir / "points" / point / "scores.json",
                     fmt::format(R"({{"case": "x", "checks": [], "frames": [{{"name": "t000", "atoms": {{
                     "recall": {}, "recall_interval": [0.9, 1.0], "rmsd_pm": {}, "limit_rmsd_pm": 3.0}}}}]}})",
                                 recall, rmsd));
  }
};

constexpr const char* good = "title = 'S'\ncases = ['one.toml', 'two.toml']\nseeds = [3, 4]\n[grid]\n"
                             "'images.noise.total_dose_e_per_a2' = [1e4, 1e5, 1e6]\n"
                             "'reconstruct.algorithm' = ['genfire', 'least_squares']\n"
                             "[[figure]]\nx = 'images.noise.total_dose_e_per_a2'\ny = 'atoms.rmsd_pm'\n";

} // namespace

BOOST_FIXTURE_TEST_SUITE(study, Folder)

BOOST_AUTO_TEST_CASE(every_combination_is_a_point_of_its_own) {
  const Study s = study(good);
  BOOST_REQUIRE(s.points.size() == 2U * 3U * 2U * 2U);
  std::set<std::string> names;
  for (const auto& point : s.points)
    names.insert(point.name);
  BOOST_TEST(names.size() == s.points.size());
  BOOST_TEST((s.axes ==
              std::vector<std::string>{"case", "images.noise.total_dose_e_per_a2", "reconstruct.algorithm"}));
  const auto& last = s.points.back();
  BOOST_TEST(last.seed == 4U);
  BOOST_TEST(last.settings.at("case") == "two");
  BOOST_TEST(last.settings.at("images.noise.total_dose_e_per_a2") == "1000000");
  // The case has what the grid says and keeps the rest.
  BOOST_TEST(test::contains(s.points[0].case_toml, "readout_sd = 0.5", "total_dose_e_per_a2 = 10000.0",
                            "seed = 3", "pixels = 24", "genfire"));
}

BOOST_AUTO_TEST_CASE(names_do_not_change_when_values_are_added) {
  const Study few = study("cases = ['one.toml']\n[grid]\n'images.pixels' = [24, 32]\n");
  const Study more = study("cases = ['one.toml']\n[grid]\n'images.pixels' = [20, 24, 28, 32]\n");
  BOOST_TEST(few.points[0].name == more.points[1].name);
  BOOST_TEST(few.points[1].name == more.points[3].name);
}

BOOST_AUTO_TEST_CASE(mistakes_are_found_before_anything_runs) {
  BOOST_TEST(test::contains(refusal("cases = ['one.toml']\n[grid]\n'images.pixel' = [24]\n"),
                            "images.pixel = 24", "did you mean 'pixels'"));
  BOOST_TEST(
      test::contains(refusal("cases = ['one.toml']\n[grid]\n'images.pixels' = 24\n"), "s.toml", "list"));
  BOOST_TEST(test::contains(refusal("cases = ['one.toml']\n[grid]\nimages.pixels = [24]\n"), "quotes"));
  BOOST_TEST(test::contains(refusal("cases = ['one.toml']\nseed = [1]\n"), "did you mean 'seeds'"));
  BOOST_TEST(test::contains(refusal("cases = ['one.toml']\nseeds = [-1]\n"), "-1", "whole number"));
  BOOST_TEST(test::contains(refusal("cases = ['three.toml']\n"), "three.toml", "does not exist"));
  BOOST_TEST(test::contains(refusal("title = 'x'\n"), "cases", "list"));
  BOOST_TEST(
      test::contains(refusal("cases = ['one.toml']\n[[figure]]\nx = 'images.pixels'\ny = 'atoms.recall'\n"),
                     "images.pixels", "no setting of the grid"));
  BOOST_TEST(test::contains(refusal("cases = ['one.toml']\n[grid]\n'images.pixels' = [24]\n[[figure]]\n"
                                    "x = 'images.pixels'\ny = 'atoms.recal'\n"),
                            "did you mean atoms.recall"));
  BOOST_TEST(test::contains(refusal("cases = ['one.toml'\n"), "s.toml:", "not valid TOML"));
}

BOOST_AUTO_TEST_CASE(results_are_means_over_seeds) {
  const Study s = study("cases = ['one.toml']\nseeds = [1, 2]\n[grid]\n'images.pixels' = [24, 32]\n"
                        "[[figure]]\nx = 'images.pixels'\ny = 'atoms.rmsd_pm'\n");
  scores(s.points[0].name, 0.9, 10.0);
  scores(s.points[1].name, 1.0, 14.0);
  const auto rows =
      validation::collect_results(s, dir / "points", {{s.points[2].name, "the <disk> is full"}});
  BOOST_REQUIRE(rows.size() == 2U);
  BOOST_TEST(rows[0].runs == 2U);
  const auto& rmsd = rows[0].figures.at("atoms.rmsd_pm");
  BOOST_TEST(rmsd.mean == 12.0);
  BOOST_TEST(std::abs(*rmsd.standard_error - 2.0) < 1e-12); // sd of 10 and 14 is 2 sqrt 2
  BOOST_TEST(rows[1].runs == 0U);
  BOOST_REQUIRE(rows[1].failures.size() == 2U);
  BOOST_TEST(test::contains(rows[1].failures[0], "the <disk> is full"));
  BOOST_TEST(test::contains(rows[1].failures[1], "not run yet"));

  const std::string csv = validation::results_csv(s, rows);
  BOOST_TEST(
      test::contains(csv, "images.pixels,runs,", "atoms.rmsd_pm,atoms.rmsd_pm_standard_error", "\n24,2,"));
  const std::string page = validation::results_page(s, rows);
  BOOST_TEST(test::contains(page, "2 of 4 runs", "&lt;disk&gt;", "not assessed", "limit"));
  BOOST_TEST(page.find("<disk>") == std::string::npos);
  BOOST_TEST(page.find("http://") == page.find("http://www.w3.org/2000/svg")); // nothing to load
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
