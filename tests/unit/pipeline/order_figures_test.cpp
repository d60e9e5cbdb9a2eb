#include "validation/score/order_figures.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(order_figures_of_a_run)

using namespace aet::validation;
using nlohmann::json;

namespace {

json frame_with(const std::vector<json>& fits) {
  json frame{{"nuclei", json::array()}};
  for (const json& fit : fits)
    frame["nuclei"].push_back({{"opg", fit}});
  return frame;
}

json fit(double alpha0, double lambda, double beta) {
  return {{"alpha0", alpha0}, {"lambda_a", lambda}, {"beta", beta}};
}

double value(const Figures& figures, const std::string& name) {
  return find(figures, name)->value.value();
}

} // namespace

BOOST_AUTO_TEST_CASE(matched_fits_are_compared_pair_by_pair) {
  NucleiMatch match;
  match.pairs = {{.truth = 0, .model = 1}, {.truth = 1, .model = 0}, {.truth = 2, .model = 2}};
  const json truth = frame_with({fit(0.8, 10, 2), fit(0.5, 6, 1), nullptr});
  const json model = frame_with({fit(0.6, 6, 1), fit(0.8, 13, 2), fit(1, 1, 1)});
  const Figures figures = opg_figures(truth, model, match);
  BOOST_TEST(value(figures, "opg.compared") == 2.0);
  BOOST_TEST(std::abs(value(figures, "opg.alpha0_rms") - std::sqrt(0.01 / 2)) < 1e-12);
  BOOST_TEST(std::abs(value(figures, "opg.lambda_rms_a") - std::sqrt(9.0 / 2)) < 1e-12);
  BOOST_TEST(value(figures, "opg.beta_rms") == 0.0);
}

BOOST_AUTO_TEST_CASE(nothing_to_compare_has_no_value_but_a_reason) {
  const Figures figures = opg_figures(frame_with({}), frame_with({}), NucleiMatch{});
  BOOST_TEST(!find(figures, "opg.alpha0_rms")->value);
  BOOST_TEST(!find(figures, "opg.alpha0_rms")->reason.empty());
  BOOST_TEST(value(figures, "opg.compared") == 0.0);
  // Where nobody looked for nuclei, their number is not 0 but unknown.
  BOOST_TEST(!find(opg_figures(frame_with({}), frame_with({}), {}), "opg.compared")->value);
}

BOOST_AUTO_TEST_CASE(dynamics_are_counted) {
  const json truth{
      {"common_nuclei", {{{"class", "growing"}}, {{"class", "growing"}}, {{"class", "dissolving"}}}},
      {"events", {{{"kind", "merge"}}}}};
  const json model{{"common_nuclei", json::array()}, {"events", json::array()}};
  const Figures figures = dynamics_figures(truth, model);
  BOOST_TEST(value(figures, "dynamics.common_truth") == 3.0);
  BOOST_TEST(value(figures, "dynamics.growing_truth") == 2.0);
  BOOST_TEST(value(figures, "dynamics.events_merge_truth") == 1.0);
  BOOST_TEST(value(figures, "dynamics.growing_model") == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
