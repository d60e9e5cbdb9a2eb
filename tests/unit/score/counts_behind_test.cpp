#include "sim/core/random.hpp"
#include "tests/support/message.hpp"
#include "validation/score/baseline.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

BOOST_AUTO_TEST_SUITE(counts_behind_figures)

using namespace aet;
using validation::Baseline;
using validation::Check;
using validation::CheckStatus;
using validation::StoredRun;

namespace {

struct Numbers {
  int truth = 10;
  int model = 10;
  int matched = 10;
  int compared = 10;
};

/// A run whose figures are those of its nuclei: what rests on a count of 0 is absent, as in scores.json.
StoredRun run_with(const Numbers& n, double lambda_rms = 4.0) {
  StoredRun run;
  run.case_name = "nuclei";
  validation::Figures f{
      validation::known("nuclei.truth", n.truth), validation::known("nuclei.model", n.model),
      validation::known("nuclei.matched", n.matched), validation::known("opg.compared", n.compared)};
  const auto share = [&f](const char* name, int part, int of) {
    if (of > 0) f.push_back(validation::known(name, static_cast<double>(part) / of, std::pair(0.0, 1.0)));
  };
  share("nuclei.recall", n.matched, n.truth);
  share("nuclei.precision", n.matched, n.model);
  if (n.compared > 0) f.push_back(validation::known("opg.lambda_rms_a", lambda_rms));
  run.frames.push_back({"t000", f});
  return run;
}

Baseline accepted(const std::vector<Numbers>& runs) {
  Baseline baseline;
  double lambda = 3.8;
  for (const Numbers& n : runs)
    baseline.history.push_back(run_with(n, lambda += 0.1));
  return baseline;
}

const Check& named(const std::vector<Check>& checks, const std::string& figure) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const Check& c) { return c.name == figure + " against baseline"; });
  BOOST_REQUIRE(found != checks.end());
  return *found;
}

std::vector<std::string> failed(const std::vector<Check>& checks) {
  std::vector<std::string> names;
  for (const Check& check : checks)
    if (check.status == CheckStatus::fail) names.push_back(check.name.substr(0, check.name.find(' ')));
  return names;
}

using Names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(the_loss_of_all_fits_is_judged_once) {
  const Baseline baseline = accepted({{}, {}, {}, {}});
  const auto checks = validation::compare_with_baseline(run_with({10, 10, 10, 0}), baseline);
  BOOST_TEST(failed(checks) == Names{"opg.compared"}, boost::test_tools::per_element());
  const Check& count = named(checks, "opg.compared");
  BOOST_TEST(test::contains(count.reason, "0 of 10 matched nuclei", "40 of 40 in 4 accepted runs",
                            "fewer than chance explains"));
  BOOST_TEST(count.limit >= 1.0);
  const Check& figure = named(checks, "opg.lambda_rms_a");
  BOOST_TEST((figure.status == CheckStatus::not_assessed));
  BOOST_TEST(test::contains(figure.reason, "has no matched nuclei with an OPG fit", "takes 3 for this figure",
                            "judged at opg.compared"));
}

BOOST_AUTO_TEST_CASE(lost_matches_fail_at_the_matches_and_not_behind_them) {
  const Baseline baseline = accepted({{}, {}, {}, {}});
  const auto checks = validation::compare_with_baseline(run_with({10, 10, 0, 0}), baseline);
  BOOST_TEST((named(checks, "nuclei.matched").status == CheckStatus::fail));
  BOOST_TEST((named(checks, "opg.compared").status == CheckStatus::not_assessed));
  BOOST_TEST((named(checks, "opg.lambda_rms_a").status == CheckStatus::not_assessed));
  BOOST_TEST((named(checks, "nuclei.truth").status == CheckStatus::pass));
}

