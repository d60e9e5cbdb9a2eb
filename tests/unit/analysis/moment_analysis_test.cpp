#include "analysis/moment/analysis_json.hpp"
#include "analysis/moment/moment_analysis.hpp"
#include "sim/core/error.hpp"
#include "tests/support/crystals.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

BOOST_AUTO_TEST_SUITE(frame)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;
using nlohmann::json;

namespace {

/// A crystalline ball in a disordered particle: atoms outside `radius` about `centre` are shaken by 0.55 A.
core::Atoms seed_in_liquid(const Vec3& centre, double radius, std::uint64_t seed) {
  core::Atoms atoms = fcc_ball(3.92, 16.0);
  core::RandomStream random(seed, "test.matrix");
  for (Vec3& p : atoms.positions) {
    const double sigma = (p - centre).norm() < radius ? 0.08 : 0.55;
    p += sigma * Vec3(random.normal(), random.normal(), random.normal());
  }
  return atoms;
}

/// Every number finite, every null explained.
void check_nulls(const json& node, const std::string& path) {
  if (node.is_array())
    for (std::size_t k = 0; k < node.size(); ++k)
      if (!node[k].is_null()) check_nulls(node[k], path + "/" + std::to_string(k)); // ids of absent nuclei
  if (!node.is_object()) return;
  for (const auto& [key, value] : node.items()) {
    if (value.is_null()) {
      BOOST_TEST_CONTEXT(path + "/" + key) {
        BOOST_REQUIRE(node.contains(key + "_reason"));
        BOOST_TEST(!node[key + "_reason"].get<std::string>().empty());
      }
    }
    check_nulls(value, path + "/" + key);
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_seed_in_a_liquid) {
  const Vec3 centre(-3, 2, 4);
  // Within the first minimum of g(r): at 3.8 A heat of 0.08 A brings the second shell in and out.
  AnalysisOptions options;
  options.cutoff_rule = CutoffRule::first_minimum;
  const MomentAnalysis result =
      analyze_moment(seed_in_liquid(centre, 9.0, 1), options, core::Threads{2}, "t004");
  BOOST_TEST(result.name == "t004");
  BOOST_TEST(std::abs(*result.first_peak_a.value - 2.77) < 0.15);
  BOOST_TEST(std::abs(result.mean_neighbours - 11.0) < 1.5);
  BOOST_TEST(std::abs(*result.voronoi_volume_mean_a3.value - 15.06) < 0.8);
  BOOST_REQUIRE(!result.nuclei.empty());
  const auto& nucleus_column = result.atoms.columns.at("nucleus");
  const auto& alpha = result.atoms.columns.at("alpha");
  std::size_t inside = 0;
  std::size_t claimed = 0;
  for (std::size_t i = 0; i < result.atoms.size(); ++i) {
    if ((result.atoms.positions[i] - centre).norm() > 6.0)
      continue; // the averaged parameter sees one shell around
    ++inside;
    claimed += nucleus_column[i] >= 0.0 ? 1 : 0;
    BOOST_TEST(alpha[i] > 0.8);
  }
  BOOST_TEST(claimed == inside);
  BOOST_TEST((result.nuclei[0].nucleus.core_position - centre).norm() < 5.0);
  BOOST_TEST(result.nuclei[0].nucleus.alpha0 > 0.9);
  for (const NucleusReport& report : result.nuclei) {
    BOOST_TEST(report.nucleus.atoms.size() >= 31U);
    BOOST_TEST(report.sphericity.value.value_or(0.5) <= 1.0);
    BOOST_TEST(report.sphericity.value.value_or(0.5) > 0.2);
    BOOST_TEST(*report.effective_surface_a2.value > 0.0);
  }
  std::size_t counted = 0;
  for (const std::size_t c : result.histogram_counts)
    counted += c;
  BOOST_TEST(counted == result.atoms.size());
  BOOST_TEST(result.histogram_edges.size() == result.histogram_counts.size() + 1);
}

BOOST_AUTO_TEST_CASE(the_effective_surface_of_a_ball) {
  // With alpha falling linearly from 1 at the centre to 0 at R, |gradient| = 1/R, so the integral over the
  // ball is its volume / R; members reach to alpha = 0.3, r = 0.7 R. Checked through the pieces on a field
  // given by hand, in analyze_moment's own way, by a perfect crystal: alpha = 1 inside, no gradient, no
  // effective surface.
  const core::Atoms bulk = fcc(3.92, 5);
  const MomentAnalysis result = analyze_moment(bulk);
  BOOST_REQUIRE(result.nuclei.size() == 1U);
  BOOST_TEST(result.nuclei[0].nucleus.atoms.size() == bulk.size());
  BOOST_TEST(std::abs(*result.nuclei[0].effective_surface_a2.value) < 1e-9);
  BOOST_TEST(std::abs(result.alpha_mean - 1.0) < 1e-6);
  BOOST_TEST(result.crystalline_fraction == 1.0);
  BOOST_TEST(result.flagged_atoms == 0U);
  BOOST_TEST(!result.nuclei[0].depth_a.value.has_value());
  BOOST_TEST(result.nuclei[0].depth_a.reason == "there is no surface");
  BOOST_TEST(!result.nuclei[0].opg.fit.has_value());
  double volume = 0.0;
  for (const double v : result.atoms.columns.at("voronoi_volume"))
    volume += v;
  BOOST_TEST(std::abs(volume - std::pow(5 * 3.92, 3)) < 1e-6);
}

BOOST_AUTO_TEST_CASE(threads_and_order_of_atoms_leave_no_trace) {
  const core::Atoms atoms = seed_in_liquid(Vec3(0, 0, 5), 8.0, 2);
  const auto order = shuffle(atoms.size(), 3);
  const MomentAnalysis one = analyze_moment(atoms, {}, core::Threads{1});
  const MomentAnalysis two = analyze_moment(atoms, {}, core::Threads{2});
  BOOST_TEST(to_json(one).dump() == to_json(two).dump());
  const MomentAnalysis listed = analyze_moment(permuted(atoms, order));
  // The ellipsoid behind g(r) sums over atoms as they come: equal to rounding. Everything after the cut-off
  // is exact.
  BOOST_TEST(listed.neighbour_cutoff_a == one.neighbour_cutoff_a);
  for (std::size_t i = 0; i < order.size(); ++i) {
    BOOST_TEST(listed.atoms.columns.at("alpha")[i] == one.atoms.columns.at("alpha")[order[i]]);
    BOOST_TEST(listed.atoms.columns.at("nucleus")[i] == one.atoms.columns.at("nucleus")[order[i]]);
  }
}

BOOST_AUTO_TEST_CASE(more_degrees_rules_and_directions_on_request) {
  const core::Atoms atoms = seed_in_liquid(Vec3(0, 0, 0), 9.0, 6);
  AnalysisOptions options;
  options.cutoff_rule = CutoffRule::first_minimum;
  options.rules = true;
  options.degrees = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  options.own_shell = options.third_order = options.structure = options.directions = true;
  const MomentAnalysis rich = analyze_moment(atoms, options);
  AnalysisOptions few;
  few.cutoff_rule = options.cutoff_rule;
  const MomentAnalysis plain = analyze_moment(atoms, few);
  BOOST_TEST(rich.atoms.columns.at("alpha") == plain.atoms.columns.at("alpha"));
  for (int l = 2; l <= 12; ++l)
    for (const std::string& name :
         {"q" + std::to_string(l), "q" + std::to_string(l) + "_own", "w" + std::to_string(l)})
      BOOST_TEST(rich.atoms.columns.contains(name), name);
  const std::size_t core = rich.nuclei.front().nucleus.root;
  BOOST_TEST(rich.atoms.columns.at("structure")[core] == 1.0); // fcc
  BOOST_TEST(rich.structures.at("fcc") > 30U);
  BOOST_REQUIRE(rich.nuclei.front().directions.size() == 3U);
  BOOST_REQUIRE(rich.rules.size() == 4U); // joined, each maximum, solid bonds, common neighbours
  BOOST_TEST(rich.rules[0].nuclei == rich.nuclei.size());
  BOOST_TEST(rich.rules[0].largest_atoms == rich.nuclei.front().nucleus.atoms.size());
  for (const CrystalRuleResult& row : rich.rules) {
    BOOST_TEST(row.crystalline_fraction > 0.05, row.rule); // the ball holds a sixth of the atoms
    BOOST_TEST(row.crystalline_fraction < 0.6, row.rule);
    BOOST_TEST(row.nuclei >= 1U, row.rule);
  }
  // Along <110> the nearest shell of the core is seen, at a neighbour's distance.
  const auto& along = rich.nuclei.front().directions[1];
  BOOST_TEST(along.family == "110");
  BOOST_TEST(along.profile.size() >= 3U);
  for (const bool voronoi : {true, false}) {
    AnalysisOptions rule = few;
    rule.rule = voronoi ? NeighbourRule::voronoi : NeighbourRule::nearest;
    const MomentAnalysis other = analyze_moment(atoms, rule);
    if (!voronoi) BOOST_TEST(other.mean_neighbours == 12.0);
    BOOST_TEST(std::abs(other.atoms.columns.at("alpha")[core] - plain.atoms.columns.at("alpha")[core]) < 0.1);
    BOOST_TEST((other.nuclei.front().site_kind == plain.nuclei.front().site_kind));
  }
  check_nulls(to_json(rich), "");
}

BOOST_AUTO_TEST_CASE(sites_are_told_by_depth) {
  const MomentAnalysis deep = analyze_moment(seed_in_liquid(Vec3(0, 0, 0), 7.0, 4));
  BOOST_REQUIRE(!deep.nuclei.empty());
  BOOST_TEST((deep.nuclei[0].site == Site::subsurface));
  const MomentAnalysis shallow =
      analyze_moment(seed_in_liquid(Vec3(0, 0, 14), 9.0, 5), {.nuclei = {.threshold = 0.5}});
  BOOST_REQUIRE(!shallow.nuclei.empty());
  BOOST_TEST((shallow.nuclei[0].site == Site::surface));
}

BOOST_AUTO_TEST_CASE(json_holds_what_the_report_reads) {
  std::vector<MomentAnalysis> frames;
  for (std::uint32_t f = 0; f < 3; ++f)
    frames.push_back(analyze_moment(seed_in_liquid(Vec3(0, 0, 2), 6.0 + 2.0 * f, 10 + f), {},
                                    core::Threads{2}, "t00" + std::to_string(f)));
  const json out = to_json(frames, analyze_dynamics(frames));
  check_nulls(out, "");
  BOOST_TEST(out["frames"].size() == 3U);
  for (const char* key : {"name", "atoms", "neighbour_cutoff_a", "first_peak_a", "mean_neighbours", "q4_mean",
                          "q6_mean", "alpha_mean", "crystalline_fraction", "flagged_atoms",
                          "voronoi_volume_mean_a3", "g_r", "alpha_histogram", "nuclei"})
    BOOST_TEST(out["frames"][0].contains(key), key);
  const json& nucleus = out["frames"][2]["nuclei"][0];
  for (const char* key :
       {"id", "core_atoms", "core_position_a", "atoms", "effective_atoms", "effective_surface_a2",
        "sphericity", "alpha0", "depth_a", "site", "profile", "opg", "opg_reason"})
    BOOST_TEST(nucleus.contains(key), key);
  BOOST_TEST(nucleus["profile"]["r_a"].size() == nucleus["profile"]["alpha"].size());
  BOOST_TEST(!out["common_nuclei"].empty());
  for (const json& common : out["common_nuclei"])
    BOOST_TEST(common["ids"].size() == 3U);
  BOOST_TEST(json::parse(out.dump()) == out); // no infinity or "not a number" hides in it
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  core::Atoms one;
  one.positions = {Vec3::Zero()};
  one.atomic_numbers = {78};
  BOOST_CHECK_EXCEPTION((void)analyze_moment(one, {}, {}, "t001"), core::DataError,
                        says("t001: order analysis needs at least two atoms"));
  core::Atoms two = one;
  two.positions.emplace_back(2.7, 0, 0);
  two.atomic_numbers.push_back(78);
  BOOST_CHECK_EXCEPTION((void)analyze_moment(two, {.cutoff_rule = CutoffRule::first_minimum}),
                        core::DataError, says("give the neighbour cut-off"));
  BOOST_TEST(analyze_moment(two).neighbour_cutoff_a == 3.8); // Pt
  const MomentAnalysis pair = analyze_moment(two, {.neighbour_cutoff_a = 3.5});
  BOOST_TEST(pair.flagged_atoms == 2U);
  BOOST_TEST(!pair.voronoi_volume_mean_a3.value.has_value());
  check_nulls(to_json(pair), "");
  BOOST_CHECK_EXCEPTION((void)analyze_moment(two, {.neighbour_cutoff_a = 3.5, .min_neighbours = 0}),
                        core::ConfigError, says("at least 1"));
  BOOST_CHECK_EXCEPTION((void)analyze_moment(two, {.neighbour_cutoff_a = 3.5, .histogram_step = 0.0}),
                        core::ConfigError, says("histogram"));
}

BOOST_AUTO_TEST_SUITE_END()
