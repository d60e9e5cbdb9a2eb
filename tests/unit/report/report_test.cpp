#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/report/synthetic_run.hpp"
#include "validation/report/report.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>

BOOST_AUTO_TEST_SUITE(report)

using namespace aet;
namespace fs = std::filesystem;

namespace {

/// A run directory that goes away with its test.
struct TemporaryRun {
  test::TemporaryFolder folder;
  fs::path path = folder.path();
  explicit TemporaryRun(const test::SyntheticRun& what = small()) { test::write_synthetic_run(path, what); }

  static test::SyntheticRun small() {
    test::SyntheticRun what;
    what.frames = 2;
    what.radius_a = 7.0;
    what.box = 40;
    what.tilts = 5;
    return what;
  }
  [[nodiscard]] std::string page() const {
    validation::write_report(path);
    return core::read_file(path / "report.html");
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++n;
  return n;
}

/// The page without the third-party library, which may hold what our own text must not.
std::string without_three(std::string page) {
  const auto begin = page.find("(function(global,factory)");
  const auto end = page.find("</script>", begin);
  return page.erase(begin, end - begin);
}

} // namespace

BOOST_AUTO_TEST_CASE(the_quickstart_page_is_small_and_whole) {
  const TemporaryRun run{test::SyntheticRun{}}; // 3 frames of 72^3 voxels and 31 tilts
  const std::string page = run.page();
  BOOST_TEST(page.size() < 5'000'000U);
  BOOST_TEST(page.starts_with("<!doctype html>"));
  BOOST_TEST(page.ends_with("</html>\n"));
  BOOST_TEST(contains(page, "<h1>Platinum droplet, quenched</h1>"));
  BOOST_TEST(contains(page, "aetval run inputs/quickstart.toml"));
  BOOST_TEST(!contains(page, "{{")); // no tag of the template is left over
}

BOOST_AUTO_TEST_CASE(the_same_run_gives_the_same_page_wherever_it_lies) {
  const TemporaryRun one;
  const TemporaryRun two;
  // Broken files put messages with paths on the page.
  for (const auto* run : {&one, &two})
    core::write_file(run->path / "volume" / "t000.mrc", "broken");
  const std::string page = one.page();
  BOOST_TEST((page == two.page()));
  BOOST_TEST(!contains(page, one.path.string()));
}

BOOST_AUTO_TEST_CASE(nothing_outside_is_referred_to) {
  const TemporaryRun run;
  const std::string page = without_three(run.page());
  for (const char* attribute :
       {"src=\"", "<link", "@import", "url(http", "href=\"http", "<iframe", "fetch(", "XMLHttpRequest"})
    BOOST_TEST(!contains(page, attribute), attribute << " occurs in the page");
  BOOST_TEST(contains(page, "default-src 'none'"));
}

BOOST_AUTO_TEST_CASE(hostile_text_stays_text) {
  test::SyntheticRun what = TemporaryRun::small();
  const std::string attack =
      "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'><!--{{{script}}}";
  what.title = attack;
  const TemporaryRun run(what);
  core::write_file(run.path / "config.toml", attack);
  core::write_file(run.path / "manifest.json",
                   "{\"command\": \"</code></pre><script>alert(3)</script>\", \"seed\": \"<b>\", \"stages\": "
                   "[{\"name\": \"<i>\", \"notes\": [\"<script>alert(4)</script>\"]}]}");
  core::write_file(run.path / "analysis" / "truth.json",
                   "{\"frames\": [], \"x\": \"</script><script>alert(5)</script>\"}");
  const std::string page = run.page();
  BOOST_TEST(!contains(page, "<script>alert"));
  BOOST_TEST(!contains(page, "<img"));
  BOOST_TEST(!contains(page, "<!--{{{"));
  BOOST_TEST(contains(page, "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
  // The three scripts of the template and no other.
  BOOST_TEST(count(page, "<script") == 3U);
  BOOST_TEST(count(page, "</script") == 3U);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_do_no_harm) {
  const TemporaryRun run;
  core::write_file(run.path / "truth" / "md" / "hold" / "thermo.csv", "time_ps,\xff\xfe\n0,1\n1,2\n");
  BOOST_TEST(contains(run.page(), "</html>"));
}

// Each artefact in turn is missing, then broken: the page is written, and says so.
BOOST_AUTO_TEST_CASE(a_lost_or_broken_file_costs_its_section_only) {
  for (const char* name :
       {"scores.json", "manifest.json", "config.toml", "analysis/truth.json", "analysis/model.json",
        "analysis/matches_t000.json", "truth/md/hold/md.json", "truth/md/hold/thermo.csv", "volume/t000.mrc",
        "volume/t000.json", "model/t000.json", "tilts/t000.mrc", "analysis/model_t000.xyz"}) {
    const TemporaryRun run;
    const std::string file(name);
    if (file == "analysis/model_t000.xyz") fs::remove(run.path / "model" / "t000.xyz");
    if (file != "config.toml") { // any text is a config to show
      core::write_file(run.path / file, "{ this is neither");
      const std::string broken = run.page();
      BOOST_TEST(contains(broken, file), file << " is broken, but the page does not name it");
      BOOST_TEST(contains(broken, "</html>"));
    }
    fs::remove(run.path / file);
    const std::string missing = run.page();
    BOOST_TEST(contains(missing, "the run has no " + file),
               file << " is missing, but the page does not say so");
  }
}

BOOST_AUTO_TEST_CASE(matches_of_other_atoms_are_refused) {
  const TemporaryRun run;
  core::write_file(run.path / "analysis" / "matches_t000.json", R"({"pairs": [[0, 999999, 1, 2, 3]]})");
  BOOST_TEST(contains(run.page(), "the matches name truth atom 0 and model atom 999999"));
  core::write_file(run.path / "analysis" / "matches_t000.json", R"({"pairs": [[0, -1, 1, 2, 3]]})");
  BOOST_TEST(contains(run.page(), "pair 0 must be [truth index, model index, dx_pm, dy_pm, dz_pm]"));
}

BOOST_AUTO_TEST_CASE(an_empty_run_is_not_assessed) {
  const TemporaryRun run;
  fs::remove_all(run.path);
  fs::create_directory(run.path);
  const std::string page = run.page();
  BOOST_TEST(contains(page, "not assessed"));
  BOOST_TEST(contains(page, "Nothing was assessed: the run has no scores.json."));
  BOOST_TEST(!contains(page, "class=\"verdict pass\""));
}

BOOST_AUTO_TEST_CASE(no_directory_is_an_error_that_says_what_to_do) {
  BOOST_CHECK_EXCEPTION(
      validation::write_report("/nowhere/run"), core::DataError,
      [](const core::DataError& error) { return contains(error.what(), "/nowhere/run is not a directory"); });
}

BOOST_AUTO_TEST_CASE(values_need_no_files) {
  validation::ReportData data;
  const std::string page = validation::render_report(data);
  BOOST_TEST(contains(page, "Untitled run"));
  data.scores.value = validation::page::JsonText{"{"};
  BOOST_CHECK_THROW(static_cast<void>(validation::render_report(data)), core::DataError);
}

BOOST_AUTO_TEST_SUITE_END()
