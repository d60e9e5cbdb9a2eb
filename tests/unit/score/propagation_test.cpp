#include "sim/core/error.hpp"
#include "tests/support/crystals.hpp"
#include "validation/score/analysis_figures.hpp"
#include "validation/score/propagation_figure.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

BOOST_AUTO_TEST_SUITE(propagation)

using namespace aet;
using namespace aet::validation;
using namespace aet::test;

BOOST_AUTO_TEST_CASE(errors_grow_and_none_is_none) {
  core::Atoms atoms = fcc_ball(3.92, 12.0);
  core::RandomStream random(1, "test.fading");
  for (Vec3& p : atoms.positions) {
    const double s = 0.03 + 0.03 * p.norm();
    p += s * Vec3(random.normal(), random.normal(), random.normal());
  }
  const Analyse analyse = [](const core::Atoms& a) {
    return analysis::analyze_moment(a, {.neighbour_cutoff_a = 3.6, .nuclei = {.min_atoms = 20}});
  };
  const auto points = propagate_errors(atoms, analyse, {.rms_pm = {0, 20, 60}, .trials = 2});
  BOOST_REQUIRE_EQUAL(points.size(), 3U);
  BOOST_TEST(points[0].f1 == 1.0);
  BOOST_TEST(*points[0].alpha_rms == 0.0);
  BOOST_TEST(*points[1].alpha_rms > 0.0);
  BOOST_TEST(*points[2].alpha_rms > *points[1].alpha_rms);
  BOOST_TEST(to_json(points)[2]["rms_pm"] == 60.0);
  const std::string svg = propagation_svg({{"a < b", false, points}});
  BOOST_TEST(svg.starts_with("<svg"));
  BOOST_TEST(svg.find("a &lt; b") != std::string::npos);
  BOOST_CHECK_EXCEPTION((void)propagate_errors(atoms, analyse, {.rms_pm = {-1}}), core::ConfigError,
                        says("-1 pm"));
  BOOST_CHECK_EXCEPTION((void)propagate_errors(atoms, analyse, {.rms_pm = {}}), core::ConfigError,
                        says("no size of error"));
}

BOOST_AUTO_TEST_CASE(a_comparison_becomes_figures) {
  AnalysisComparison c;
  c.nuclei_truth = 3;
  c.nuclei_missed = 1;
  c.f1 = 0.8;
  c.size = {2, 0.1, 0.2, {}};
  const Figures figures = comparison_figures(to_json(c));
  BOOST_TEST(*find(figures, "nuclei.missed")->value == 1.0);
  BOOST_TEST(*find(figures, "nuclei.size_rms")->value == 0.2);
  BOOST_TEST(!find(figures, "opg.barrier_rms")->value.has_value());
  BOOST_TEST(!find(figures, "opg.barrier_rms")->reason.empty());
  EventConfusion table{};
  table[0][0] = 3;
  table[2][4] = 1;
  const Figures events = event_figures(to_json(table));
  BOOST_TEST(*find(events, "dynamics.event_accuracy")->value == 0.75);
  BOOST_TEST(*find(events, "dynamics.event_nucleate_as_none")->value == 1.0);
  BOOST_TEST(find(events, "dynamics.event_merge_as_divide") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
