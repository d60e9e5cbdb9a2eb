#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/score/score_json.hpp"
#include "validation/stages/conclusion.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

BOOST_AUTO_TEST_SUITE(conclusions)

using namespace aet;
using namespace aet::validation;

namespace {

Conclusion conclude(const RunScores& scores) {
  const test::TemporaryFolder folder;
  core::write_file(folder / "scores.json", json_text(score_json(scores)));
  return read_conclusion(folder / "scores.json");
}

RunScores scores_with(double limit) {
  core::Atoms atoms;
  for (int i = 0; i < 20; ++i) {
    atoms.positions.emplace_back(2.7 * (i % 3), 2.8 * (i / 3 % 3), 2.9 * (i / 9));
    atoms.atomic_numbers.push_back(78);
  }
  RunScores scores;
  scores.frames.push_back(score_frame("t000", atoms, atoms));
  scores.checks = evaluate_checks(scores.frames, {{"atoms.recall", Direction::at_least, limit}});
  return scores;
}

} // namespace

BOOST_AUTO_TEST_CASE(pass_and_fail) {
  const Conclusion pass = conclude(scores_with(0.95));
  BOOST_TEST(!pass.failed);
  BOOST_TEST(test::contains(pass.text, "20 of 20 atoms", "verdict: pass (1 checks)"));
  const Conclusion fail = conclude(scores_with(1.5));
  BOOST_TEST(fail.failed);
  BOOST_TEST(
      test::contains(fail.sentence, "1 of 1 checks failed", "t000 atoms.recall is 1.0000", "at least 1.5"));
}

BOOST_AUTO_TEST_CASE(a_file_of_another_kind_is_refused) {
  const test::TemporaryFolder folder;
  core::write_file(folder / "scores.json", "{}");
  BOOST_TEST(test::contains(
      test::message_of<core::DataError>([&] { (void)read_conclusion(folder / "scores.json"); }),
      "scores.json", "not a usable scores file"));
}

BOOST_AUTO_TEST_SUITE_END()
