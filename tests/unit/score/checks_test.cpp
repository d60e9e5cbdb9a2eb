#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "validation/score/checks.hpp"
#include "validation/score/frame_score.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

BOOST_AUTO_TEST_SUITE(checks)

using namespace aet;
using validation::CheckStatus;
using validation::Direction;

namespace {

validation::FrameScore frame(const std::string& name, double recall) {
  validation::FrameScore score;
  score.name = name;
  score.figures = {validation::known("atoms.recall", recall),
                   validation::unknown("order.q6_rms", "no column q6")};
  return score;
}

} // namespace

BOOST_AUTO_TEST_CASE(limits_in_both_directions) {
  const auto recall = validation::known("atoms.recall", 0.95);
  const auto status = [&](Direction direction, double limit) {
    return validation::evaluate_check({"atoms.recall", direction, limit}, &recall, "t000").status;
  };
  BOOST_TEST((status(Direction::at_least, 0.95) == CheckStatus::pass)); // the limit itself passes
  BOOST_TEST((status(Direction::at_least, 0.96) == CheckStatus::fail));
  BOOST_TEST((status(Direction::at_most, 0.95) == CheckStatus::pass));
  BOOST_TEST((status(Direction::at_most, 0.94) == CheckStatus::fail));
}

BOOST_AUTO_TEST_CASE(every_frame_must_keep_a_limit) {
  const auto checks = validation::evaluate_checks({frame("t000", 0.99), frame("t001", 0.90)},
                                                  {{"atoms.recall", Direction::at_least, 0.95}});
  BOOST_REQUIRE(checks.size() == 2U);
  BOOST_TEST((checks[0].status == CheckStatus::pass));
  BOOST_TEST((checks[1].status == CheckStatus::fail));
  BOOST_TEST(checks[1].frame == "t001");
  BOOST_TEST(test::contains(checks[1].reason, "0.9 is below the limit 0.95"));
  BOOST_TEST((validation::verdict(checks) == CheckStatus::fail));
}

BOOST_AUTO_TEST_CASE(not_assessed_never_passes) {
  const std::vector<validation::CheckSpec> specs{{"atoms.recall", Direction::at_least, 0.5},
                                                 {"order.q6_rms", Direction::at_most, 0.1},
                                                 {"volume.r1", Direction::at_most, 0.1}};
  const auto checks = validation::evaluate_checks({frame("t000", 0.99)}, specs);
  BOOST_TEST((checks[1].status == CheckStatus::not_assessed));
  BOOST_TEST(checks[1].reason == "no column q6");
  BOOST_TEST(!checks[1].value.has_value());
  BOOST_TEST((checks[2].status == CheckStatus::not_assessed)); // this frame lacks the figure altogether
  BOOST_TEST((validation::verdict(checks) == CheckStatus::not_assessed));
  BOOST_TEST((validation::verdict({}) == CheckStatus::not_assessed));
  BOOST_TEST((validation::verdict(validation::evaluate_checks({}, specs)) == CheckStatus::not_assessed));
  BOOST_TEST((validation::verdict({checks[0]}) == CheckStatus::pass));
  // A figure that is not a number is no figure.
  const auto nan = validation::known("atoms.recall", std::numeric_limits<double>::quiet_NaN());
  BOOST_TEST((validation::evaluate_check(specs[0], &nan, "").status == CheckStatus::not_assessed));
}

BOOST_AUTO_TEST_CASE(close_misses_are_told_with_enough_digits) {
  const auto rmsd = validation::known("atoms.rmsd_pm", 50.0000001);
  const auto result = validation::evaluate_check({"atoms.rmsd_pm", Direction::at_most, 50.0}, &rmsd, "");
  BOOST_TEST((result.status == CheckStatus::fail));
  BOOST_TEST(test::contains(result.reason, "50.0000001 pm is above the limit 50 pm"));
}

BOOST_AUTO_TEST_CASE(unknown_names_are_errors_with_a_suggestion) {
  const auto message = [](const std::string& name, double limit) {
    return test::message_of<core::ConfigError>([&] {
      validation::check({name, Direction::at_least, limit});
    });
  };
  BOOST_TEST(test::contains(message("atoms.recal", 1.0), "did you mean atoms.recall?"));
  BOOST_TEST(test::contains(message("atoms.by_species.Pt.recal", 1.0), "did you mean"));
  BOOST_TEST(test::contains(message("atoms.recall", std::numeric_limits<double>::infinity()), "finite"));
  BOOST_CHECK_NO_THROW(validation::check({"atoms.by_species.Pt.recall", Direction::at_least, 0.9}));
}

BOOST_AUTO_TEST_SUITE_END()