BOOST_AUTO_TEST_CASE(few_to_begin_with_may_be_none) {
  const Baseline few = accepted({{5, 4, 2, 1}, {4, 4, 2, 1}, {4, 3, 1, 1}, {4, 4, 2, 1}});
  auto checks = validation::compare_with_baseline(run_with({3, 4, 2, 0}), few);
  BOOST_TEST(failed(checks) == Names{}, boost::test_tools::per_element());
  BOOST_TEST((named(checks, "opg.compared").status == CheckStatus::pass));
  // Over one nucleus an rms says nothing: it is held against nothing, however large, and its count is.
  checks = validation::compare_with_baseline(run_with({3, 4, 2, 1}, 400.0), few);
  BOOST_TEST((validation::verdict(checks) == CheckStatus::pass));
  BOOST_TEST(std::none_of(checks.begin(), checks.end(),
                          [](const Check& c) { return c.name.starts_with("opg.lambda_rms_a"); }));
  // Where the accepted runs have enough of them, a run with too few is not a pass.
  const Baseline enough = accepted({{8, 8, 8, 4}, {8, 8, 8, 5}, {8, 8, 8, 3}, {8, 8, 8, 4}});
  checks = validation::compare_with_baseline(run_with({8, 8, 8, 2}, 400.0), enough);
  BOOST_TEST(failed(checks) == Names{}, boost::test_tools::per_element());
  BOOST_TEST((named(checks, "opg.lambda_rms_a").status == CheckStatus::not_assessed));
  BOOST_TEST((validation::verdict(checks) == CheckStatus::not_assessed));
}

BOOST_AUTO_TEST_CASE(a_figure_without_its_excuse_fails) {
  const Baseline baseline = accepted({{}, {}, {}, {}});
  const auto without = [](StoredRun run, const std::string& name) {
    std::erase_if(run.frames[0].figures, [&name](const auto& f) { return f.name == name; });
    return run;
  };
  // The count says that there are fits.
  auto checks = validation::compare_with_baseline(without(run_with({}), "opg.lambda_rms_a"), baseline);
  BOOST_TEST(failed(checks) == Names{"opg.lambda_rms_a"}, boost::test_tools::per_element());
  // The count is missing as well.
  checks = validation::compare_with_baseline(without(run_with({10, 10, 10, 0}), "opg.compared"), baseline);
  BOOST_TEST(failed(checks) == (Names{"opg.lambda_rms_a", "opg.compared"}), boost::test_tools::per_element());
  BOOST_TEST(test::contains(named(checks, "opg.compared").reason, "does not record"));
  // What the count is a part of is missing.
  checks = validation::compare_with_baseline(without(run_with({}), "nuclei.matched"), baseline);
  BOOST_TEST(failed(checks) == (Names{"nuclei.matched", "opg.compared"}), boost::test_tools::per_element());
  // The baseline does not know the count, so that nothing would judge the loss.
  Baseline old = baseline;
  for (StoredRun& run : old.history)
    run = without(run, "opg.compared");
  checks = validation::compare_with_baseline(run_with({10, 10, 10, 0}), old);
  BOOST_TEST(failed(checks) == Names{"opg.lambda_rms_a"}, boost::test_tools::per_element());
  // The frame is missing.
  checks = validation::compare_with_baseline(StoredRun{}, baseline);
  BOOST_TEST(failed(checks).size() == checks.size());
}

BOOST_AUTO_TEST_CASE(accepting_a_run_without_fits_leaves_the_others_on_guard) {
  Baseline baseline = accepted({{}, {}, {}, {10, 10, 10, 0}});
  auto checks = validation::compare_with_baseline(run_with({}, 40.0), baseline);
  BOOST_TEST(failed(checks) == Names{"opg.lambda_rms_a"}, boost::test_tools::per_element());
  checks = validation::compare_with_baseline(run_with({}, 4.0), baseline);
  BOOST_TEST(failed(checks) == Names{}, boost::test_tools::per_element());
  checks = validation::compare_with_baseline(run_with({10, 10, 10, 0}), baseline);
  BOOST_TEST(failed(checks) == Names{}, boost::test_tools::per_element()); // it has been accepted once
}

BOOST_AUTO_TEST_CASE(twenty_runs_that_are_no_worse_pass) {
  core::RandomStream random(3, "test.counts", {});
  const auto part = [&random](int of, double share) {
    int n = 0;
    for (int i = 0; i < of; ++i)
      n += random.uniform() < share ? 1 : 0;
    return n;
  };
  const auto draw = [&] {
    Numbers n;
    n.truth = 3 + part(4, 0.5);
    n.matched = part(n.truth, 0.45);
    n.model = n.matched + part(4, 0.5);
    n.compared = part(n.matched, 0.5);
    return n;
  };
  const Baseline baseline = accepted({draw(), draw(), draw(), draw()});
  int without_fits = 0;
  for (int k = 0; k < 20; ++k) {
    const Numbers n = draw();
    without_fits += n.compared == 0 ? 1 : 0;
    BOOST_TEST(failed(validation::compare_with_baseline(run_with(n), baseline)) == Names{},
               boost::test_tools::per_element());
  }
  BOOST_TEST(without_fits >= 3); // or the test says little
}

BOOST_AUTO_TEST_SUITE_END()
