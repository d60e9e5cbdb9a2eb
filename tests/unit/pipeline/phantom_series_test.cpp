#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "tests/support/message.hpp"
#include "tests/support/phantoms.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/case/case.hpp"
#include "validation/case/phantom_series.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

BOOST_AUTO_TEST_SUITE(phantom_series)

using namespace aet;

namespace {

const std::filesystem::path inputs = std::filesystem::path(AET_SOURCE_DIR) / "inputs";

std::string refusal(const std::string& toml) {
  const test::TemporaryFolder folder;
  core::write_file(folder / "phantom.toml", toml);
  return test::message_of<core::ConfigError>(
      [&] { (void)validation::build_phantom_series(folder / "phantom.toml"); });
}

} // namespace

BOOST_AUTO_TEST_CASE(the_case_of_order_is_the_series_that_the_analysis_is_tested_with) {
  const auto series = validation::build_phantom_series(inputs / "phantom_fept.toml");
  const specimen::OrderPhantom wanted = test::order_series();
  const auto moments = specimen::build_phantom(wanted);
  BOOST_REQUIRE(series.moments.size() == moments.size());
  for (std::size_t m = 0; m < moments.size(); ++m) {
    BOOST_TEST(series.moments[m].atomic_numbers == moments[m].atomic_numbers);
    BOOST_REQUIRE(series.moments[m].size() == moments[m].size());
    for (std::size_t i = 0; i < moments[m].size(); ++i)
      BOOST_TEST((series.moments[m].positions[i] - moments[m].positions[i]).norm() < 1e-12);
  }
  const auto events = validation::events_json(series.events);
  BOOST_REQUIRE(events.size() == 4U); // merge, nucleate; dissolve, divide
  BOOST_TEST(events[0]["moment"] == 2);
  BOOST_TEST(events[0]["kind"] == "merge");
  BOOST_TEST(events[0]["from"] == (std::vector<int>{2, 3}));
  BOOST_TEST(events[0]["to"] == (std::vector<int>{2}));
}

BOOST_AUTO_TEST_CASE(crystals_in_a_liquid) {
  const test::TemporaryFolder folder;
  core::write_file(folder / "liquid.toml", R"(
kind = "liquid"
moments = 2
[liquid]
radius_a = 14
[moment_1]
nuclei = 1
nucleus_1 = { centre_a = [2, 0, 0], radius_a = 6, euler_deg = [10, 20, 30] }
[moment_2]
nuclei = 1
nucleus_1 = { centre_a = [2, 0, 0], radius_a = 8, euler_deg = [10, 20, 30], parents = [1] }
)");
  const auto series = validation::build_phantom_series(folder / "liquid.toml");
  BOOST_REQUIRE(series.moments.size() == 2U);
  BOOST_TEST(series.events.empty());
  const auto planted = [&](std::size_t m) {
    const auto& column = series.moments[m].columns.at("planted");
    return std::count(column.begin(), column.end(), 0.0);
  };
  BOOST_TEST(planted(0) > 40); // 4/3 pi 6^3 times 4 atoms in 3.92^3: 60, less where the lattice does not fit
  BOOST_TEST(planted(1) > planted(0));
}

BOOST_AUTO_TEST_CASE(a_case_images_what_was_planted) {
  const std::string file = (inputs / "phantom_4d.toml").string();
  const auto settings = validation::read_case_text(
      "seed = 5\n[truth]\nsource = \"phantom\"\nfile = \"" + file + "\"\n[images]\npixels = 150\n", "case");
  BOOST_TEST(settings.truth->frames == 3);
  BOOST_TEST(validation::truth_inputs(*settings.truth).at(0) == std::filesystem::path(file));
  const auto series = validation::build_phantom(*settings.truth);
  BOOST_TEST(core::centroid(series.moments[0]).norm() < 1e-9);
  const auto plain = validation::build_phantom_series(file, 5);
  const core::Vec3 moved = series.moments[0].positions[0] - plain.moments[0].positions[0];
  BOOST_TEST((series.moments[2].positions[7] - plain.moments[2].positions[7] - moved).norm() < 1e-12);
  BOOST_TEST(series.moments[0].columns.contains("u_rms"));
  BOOST_TEST(series.events.size() == 4U);
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  BOOST_TEST(test::contains(refusal("kind = \"liquid\""), "moments"));
  BOOST_TEST(test::contains(refusal("moments = 1\nkind = \"gas\""), "kind", "liquid"));
  BOOST_TEST(test::contains(refusal("moments = 1\nkind = \"liquid\"\n[moment_1]\nnuclei = 1\n"
                                    "nucleus_1 = { radius = 5 }"),
                            "radius"));
  BOOST_TEST(test::contains(refusal("moments = 2\nkind = \"liquid\"\n[moment_2]\nnuclei = 1\n"
                                    "nucleus_1 = { parents = [3] }"),
                            "parent"));
}

BOOST_AUTO_TEST_SUITE_END()
